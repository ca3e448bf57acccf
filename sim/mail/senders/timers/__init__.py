"""Platforms with a timer for each message, many messages at a time."""
