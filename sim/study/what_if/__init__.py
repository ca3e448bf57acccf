"""One drill played otherwise: the worth of each command, and two futures before the next one."""
