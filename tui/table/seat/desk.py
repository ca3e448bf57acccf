"""The desk of one seat: a console's desk whose drill is the exercise, as far as that seat may see and
control it.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Never

from sim.drill.room.events import Event, EventKind
from sim.drill.session.journal import DiskFull
from sim.kernel.user_mistake import Mistake
from tui.painting.places import PLACES
from tui.painting.view import View
from tui.playing.control_desk import CommandReply, ControlDesk
from tui.playing.opened import Opened
from tui.table.seat.language import SeatLanguage
from tui.table.seat.seat_drill import SeatClock, SeatDrill
from tui.table.seat.shared_table import Requested, SharedTable

NOT_YOURS = "the facilitator runs the clock"


LATE_S = 0.25
"""Lag from which a seat paints only every `RARELY`th frame, except after its own keys."""
RARELY = 5
NEWS: frozenset[EventKind] = frozenset({"talk", "call", "sms", "email", "ticket"})
"""Kinds of events that a person at a seat has to notice, whatever the seat shows."""


class SeatDesk(ControlDesk):
    """A desk for the person at one seat. Every line goes to the exercise, which knows the seat's rights."""

    def __init__(self, table: SharedTable, seat: str, wall: Callable[[], float]) -> None:
        self.seat = seat
        self.watched = False
        """True while a client shows the seat; otherwise nothing is painted."""
        self._exercise, self._glance = table.exercise, table.glance
        self._clock = table.clock
        self._due = False
        self._passed = 0
        self._rewinds = table.exercise.rewinds
        self._gone_back = ""
        self.places = table.exercise.look(seat).places or tuple(PLACES)
        """The places that this seat sees, in the seat's order."""
        self.language = SeatLanguage(table.language, seat, table.seats)
        opened = Opened(
            drill=SeatDrill(table, seat, wall),
            language=self.language,
            local=table.local,
            mode="exam",
            briefing=table.briefing,
            nothing=_no_debrief,
            debrief=_no_debrief,
        )
        super().__init__(opened, wall, 1, SeatClock(table.exercise, table.clock))
        self._read_seq = -1
        self.read()

    @property
    def person(self) -> str:
        """The person who sits here; empty if there is none yet."""
        return self._exercise.person(self.seat)

    @property
    def waiting(self) -> Requested | None:
        """The first request that waits for this seat's answer; None if there is none."""
        asked = self._exercise.requests(self.seat)
        return next((one for one in asked if one.to == self.seat and one.state == "open"), None)

    @property
    def news(self) -> Event | None:
        """The newest event that a person has to notice and has not seen; None if there is none."""
        for entry in self._entries.newest_first():
            if entry.event.seq <= self._read_seq:
                return None
            if entry.event.kind in NEWS:
                return entry.event
        return None

    def read(self) -> None:
        """Record that the person has seen everything up to now."""
        self._read_seq = self._next_seq - 1

    def frame(self) -> bool:
        """Read news; True if there is something new to show to a client; less often if the process lags."""
        rewound = self._exercise.rewinds != self._rewinds
        if rewound:
            self._rewinds = self._exercise.rewinds
            self._read_all()
            self.read()
            now_ms = self._exercise.now_ms
            self._gone_back = self.opened.local.day_clock(now_ms, now_ms)
        self._due = super().frame() or rewound or self._due
        self._passed += 1
        if not self.watched or not self._due or (self._clock.late_s > LATE_S and self._passed < RARELY):
            return False
        self._due, self._passed = False, 0
        return True

    def gone_back(self) -> str:
        """The moment of a rewind, as `Mon 10:12`, returned once; empty if there was no rewind since the
        last call.
        """
        moment, self._gone_back = self._gone_back, ""
        return moment

    def give(self, text: str) -> CommandReply:
        """Carry out the line for the person at this seat; at an empty seat, the line is the person's name."""
        try:
            person = self.person
            if person:
                answer = self._exercise.do(self.seat, person, text)
            else:
                answer = self._exercise.sit(self.seat, text)
        except DiskFull as full:
            return CommandReply(f"not done, because the journal cannot be written: {full}", accepted=False)
        except Mistake as mistake:
            return CommandReply(str(mistake), accepted=False)
        self._glance.forget()
        self._listen()
        self.read()
        return CommandReply(answer.text, answer.accepted)

    def view(self, scroll: int, listed: int = 0) -> View:
        """The present view, with the seat's name."""
        return replace(super().view(scroll, listed), seat=self.seat)


def _no_debrief(*_unused: object) -> Never:
    raise AssertionError("the facilitator leads the debrief; a seat has none")
