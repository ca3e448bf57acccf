"""Sentences of a debrief, each on one thing that is worth one."""
