"""A plan compared with completed drills: when each step was due, given and done, and how long it took."""
