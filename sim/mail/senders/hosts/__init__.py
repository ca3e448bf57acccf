"""Both ends of that hop: the senders, and the hosts that they reach (MX routes, busy lines, greylisting)."""
