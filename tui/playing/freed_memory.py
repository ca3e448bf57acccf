"""Memory that the console's process keeps once it is freed, because getting it back takes time."""

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Parameters of mallopt(3)."""
KEPT = 256 << 20
"""The most free memory that stays with the process, in octets."""
LARGE = 32 << 20
"""A block of this size or more is returned to the system as soon as it is freed."""


def keep_freed_memory() -> bool:
    """Make glibc keep freed memory for the next columns. False if the C library has no such setting.

    By default it returns a column of two megabytes (250,000 messages) at once. The system then clears each of
    its 500 pages before they can be used again, which takes longer than most calculations with the column.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    return mallopt is not None and all(
        mallopt(parameter, octets)
        for parameter, octets in ((_M_MMAP_THRESHOLD, LARGE), (_M_TRIM_THRESHOLD, KEPT))
    )
