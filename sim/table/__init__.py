"""A tabletop exercise: seats with their rights around one drill, and the facts that each seat may know."""
