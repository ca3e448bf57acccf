"""Repeated alerts as one entry: events that differ only in their numbers are shown once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sim.drill.room.events import Event, EventKind

_NUMBER = re.compile(r"[\d,.]*\d")
_REPEATING: frozenset[EventKind] = frozenset({"monitor", "sms", "ticket"})


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """The newest of several equal events, the number of these events, and the time of the first."""

    event: Event
    times: int
    first_ms: int


class GroupedEvents:
    """Entries in the order of their newest events; updated as events arrive."""

    def __init__(self) -> None:
        self._by_said: dict[str, FeedEntry] = {}

    def add(self, events: Iterable[Event]) -> None:
        """Add events, in order."""
        for event in events:
            said = said_by(event)
            before = self._by_said.pop(said, None)
            times, first_ms = (before.times + 1, before.first_ms) if before else (1, event.t_ms)
            self._by_said[said] = FeedEntry(event, times, first_ms)

    def newest_first(self) -> list[FeedEntry]:
        """The entries, the newest first."""
        return list(reversed(self._by_said.values()))


def said_by(event: Event) -> str:
    """The key by which events are equal: kind, source, text without numbers; unique for kinds that are not
    grouped.
    """
    if event.kind not in _REPEATING:
        return f"{event.seq} {event.t_ms} {event.text}"
    return f"{event.kind} {event.source} {_NUMBER.sub('#', event.text)}"
