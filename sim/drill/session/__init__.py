"""The one door to a drill, its journal, and what plays a runbook through it."""
