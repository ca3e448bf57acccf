"""Sub-commands of `mxdrill table` around an exercise: MSEL out and in, the printable pack, teams compared."""
