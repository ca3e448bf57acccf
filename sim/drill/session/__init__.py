"""The only entry point to a drill, with its journal, and the player that gives a runbook's commands."""
