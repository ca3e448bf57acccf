"""The terminal face of the simulator: the command `mxdrill` and the console."""
