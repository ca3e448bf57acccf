"""One drill run differently: the worth of each command, and two futures before the next one."""
