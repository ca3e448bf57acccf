"""Mistakes that a file can have although every part of it is well formed."""
