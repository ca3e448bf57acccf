"""Shared parts of the sub-commands: arguments, exit statuses, kept drills, texts of probes, signals."""
