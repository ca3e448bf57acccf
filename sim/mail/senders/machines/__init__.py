"""Platforms whose messages influence each other, played event by event."""
