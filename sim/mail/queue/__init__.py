"""A delivery queue and the receiver behind it: attempts, pauses, retention, each message's outcome."""
