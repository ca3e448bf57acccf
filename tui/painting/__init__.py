"""Layout, colours and fixed forms of text, number and time for the console."""
