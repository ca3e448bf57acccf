"""Copies of a drill at earlier moments, each a forked process; a replay gives the same drill."""
