"""Messages of machines that fare alike, as columns: those that only wait, and those that have ended."""
