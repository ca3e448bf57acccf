"""Composes the snapshot that the console shows from the readings of the instruments."""
