"""One drill run differently: the value of each command, and two futures before the next one."""
