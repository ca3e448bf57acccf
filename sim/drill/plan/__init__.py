"""Continuity plans: steps with owners and random durations, people, places, and the promises to be
checked.
"""
