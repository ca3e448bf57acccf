"""One drill with a difference: the worth of each command given, and two futures of the next one."""
