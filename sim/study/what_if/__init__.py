"""One drill run differently: the value of each command, and the future with and without the next one."""
