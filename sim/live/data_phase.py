"""Reads the content of a message over SMTP (RFC 5321 4.1.1.4), with limits on size and memory.

Content is read in the pieces in which it arrives, not line by line, so the cost of a message depends on its
size and not on the length of its lines.
"""

import sys
from asyncio import StreamReader
from dataclasses import dataclass

TOO_LARGE = "552 5.3.4 Message is larger than this server accepts"
NO_ROOM = "452 4.3.1 Too many messages are being received at once, try again later"

_END = b"\r\n.\r\n"
_ALL = sys.maxsize


@dataclass(slots=True)
class Room:
    """Memory, in octets, that is left for the unfinished messages of one server."""

    free: int

    def take(self, octets: int) -> bool:
        """Reserve `octets`. Returns False, and reserves nothing, if there is not enough room."""
        if octets > self.free:
            return False
        self.free -= octets
        return True


async def receive(reader: StreamReader, limit: int, room: Room) -> bytes | str:
    """The content up to the lone dot, with dot-stuffing removed; or the reply that refuses the message.

    A refused message is read to its end and discarded. Data after the dot stays in `reader`. Raises
    ConnectionResetError if the client disconnects before the end.
    """
    data = bytearray(b"\r\n")  # stands for the line end before the content, which may begin with the lone dot
    taken, refused = 0, ""
    try:
        while True:
            piece = await reader.read(_ALL)
            if not piece:
                raise ConnectionResetError("the client disconnected before the end of its message")
            if not refused and room.take(len(piece)):
                taken += len(piece)
            elif not refused:
                refused = NO_ROOM
            looked_at = max(0, len(data) - len(_END) + 1)
            data += piece
            end = data.find(_END, looked_at)
            if end >= 0:
                if after := bytes(data[end + len(_END) :]):
                    reader.feed_data(after)  # `read` has emptied the buffer, so this comes next
                if not refused and end > limit:
                    refused = TOO_LARGE
                return refused or bytes(data[: end + 2]).replace(b"\r\n.", b"\r\n")[2:]
            if not refused and len(data) > limit + len(_END) + 2:
                refused = TOO_LARGE
            if refused:
                room.free += taken
                taken = 0
                del data[: -len(_END) + 1]
    finally:
        room.free += taken
