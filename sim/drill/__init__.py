"""A drill around that world: its files, people, instruments, commands, scoring and journal."""
