"""Runs a drill on the console: the clock that drives it, its commands and replies."""
