"""Both ends of that hop: who sends, and the hosts they meet (MX routes, busy lines, greylisting)."""
