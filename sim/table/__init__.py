"""A tabletop exercise: seats and their rights around one drill, and the facts that each seat may know."""
