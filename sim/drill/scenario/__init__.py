"""Scenario and runbook files: read, inherited, checked, and turned into the numbers of a world."""
