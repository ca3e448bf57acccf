"""The content of a message as it comes over SMTP (RFC 5321 4.1.1.4), within bounds of size and memory.

Read in pieces as they arrive, not line by line: a message of many short lines costs no more than any
other of its size.
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
    """Octets that the unfinished messages of one server may still take in memory."""

    free: int

    def take(self, octets: int) -> bool:
        """Take `octets` if there is so much room."""
        if octets > self.free:
            return False
        self.free -= octets
        return True


async def receive(reader: StreamReader, limit: int, room: Room) -> bytes | str:
    """The content up to the lone dot, without the dots that were stuffed in; or the reply that refuses it.

    A refused message is read to its end and not kept. What a client sent after the dot stays in `reader`.
    Raises ConnectionResetError when the client leaves before the end.
    """
    data = bytearray(b"\r\n")  # the end of the line before the content: it may be a lone dot
    taken, refused = 0, ""
    try:
        while True:
            piece = await reader.read(_ALL)
            if not piece:
                raise ConnectionResetError("left before the end of its message")
            if not refused and room.take(len(piece)):
                taken += len(piece)
            elif not refused:
                refused = NO_ROOM
            looked_at = max(0, len(data) - len(_END) + 1)
            data += piece
            end = data.find(_END, looked_at)
            if end >= 0:
                if after := bytes(data[end + len(_END) :]):
                    reader.feed_data(after)  # `read` has emptied the buffer, so that this is next
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
