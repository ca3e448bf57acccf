"""A tabletop exercise: seats with their rights around one drill, and what each of them may know."""
