"""Shared parts of `mxdrill debrief`: regret on all cores, and its rows and text."""
