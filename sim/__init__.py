"""The simulator as a library: no screen, no terminal."""
