"""One seat: its screen, its desk, the driver without a terminal, and its client's buffer."""
