"""A drill around the simulated mail: its files, people, instruments, commands, scoring and journal."""
