"""Mistakes that a well-formed file can still have: `mxdrill scenarios lint`."""
