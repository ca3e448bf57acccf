"""Sending organisations: what each platform does with mail that it cannot hand over, many at a time."""
