"""The terminal interface: the command `mxdrill` and the console."""
