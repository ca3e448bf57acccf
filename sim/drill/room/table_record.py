"""People at a table who play one drill together: their seats, and the clock that stops for all of them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sim.kernel.frozen import frozen

FACILITATOR = "facilitator"
"""The seat that sees the truth; it is not one of the players."""


Answered = Callable[[int, bool, str], None]


@frozen
class Seated:
    """A person at a seat of the table."""

    seat: str
    person: str
    wall: str = ""
    """The wall-clock time in the room, `14:05`, when the line was typed; empty: not recorded."""


@dataclass(slots=True)
class Request:
    """A question from one seat to another: for an approval, or to give a command."""

    number: int
    """Its number, from 1, which the answer refers to."""
    t_ms: int
    by: str
    """The person or seat that asks."""
    to: str
    """The seat that is to answer."""
    text: str
    """The matter, or the command's text."""
    command: bool
    """True if a command is to be given."""
    reaches_ms: int
    """The earliest moment for an answer: by then the person has been called."""
    answered: Answered
    """Gives the answer at a moment (ms): yes or no, and the reason."""
    abandoned: Callable[[int], None] = lambda now_ms: None
    """To be called if the seat is left at a moment (ms) before the answer: then the simulator answers."""
    answer: bool | None = None
    """None: no answer yet; also False if the seat was left before the answer."""
    own_words: bool = False
    """True for a line in a player's own words; `text` is that line, and the facilitator answers."""
    proposals: tuple[str, ...] = ()
    """Commands that such a line may mean, the likeliest first."""


@frozen
class Prediction:
    """A number that a person expects, and how sure they are."""

    t_ms: int
    by: Seated
    about: str
    """The question for which the clock was stopped; empty: there was none."""
    number: str
    sure_percent: int


@frozen
class Observation:
    """An evaluator's note."""

    t_ms: int
    by: str
    objective: str
    """The objective's id; empty: no particular one."""
    text: str
    wall: str = ""
    """The wall-clock time in the room; empty: not recorded."""


@frozen
class GivenHint:
    """A hint of the facilitator to a seat."""

    t_ms: int
    by: Seated
    to: str
    """The seat, or `all`."""
    about: str
    """The id of the objective whose action it is about; empty: the phase, or nothing in particular."""
    text: str


@dataclass(slots=True)
class TableRecord:
    """The state of the table. If no seat is taken, it is empty, and the simulator plays everyone."""

    people: dict[str, str] = field(default_factory=dict)
    """The person at each seat that is taken."""
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The staff roles that each of those seats plays."""
    frozen: bool = False
    """True if the clock is stopped for everyone."""
    question: str = ""
    """The last reason for stopping the clock."""
    speed: float = 60.0
    """Simulated seconds per second."""
    requests: list[Request] = field(default_factory=list)
    predictions: list[Prediction] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    hints: list[GivenHint] = field(default_factory=list)
    ramps: dict[str, int] = field(default_factory=dict)
    """Number of changes of each fault's strength, by its id: a newer change ends an older ramp."""
    retracted: set[int] = field(default_factory=set)
    """Live injects that the facilitator has taken back, by the number of their event."""
    stops: list[str] = field(default_factory=list)
    """Where the clock is to stop for everyone, as the facilitator wrote it."""
    emergency: str = ""
    """The person who has reported a real emergency; empty: no one, or the clock runs again."""
    answers: dict[int, Seated] = field(default_factory=dict)
    """The person who answered a call or ticket, by the number of its event."""

    def sit(self, seat: str, person: str, roles: tuple[str, ...]) -> None:
        """`person` takes the seat and its roles."""
        self.people[seat], self.roles[seat] = person, roles

    def stand_up(self, seat: str, now_ms: int) -> None:
        """The seat is free again; the simulator plays its roles."""
        self.people.pop(seat, None)
        self.roles.pop(seat, None)
        for one in self.waiting(seat):
            one.answer = False
            one.abandoned(now_ms)

    def seat_of(self, role: str) -> str:
        """The taken seat that plays `role`; empty: the simulator plays it."""
        return next((seat for seat, roles in self.roles.items() if role in roles), "")

    def waiting(self, seat: str) -> list[Request]:
        """Requests to the seat that have not been answered."""
        return [one for one in self.requests if one.to == seat and one.answer is None]

    def numbered(self, number: str) -> Request | None:
        """The request with that number."""
        return next((one for one in self.requests if str(one.number) == number), None)

    def ask(
        self,
        t_ms: int,
        by: str,
        to: str,
        text: str,
        answered: Answered,
        *,
        command: bool = False,
        reaches_ms: int | None = None,
        abandoned: Callable[[int], None] = lambda now_ms: None,
        own_words: bool = False,
        proposals: tuple[str, ...] = (),
    ) -> Request:
        """Enter a request."""
        request = Request(
            len(self.requests) + 1,
            t_ms,
            by,
            to,
            text,
            command,
            t_ms if reaches_ms is None else reaches_ms,
            answered,
            abandoned,
            own_words=own_words,
            proposals=proposals,
        )
        self.requests.append(request)
        return request
