"""A delivery queue and the receiver behind it: attempts, pauses, retention, the outcome of each message."""
