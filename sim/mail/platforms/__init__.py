"""Sending platforms: their files, what they make of a reply, and their retry rules."""
