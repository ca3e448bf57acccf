"""Many runs of one drill: the place for statistics over runs, empty so far."""
