"""Sentences of a debrief, each about one notable fact."""
