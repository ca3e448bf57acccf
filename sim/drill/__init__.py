"""Training on top of the world: scenario, commands, runbook, session, journal, replay."""
