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
    """The wall-clock time in the room when the line was typed, such as `14:05`; empty if it was not
    recorded.
    """


@dataclass(slots=True)
class Request:
    """A question from one seat to another: for an approval, or to give a command."""

    number: int
    """The request's number, from 1, to which the answer refers."""
    t_ms: int
    by: str
    """The person or seat that makes the request."""
    to: str
    """The seat that is to answer."""
    text: str
    """The subject of the approval, or the text of the command."""
    command: bool
    """True if the request is to give a command."""
    reaches_ms: int
    """The earliest time at which the seat can answer, because the person has to be called first."""
    answered: Answered
    """Called with (time in ms, yes or no, reason) when the seat answers."""
    abandoned: Callable[[int], None] = lambda now_ms: None
    """Called with a time in ms if the person leaves the seat before answering; the simulator then answers."""
    answer: bool | None = None
    """The answer; None if there is none yet, False if the request was refused or the seat was left before
    the answer.
    """
    own_words: bool = False
    """True if the request is a line in a player's own words; `text` is that line, and the facilitator
    answers.
    """
    proposals: tuple[str, ...] = ()
    """Commands that this line may mean, the likeliest first."""


@frozen
class Prediction:
    """A number that a person expects, and how sure they are."""

    t_ms: int
    by: Seated
    about: str
    """The question for which the clock was stopped; empty if there was none."""
    number: str
    sure_percent: int


@frozen
class Observation:
    """An evaluator's note."""

    t_ms: int
    by: str
    objective: str
    """The id of the objective that the note is about; empty if it is not about one."""
    text: str
    wall: str = ""
    """The wall-clock time in the room; empty if it was not recorded."""


@frozen
class GivenHint:
    """A hint of the facilitator to a seat."""

    t_ms: int
    by: Seated
    to: str
    """The seat that gets the hint, or `all`."""
    about: str
    """The id of the objective that the hint helps with; empty if the hint is about the phase, or about
    nothing in particular.
    """
    text: str


@dataclass(slots=True)
class TableRecord:
    """The state of the table. If no seat is taken, it is empty, and the simulator plays everyone."""

    people: dict[str, str] = field(default_factory=dict)
    """The person at each occupied seat."""
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The staff roles that each occupied seat plays."""
    frozen: bool = False
    """True if the clock is stopped for everyone."""
    question: str = ""
    """The last reason given for stopping the clock."""
    speed: float = 60.0
    """Simulated seconds per second."""
    requests: list[Request] = field(default_factory=list)
    predictions: list[Prediction] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    hints: list[GivenHint] = field(default_factory=list)
    ramps: dict[str, int] = field(default_factory=dict)
    """For each fault's id, how often its strength was changed; a newer change ends an older ramp."""
    retracted: set[int] = field(default_factory=set)
    """Event numbers of live injects that the facilitator has taken back."""
    stops: list[str] = field(default_factory=list)
    """The moments at which the clock will stop for everyone, as the facilitator wrote them."""
    emergency: str = ""
    """The person who has reported a real emergency; empty if no one has, or if the clock is running again."""
    answers: dict[int, Seated] = field(default_factory=dict)
    """The person who answered each call or ticket, by the number of its event."""

    def sit(self, seat: str, person: str, roles: tuple[str, ...]) -> None:
        """Give the seat and its roles to `person`."""
        self.people[seat], self.roles[seat] = person, roles

    def stand_up(self, seat: str, now_ms: int) -> None:
        """Free the seat; the simulator plays its roles."""
        self.people.pop(seat, None)
        self.roles.pop(seat, None)
        for one in self.waiting(seat):
            one.answer = False
            one.abandoned(now_ms)

    def seat_of(self, role: str) -> str:
        """The occupied seat that plays `role`; empty if the simulator plays it."""
        return next((seat for seat, roles in self.roles.items() if role in roles), "")

    def waiting(self, seat: str) -> list[Request]:
        """Requests to the seat that have not been answered yet."""
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
