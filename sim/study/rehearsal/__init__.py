"""A plan against drills that were played: when each step was due, given and done, and how long it took."""
