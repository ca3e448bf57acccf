"""Both ends of the sending hop: senders, and the hosts they reach (MX routes, busy lines, greylisting)."""
