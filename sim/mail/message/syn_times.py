"""Times at which a sender repeats the packet that opens a connection."""

SYN_MS = (0, 1_000, 3_000, 7_000, 15_000, 31_000, 63_000, 127_000)
"""Milliseconds from the beginning of a connection attempt: after 1 s, then doubling (RFC 6298 §2, §5.5)."""
