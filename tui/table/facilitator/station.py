"""The facilitator's station on typed lines: it works in any terminal, over SSH and in a pipe."""

from collections.abc import Callable, Mapping
from itertools import groupby

from sim.drill.commands.grammar import usage
from sim.drill.facilitation.words import words_of
from sim.drill.room.events import HIDDEN_FROM_TRAINEE, Event
from sim.drill.room.table_record import FACILITATOR
from sim.drill.session.journal import DiskFull
from sim.kernel.duration import drill_time, in_words
from sim.kernel.user_mistake import Mistake
from sim.table.exercise import Exercise
from sim.table.looks import RequestView
from sim.table.running import questions_now

HELP = (
    "help", "seats", "truth", "script", "questions", "seat SEAT NAME", "as SEAT LINE", "free SEAT",
    "admit SEAT NAME", "hand SEAT WORD", "links", "qr SEAT", "qr phone SEAT", "qr projector", "quit",
)  # fmt: skip
"""Commands of the facilitator's station; `seat`, `as` and `free` are recorded as actions by the person at
the seat.
"""

AWAY = " (away)"
"""Text after the name of a person whose client has disconnected."""


class Station:
    """Prints events as they happen, and carries out the lines that the facilitator types."""

    def __init__(
        self,
        exercise: Exercise,
        person: str,
        say: Callable[[str], None],
        *,
        links: Callable[[], list[str]] = list,
        free: Callable[[str], None] = lambda seat: None,
        admit: Callable[[str], bool] = lambda seat: False,
        asking: Callable[[], Mapping[str, str]] = dict,
        away: Callable[[str], bool] = lambda seat: False,
        code: Callable[[str], list[str]] = lambda of: [],
        happened: Callable[[str], None] | None = None,
    ) -> None:
        """`say` prints a line; `links`: how to reach the seats; `free`: disconnects the client of a seat;
        `admit`: gives a seat to a second client that asks for it; `asking`: the seats for which one asks;
        `away`: True if the client of a person has gone; `code`: a link as a QR code; `happened`: prints
        the line of an event, None: `say` does.
        """
        self._asking, self._away, self._happened = asking, away, happened or say
        self._exercise, self._person, self._say = exercise, person, say
        self._links, self._free, self._admit, self._code = links, free, admit, code
        self._after_seq = len(exercise.events(FACILITATOR)) - 1
        self._rewinds = exercise.rewinds
        self.left = False
        """True once the facilitator has typed `quit`."""

    def begin(self) -> None:
        """Seat the facilitator, if the facilitator's seat is empty. Raises DiskFull."""
        if not self._exercise.person(FACILITATOR):
            self._exercise.sit(FACILITATOR, self._person)
        self._person = self._exercise.person(FACILITATOR)

    def show(self) -> None:
        """Print a line for each event since the last call; `!` marks the truth, which no seat sees."""
        if self._exercise.rewinds != self._rewinds:
            self._rewinds = self._exercise.rewinds
            self._after_seq = len(self._exercise.events(FACILITATOR)) - 2  # the last event reports this
        for event in self._exercise.events(FACILITATOR, self._after_seq):
            self._after_seq = event.seq
            self._happened(event_line(event))

    def give(self, text: str) -> None:
        """Carry out one typed line; its result, or the reason for a refusal, is printed."""
        word, _, rest = text.strip().partition(" ")
        try:
            match word:
                case "help":
                    self._help()
                case "seats":
                    self._seats()
                case "truth":
                    self._truth()
                case "script":
                    self._script()
                case "questions":
                    for line in questions_now(self._exercise.session):
                        self._say(f"? {line}")
                case "seat" | "as":
                    self._for_a_seat(word, *rest.strip().partition(" ")[::2])
                case "links" | "qr" | "admit" | "free":
                    self._about_doors(word, rest.strip())
                case "hand":
                    self._say("refused: only a terminal with the facilitator's screen can be handed over")
                case "quit":
                    self.left = True
                case _:
                    self._do(text)
        except (Mistake, DiskFull) as mistake:
            self._say(f"refused: {mistake}")

    def _do(self, text: str) -> None:
        reply = self._exercise.do(FACILITATOR, self._person, text)
        self._say(reply.text if reply.accepted else f"refused: {reply.text}")

    def _for_a_seat(self, word: str, seat: str, text: str) -> None:
        """Seat a person who has no screen, or type a line for them, so that one laptop is enough for
        everyone.
        """
        exercise = self._exercise
        seated = word == "seat"
        reply = exercise.sit(seat, text) if seated else exercise.do(seat, exercise.person(seat), text)
        self._say(f"{seat}: {reply.text}" if reply.accepted else f"refused: {reply.text}")

    def _about_doors(self, word: str, rest: str) -> None:
        match word:
            case "links":
                for line in self._links():
                    self._say(line)
            case "qr":
                for line in self._code(rest) or ["refused: no door has links for browsers"]:
                    self._say(line)
            case "admit":
                self._let_in(*rest.partition(" ")[::2])
            case _:
                self._let_go(rest)

    def _let_in(self, seat: str, person: str) -> None:
        """Give the seat to the second client, where `person` sits from now on."""
        before, person = self._exercise.person(seat), person.strip()
        if seat not in self._asking():
            self._say(f"refused: no one is asking for {seat}")
            return
        if before and not person:
            self._say(
                f"refused: add the person's name: `admit {seat} NAME`, or `admit {seat} {before}` for "
                f"{before}"
            )
            return
        if person and person != before:
            reply = self._exercise.sit(seat, person)
            if not reply.accepted:
                self._say(f"refused: {reply.text}")
                return
        self._admit(seat)
        self._say(f"admitted at {seat}: {person or 'someone who will give a name'}")

    def _let_go(self, seat: str) -> None:
        if not self._exercise.person(seat):
            self._say(f"refused: {seat} is not a taken seat")
            return
        self._free(seat)
        self._exercise.leave(seat)

    def _help(self) -> None:
        for kind in words_of(FACILITATOR):
            self._say(f"{usage(kind)}  {(kind.__doc__ or '').splitlines()[0]}")
        self._say(f"for the table: {', '.join(HELP)}; any other line is a command of the drill")

    def _seats(self) -> None:
        look = self._exercise.look(FACILITATOR, 0)
        for seat in look.seats:
            person = f"{seat.person}{AWAY if self._away(seat.name) else ''}" or "(played by the simulator)"
            self._say(f"{seat.name:<12} {person:<26} {seat.does}")
        for one in look.requests:
            if one.state == "open":
                self._say(request_line(one))

    def _script(self) -> None:
        clock = self._exercise.session.drill.clock
        for row in self._exercise.script():
            moment_ms = row.due_ms if row.at_ms is None else row.at_ms
            when = (row.waits_for or "-") if moment_ms is None else clock(moment_ms)
            state = row.state.upper() if row.state == "overdue" else row.state
            to = f" [{row.to}]" if row.to else ""
            self._say(f"{when:<24} {state:<18} {row.kind:<15} {row.id}{to}: {row.text}")

    def _truth(self) -> None:
        told, clock = self._exercise.truth(), self._exercise.session.drill.clock
        self._say(
            f"{drill_time(told.t_ms)}  {clock(told.t_ms)}: {told.users_without_mail:,} users without mail, "
            f"{told.users_in_part:,} with a mailbox but without the gateway"
        )
        self._say(
            f"inbound: {told.at_senders:,} at senders, {told.queue:,} in the gateway's queue, "
            f"{told.elsewhere:,} in other queues, {told.lost:,} bounced, rejected or never sent "
            f"({told.bounced:,} bounced by the gateway)"
        )
        self._say(f"outbound: {told.outbound_queued:,} queued, {told.outbound_lost:,} bounced or rejected")
        for state, faults in groupby(told.faults, key=lambda one: one.state):
            for one in faults:
                span = f"{clock(one.from_ms)} - {clock(one.until_ms)}, {in_words(one.until_ms - one.from_ms)}"
                self._say(f"fault {one.id} ({state}): {one.fault}, {span}")


def event_line(event: Event) -> str:
    """One event as a line; `!` after the time marks the truth."""
    mark = "!" if event.kind in HIDDEN_FROM_TRAINEE else " "
    to = f" [{event.to}]" if event.to else ""
    return (
        f"{drill_time(event.t_ms)} {mark} #{event.seq:<4} {event.kind:<11} {event.source}{to}: {event.text}"
    )


def request_line(asked: RequestView) -> str:
    """An open request in one line, with the commands that it may mean if it is in a player's own words."""
    if asked.to != FACILITATOR:
        return f"request {asked.number} from {asked.by} to {asked.to}: {asked.text}"
    number = asked.number
    first, *others = asked.proposals or ("",)
    means = [f"`confirm {number}`: {first}" if first else f"`confirm {number} LINE`"]
    means += [f"`confirm {number} {n}`: {one}" for n, one in enumerate(others, 2)]
    return f"{asked.by} wants: {asked.text} ({'; '.join([*means, f'`deny {number}`'])})"
