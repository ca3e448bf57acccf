"""Who sends, and the hosts that they meet: answers, busy lines, greylists, MX routes."""
