"""Copies of a drill at earlier moments, forked in a separate process; a replay gives the same results."""
