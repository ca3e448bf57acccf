"""Instruments: they turn the truth into readings, each with its delay, its blind spots and its age."""
