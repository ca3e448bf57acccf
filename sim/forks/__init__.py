"""Copies of a drill at earlier moments, by fork in a process of their own; a replay is their equal."""
