"""How messages end at machines: one by one, or as columns if many messages end in the same way."""

from collections.abc import Iterator
from typing import NamedTuple

from sim.kernel.draws import I64

DELIVERED, BOUNCED = "delivered", "bounced"


class End(NamedTuple):
    """A message that has left its sender. `cause`: the last failure, if it bounced."""

    time_ms: int
    fate: str
    sender: int
    id: int
    arrival_ms: int
    host: str
    tries: int
    put_off: int
    cause: str
    notified: int = 0
    """Number of delay notices that the sender got, not counting notices sent at an age."""


class EndedAlike(NamedTuple):
    """Messages of one sender that have left it in the same way. Columns of equal length, and their shared
    fields.
    """

    time_ms: I64
    fate: str
    sender: int
    id: I64
    arrival_ms: I64
    host: str
    tries: I64
    put_off: I64
    cause: str
    notified: I64


class MachineEnds:
    """The ends since the last `clear`, in no particular order. Machines write them, and their hop reads
    them.
    """

    def __init__(self) -> None:
        self.single: list[End] = []
        self.alike: list[EndedAlike] = []

    def append(self, end: End) -> None:
        """Add one end."""
        self.single.append(end)

    def clear(self) -> None:
        """Forget all ends."""
        self.single.clear()
        self.alike.clear()

    def __iter__(self) -> Iterator[End]:
        """Every end individually."""
        yield from self.single
        for some in self.alike:
            columns = (some.time_ms, some.id, some.arrival_ms, some.tries, some.put_off, some.notified)
            for time_ms, message, arrival_ms, tries, put_off, notified in zip(
                *(column.tolist() for column in columns), strict=True
            ):
                who = some.fate, some.sender, message, arrival_ms, some.host
                yield End(time_ms, *who, tries, put_off, some.cause, notified)
