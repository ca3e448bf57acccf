"""How the console's process gets memory: freed memory stays with it, and there are no huge pages."""

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Parameters of mallopt(3)."""
_PR_SET_THP_DISABLE = 41
"""Option of prctl(2)."""
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


def use_small_pages() -> bool:
    """Make Linux give this process and its children memory in small pages only. False elsewhere.

    Numpy asks for huge pages for columns of four megabytes or more. Before the first use of such a page, the
    system has to find and clear two megabytes in one piece, and on a fragmented machine it moves other memory
    out of the way: a frame takes several times as long.
    """
    return sys.platform == "linux" and not ctypes.CDLL(None).prctl(_PR_SET_THP_DISABLE, 1, 0, 0, 0)
