"""Shared parts of the sub-commands: arguments, exit statuses, stored drills, text of probes, signals."""
