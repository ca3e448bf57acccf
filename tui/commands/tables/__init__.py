"""Sub-commands of `mxdrill table` that prepare an exercise: MSEL out and in, the printable pack."""
