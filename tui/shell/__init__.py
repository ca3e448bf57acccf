"""Shared parts of the sub-commands: arguments, exit statuses, saved drills, text of probes, signals."""
