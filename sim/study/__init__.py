"""Many runs of one plan, and exact statistics over them: the chance of each promise, and the causes."""
