"""What the sub-commands share: arguments, exit statuses, kept drills, text of probes, signals."""
