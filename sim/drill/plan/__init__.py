"""Continuity plans: steps with owners and drawn durations, people, places, and the promises to be checked."""
