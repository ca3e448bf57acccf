"""The debrief: facts of a finished drill as text, tables and charts."""
