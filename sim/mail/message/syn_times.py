"""Times at which a sender repeats the packet that opens a connection."""

SYN_MS = (0, 1_000, 3_000, 7_000, 15_000, 31_000, 63_000, 127_000)
"""Times in ms, from the beginning of a connection attempt, at which SYN packets are sent: the first at
once, the next after 1 s, and then after waits that double each time (RFC 6298 §2, §5.5).
"""
