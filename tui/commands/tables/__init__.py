"""Sub-commands of `mxdrill table` around an exercise: MSEL export and import, the printable pack, team
comparison.
"""
