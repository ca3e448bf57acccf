"""Judged decisions of a run: the information available, the results, and decisions due but not taken."""
