"""What the sub-commands share: arguments, exit statuses, files of drills, text of probes, signals."""
