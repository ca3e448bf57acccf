"""Access to a shared exercise: browsers, SSH, tokens, limits, and the clock that all seats share."""
