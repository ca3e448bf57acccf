"""Everything a person can do, one class per command; the palette, completion, help and reference are made
from these.
"""
