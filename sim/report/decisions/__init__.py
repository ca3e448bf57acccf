"""Judged decisions of a run: the information available, how each turned out, and which were due and not
taken.
"""
