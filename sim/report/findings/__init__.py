"""Sentences of a debrief, each on one notable fact."""
