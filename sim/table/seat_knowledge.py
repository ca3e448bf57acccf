"""Everything that each seat at an exercise may know; the truth is only for the facilitator's seat."""

from dataclasses import replace

from sim.drill.room.events import Event
from sim.drill.room.table_record import FACILITATOR
from sim.drill.session.session import Session
from sim.drill.snapshot.console import LISTED
from sim.table.audience import Givers, hears
from sim.table.looks import STATES, RequestView, RoomLook, SeatLook, SeatView, room_of
from sim.table.running import ScriptRow, running_script
from sim.table.seats import BadSeat, SeatKind
from sim.table.truth import Truth, truth


class SeatKnowledge:
    """Everything that the seats around `session` may know. Nothing here changes the drill."""

    def __init__(self, session: Session, seats: tuple[SeatKind, ...]) -> None:
        self.session = session
        self.seats = seats
        self._givers = Givers()

    def _know_of(self, session: Session) -> None:
        """From now on, `session` is the drill."""
        self.session, self._givers = session, Givers()

    @property
    def now_ms(self) -> int:
        return self.session.now_ms

    @property
    def ended(self) -> bool:
        return self.session.ended

    @property
    def frozen(self) -> bool:
        """True while the clock is stopped for everyone; a driver does not advance it then."""
        return self.session.drill.table.frozen

    @property
    def speed(self) -> float:
        """Simulated seconds per second of the wall clock, for the driver."""
        return self.session.drill.table.speed

    @property
    def names(self) -> tuple[str, ...]:
        """Every seat, the facilitator's last."""
        return (*(one.name for one in self.seats), FACILITATOR)

    def person(self, seat: str) -> str:
        """The person at that seat; empty if the seat is not taken."""
        return self.session.drill.table.people.get(seat, "")

    def look(self, seat: str, listed: int = LISTED) -> SeatLook:
        """Everything that the seat may know now, with at most `listed` messages of the queue. Raises
        BadSeat.
        """
        kind, drill = self._kind(seat), self.session.drill
        seen = self.session.snapshot(listed)
        return SeatLook(
            self._view(seat),
            () if kind is None else kind.places,
            seen if kind is None else replace(seen, objectives=()),
            drill.table.frozen,
            drill.table.speed,
            tuple(self._view(name) for name in self.names),
            self.requests(seat),
        )

    def requests(self, seat: str) -> tuple[RequestView, ...]:
        """Requests that the seat has made, and requests to it, in order."""
        found = [
            one
            for one in self.session.drill.table.requests
            if seat in (FACILITATOR, one.by, one.to)
            and (one.reaches_ms <= self.now_ms or seat in (FACILITATOR, one.by))
        ]
        return tuple(
            RequestView(
                one.number,
                one.t_ms,
                one.by,
                one.to,
                one.text,
                STATES[one.answer],
                one.proposals if seat == FACILITATOR else (),
            )
            for one in found
        )

    def room(self) -> RoomLook:
        """The state of the table for a view that everyone in the room sees."""
        return room_of(self.session.drill.table, self.now_ms)

    def series(self, what: str, a_ms: int, b_ms: int, points: int) -> list[int]:
        """Samples of a series that instruments have shown, see `Session.series`."""
        return self.session.series(what, a_ms, b_ms, points)

    def truth(self) -> Truth:
        """The truth now, for the facilitator only."""
        return truth(self.session)

    def script(self) -> list[ScriptRow]:
        """The script as it runs, for the facilitator only."""
        return running_script(self.session)

    def events(self, seat: str, after_seq: int = -1) -> list[Event]:
        """The events that the seat gets, with `seq` > `after_seq`, in order. Raises BadSeat.

        Events have the same numbers for every seat, so each seat's list has gaps.
        """
        self._kind(seat)
        table = self.session.drill.table
        self._givers.read(self.session.inputs)
        new = self.session.events(max(0, after_seq + 1))
        return [one for one in new if hears(seat, one, table, self._givers.of(one.ref))]

    def _view(self, seat: str) -> SeatView:
        kind = self._kind(seat)
        return SeatView(seat, self.person(seat), "runs the exercise" if kind is None else kind.does)

    def _kind(self, seat: str) -> SeatKind | None:
        """The kind of a seat; None: the facilitator's. Raises BadSeat."""
        if seat == FACILITATOR:
            return None
        kind = next((one for one in self.seats if one.name == seat), None)
        if kind is None:
            raise BadSeat(f"{seat}: this table has no such seat; it has {', '.join(self.names)}")
        return kind
