"""From readings to the snapshot that the console shows."""
