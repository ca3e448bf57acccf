"""Many runs of one drill: Monte Carlo, runbook checks, what-if, statistics."""
