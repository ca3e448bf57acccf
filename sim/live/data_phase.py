"""Reads the content of a message over SMTP (RFC 5321 4.1.1.4), with limits on size and memory.

Content is read in the pieces in which it arrives, not line by line, so that the cost of a message depends on
its size and not on the length of its lines.
"""

import ctypes
import sys
from asyncio import StreamReader
from dataclasses import dataclass

TOO_LARGE = "552 5.3.4 Message is larger than this server accepts"
NO_ROOM = "452 4.3.1 Too many messages are being received at once, try again later"

ENCRYPTED = 100
"""Maximum number of encrypted connections to all servers of a lab."""

_M_MMAP_THRESHOLD = -3
"""The parameter M_MMAP_THRESHOLD of mallopt(3)."""
_BLOCK = 1 << 20
_END = b"\r\n.\r\n"
_ALL = sys.maxsize


def return_large_blocks() -> None:
    """Make glibc return each freed block of a megabyte or more to the system at once.

    By default it stops doing so after the first such block, and a few messages of 25 MB then leave 100 MB of
    holes.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _BLOCK)


@dataclass(slots=True)
class Room:
    """The remaining memory, in octets, for messages that are not acknowledged yet.

    `encrypted`: number of further encrypted connections that are possible; each takes some 600 kB.
    """

    free: int
    encrypted: int = ENCRYPTED

    def reserve(self) -> "Reserved":
        """A new part for one message; it is empty at first."""
        return Reserved(self)


@dataclass(slots=True)
class Reserved:
    """The part of a `Room` that one message takes, from its first octet to its acknowledgement."""

    room: Room
    octets: int = 0

    def take(self, octets: int) -> bool:
        """Reserve more. Returns False, and reserves nothing, if there is not enough room."""
        if octets > self.room.free:
            return False
        self.room.free -= octets
        self.octets += octets
        return True

    def give_back(self) -> None:
        """Return the memory, because the message is no longer in it. Does nothing if nothing is reserved."""
        self.room.free += self.octets
        self.octets = 0


async def receive(reader: StreamReader, limit: int, room: Reserved) -> bytearray | str:
    """The content up to the lone dot, with dot-stuffing removed; or the reply that refuses the message.

    A refused message is read to its end and discarded, and its memory is returned. Data after the dot stays
    in `reader`. Raises ConnectionResetError if the client disconnects before the end.
    """
    data = bytearray(b"\r\n")  # represents the line end before the content, which may begin with the lone dot
    try:
        return await _read(reader, data, limit, room)
    except BaseException:
        # the task and its error refer to each other, and would keep the data until a garbage collection
        data.clear()
        raise


async def _read(reader: StreamReader, data: bytearray, limit: int, room: Reserved) -> bytearray | str:
    """Read the rest of the content, as in `receive`; `data` holds what has been read so far."""
    refused = ""
    while True:
        piece = await reader.read(_ALL)
        if not piece:
            raise ConnectionResetError("the client disconnected before the end of its message")
        if not refused and not room.take(len(piece)):
            refused = NO_ROOM
        looked_at = max(0, len(data) - len(_END) + 1)
        data += piece
        end = data.find(_END, looked_at)
        if end >= 0:
            if after := bytes(data[end + len(_END) :]):
                reader.feed_data(after)  # `read` has emptied the buffer, so this comes next
            if not refused and end > limit:
                refused = TOO_LARGE
            if refused:
                room.give_back()
                return refused
            return _without_stuffing(data, end + 2)
        if not refused and len(data) > limit + len(_END) + 2:
            refused = TOO_LARGE
        if refused:
            room.give_back()
            del data[: -len(_END) + 1]


def _without_stuffing(data: bytearray, end: int) -> bytearray:
    """The content in `data`, which begins with a line end of its own, up to `end`. A message can have 25
    MB, so it is copied only if there are dots to remove.
    """
    del data[end:]
    del data[: 3 if data[2:3] == b"." else 2]
    return data.replace(b"\r\n.", b"\r\n") if b"\r\n." in data else data
