"""Both ends of the sending hop: the senders, and the hosts that they reach (MX routes, busy lines,
greylisting).
"""
