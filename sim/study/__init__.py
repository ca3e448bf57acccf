"""Many runs of one plan, and exact statistics over them: the probability of each promise, and why."""
