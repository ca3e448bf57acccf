"""A tabletop exercise: seats with their rights around one drill, and the facts that each may know."""
