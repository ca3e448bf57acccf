"""One seat: its screen, its desk, the driver without a terminal, and the buffer for its client."""
