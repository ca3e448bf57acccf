"""Memory of the console's process: freed memory is kept, pages are small, and some are cleared in advance."""

import asyncio
import ctypes
import sys
from collections.abc import MutableSequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the first paint does not wait for it
    import numpy as np
    from numpy.typing import NDArray

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


RENEW_S = 1.0
"""Wall time after which memory is made ready again."""
_BLOCK = 8 << 20
_PAGE = 1 << 12
_FOR_A_USER = 12 << 10
"""A user may have 200 messages in the queue, of 64 octets each."""


class ReadyMemory:
    """Free memory that the system has already cleared, so that a change of the whole queue gets it at once.

    It is taken, cleared by its first use in another thread, and freed again. If the C library does not keep
    freed memory, or the process has reached its limit, no memory is made ready.
    """

    def __init__(self, users: int) -> None:
        """`users`: the number of users in the drill; a small organisation needs none."""
        count = min(users * _FOR_A_USER, KEPT // 2) // _BLOCK
        self._count = count if count and keep_freed_memory() else 0
        self._under_way: asyncio.Future[None] | None = None

    def renew(self) -> None:
        """Make the memory ready again if it has been used; called in the event loop now and then."""
        if not self._count or (self._under_way is not None and not self._under_way.done()):
            return
        try:
            blocks = self.blocks()
        except MemoryError:  # the drill itself may need the rest
            self._count = 0
            return
        self._under_way = asyncio.get_running_loop().run_in_executor(None, clear, blocks)

    def blocks(self) -> "list[NDArray[np.uint8]]":
        """The memory, not cleared yet."""
        import numpy as np

        return [np.empty(_BLOCK, dtype=np.uint8) for _ in range(self._count)]


def clear(blocks: "MutableSequence[NDArray[np.uint8]]") -> None:
    """Use every page of the blocks once, then free them."""
    while blocks:
        blocks.pop()[::_PAGE] = 0
