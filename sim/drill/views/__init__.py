"""Composes the snapshot that the console shows from what the instruments read."""
