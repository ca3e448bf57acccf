"""Judged decisions of a run: what was known, how each turned out, and which were due and not taken."""
