"""Continuity plans: steps with owners and random durations, people, places, and promises to be checked."""
