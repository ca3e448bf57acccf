"""Short numbers for messages in the gateway's inbound queue, for people to type.

A message keeps its number, numbers are unique, and a number follows from the message's identity alone, not
from the order of look-ups. Inbound mail, mail between colleagues and real mail take the numbers in turn;
within each kind, all mail since the drill began is counted, on any route.
"""

from sim.mail.message.traffic import (
    INBOUND,
    INTERNAL,
    REAL_MAIL,
    Stream,
    direction_of_one,
    real_number,
)

_SORTS = 3
_REAL = 2


class Numbering:
    """Converts messages to numbers, and numbers to messages."""

    def __init__(self, inbound: Stream, internal: Stream) -> None:
        self._streams = {INBOUND: inbound, INTERNAL: internal}
        self._sorts = (INBOUND, INTERNAL)
        self.real: dict[int, int] = {}
        """The identity of each real message, indexed by the message's number, from 0."""

    def number(self, identity: int) -> int:
        """The number, from 1, of the inbound, internal or real message `identity`."""
        if identity >= REAL_MAIL:
            return real_number(identity) * _SORTS + _REAL + 1
        direction = direction_of_one(identity)
        return self._streams[direction].ordinal(identity) * _SORTS + self._sorts.index(direction) + 1

    def identity(self, number: int, before_ms: int) -> int | None:
        """The message with that number; None if no simulated message written before `before_ms` has it."""
        ordinal, sort = divmod(number - 1, _SORTS)
        if ordinal < 0:
            return None
        if sort == _REAL:
            return self.real.get(ordinal)
        return self._streams[self._sorts[sort]].identity(ordinal, before_ms)
