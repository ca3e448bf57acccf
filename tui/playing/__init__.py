"""A drill on the console: opening it, its clock, its commands and replies."""
