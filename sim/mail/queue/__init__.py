"""One delivery queue with one receiver behind it, exact and without a step per message."""
