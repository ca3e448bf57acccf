"""Sub-commands of `mxdrill table`: MSEL export and import, the printable pack, team comparison."""
