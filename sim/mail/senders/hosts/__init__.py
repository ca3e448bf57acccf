"""Both ends of the sending hop: senders, and the hosts that they reach (MX routes, lines, greylisting)."""
