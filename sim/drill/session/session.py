"""The single interface to a drill, for screens, scripts, sockets and tests.

Every command and every real message is journaled before it takes effect, at the drill's current time; the
journal alone is enough to rebuild the drill.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, Self

from sim.drill.commands.command import Assignment, Command
from sim.drill.commands.grammar import LONGEST_LINE, format_command
from sim.drill.commands.outcome import Accepted, Refused
from sim.drill.commands.registry import check_minutes
from sim.drill.drill import Drill
from sim.drill.facilitation.drill_inputs import DrillInputs
from sim.drill.facilitation.inputs import Assigned, Input, given_in
from sim.drill.facilitation.words import refusal_of
from sim.drill.room.draw_keys import CommandDrawn
from sim.drill.room.events import Event
from sim.drill.room.staff import Newcomer
from sim.drill.room.table_record import Seated
from sim.drill.scenario.scenario import Scenario
from sim.drill.scoring.objectives import score
from sim.drill.services.real_mail import Effect, Letter
from sim.drill.services.wire import Attempt, Door, PortAnswer, Wire
from sim.drill.services.zone_records import PublicZone, ZoneRecords
from sim.drill.session.journal import DiskFull, Journal
from sim.drill.session.journal_header import DrillStart, header_of, start_in
from sim.drill.session.journal_reading import (
    BadJournal,
    DigestDiffers,
    Entry,
    read_journal,
)
from sim.drill.session.series import history, true_series
from sim.drill.snapshot.console import LISTED, Snapshot
from sim.drill.views.snapshot import snapshot
from sim.kernel.garbage import nothing_collected
from sim.mail.dns.dead_spells import Spell


class Session:
    """A drill, and the journal to which it is written (None: the drill is not stored)."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        journal: Journal | None,
        people: Sequence[Newcomer] | None = None,
        drawn: Sequence[CommandDrawn] | None = None,
    ) -> None:
        """`people`: in the drill of a plan, the staff that it adds; None: not the drill of a plan.

        `drawn`: for a branch that differs in a command, the commands of its parent, whose draws it repeats.
        """
        self.original, self.seed = scenario, seed
        self.drill = Drill(scenario, seed, keyed_by_cause=people is not None)
        self.people = None if people is None else tuple(people)
        self.drill.staff.join(people or ())
        self.drawn = None if drawn is None else tuple(drawn)
        if self.drawn is not None:
            self.drill.draw_keys.as_before(self.drawn)
        self.launch: Mapping[str, Any] = {}
        self.parent: Mapping[str, Any] = {}
        """For a branch: the entry in another journal after which the branch differs, as in the header."""
        self.settled: set[int] = set()
        self.remarks: list[tuple[str, int, str]] = []
        """Bookmarks, previews and settings of the clock, as (kind, time, text)."""
        self._journal = journal
        self._given = DrillInputs(self.drill)

    @classmethod
    def start(
        cls,
        scenario: Scenario,
        seed: int,
        path: Path | None = None,
        launch: Mapping[str, Any] | None = None,
        parent: Mapping[str, Any] | None = None,
        people: Sequence[Newcomer] | None = None,
        drawn: Sequence[CommandDrawn] | None = None,
    ) -> Self:
        """A new drill, journaled at `path`. `launch`: settings of this run itself (mode, speed, lab).

        `parent`: for a branch, the entry at which it leaves its parent; `people`, `drawn`: see `__init__`.
        Raises BadFile for unsuitable rules.
        """
        if parent is None:
            check_minutes(scenario.files)
        journal = None
        if path is not None:
            header = header_of(DrillStart(scenario, seed, people, drawn), launch, parent)
            journal = Journal.create(path, header)
        session = cls(scenario, seed, journal, people, drawn)
        session.launch, session.parent = dict(launch or {}), dict(parent or {})
        return session

    @classmethod
    def resume(cls, path: Path) -> Self:
        """The drill of the journal at `path`, at its last mark, with the journal open for further entries."""
        journal, entries = Journal.reopen(path)
        try:
            return cls._replayed(entries, journal, path)
        except BaseException:
            journal.close()
            raise

    @classmethod
    def replay(cls, path: Path, to_ms: int | None = None) -> Self:
        """The drill of the journal at `path` (up to `to_ms`); nothing more is written to it."""
        return cls._replayed(read_journal(path), None, path, to_ms)

    @classmethod
    @nothing_collected
    def _replayed(
        cls, entries: list[Entry], journal: Journal | None, path: Path, to_ms: int | None = None
    ) -> Self:
        begun = start_in(header := entries[0], path)
        session = cls(begun.scenario, begun.seed, journal, begun.people, begun.drawn)
        session.launch, session.parent = header.get("launch", {}), header.get("parent") or {}
        for number, entry in enumerate(entries[1:], 2):
            try:
                if to_ms is not None and entry["t"] > to_ms:
                    break
                session._again(entry)
            except (KeyError, TypeError, ValueError) as why:
                mistake = f"{path}:{number}: cannot be replayed ({why}); the file is damaged"
                raise BadJournal(mistake) from None
        if to_ms is not None:
            session.advance(to_ms)
        return session

    def _again(self, entry: Entry) -> None:
        self.advance(entry["t"])
        if (given := given_in(entry)) is not None:
            self._given.repeat(given)
        match entry["is"]:
            case "end":
                self.drill.finish()
            case "bookmark" | "look" | "stop-at":
                self.remarks.append((entry["is"], entry["t"], entry["text"]))
            case "settled":
                self.settled.add(entry["effect"])
            case _:
                pass
        recorded = entry.get("digest")
        if recorded is not None and recorded != self.drill.digest():
            raise DigestDiffers(
                f"the replay differs from what was recorded at {self.drill.clock(entry['t'])}"
            )

    @property
    def scenario(self) -> Scenario:
        """The scenario as it was played: `original`, with the changes that a facilitator has made."""
        return self.drill.scenario

    # Time

    @property
    def now_ms(self) -> int:
        return self.drill.now_ms

    @property
    def ended(self) -> bool:
        return self.drill.ended

    def advance(self, to_ms: int, stop: Callable[[], bool] = lambda: False) -> None:
        """Advance over [now, to_ms); less if the drill ends or `stop` is true after a change.

        A moment is always completed: all changes of the moment at which the run stops are made, and the clock
        is set just after it. So an entry's time in the journal shows exactly what happened before it.
        """
        changes = self.drill.changes
        self.drill.advance(to_ms, lambda: self.drill.ended or stop())
        if self.now_ms < to_ms and self.drill.changes != changes:
            self.drill.advance(self.now_ms + 1)

    def catch_up(self) -> None:
        """Bring mail up to date, as every reading does; this does not change the history."""
        self.drill.in_slices()

    def mark(self, *, digest: bool = False) -> None:
        """Journal the current time; `digest`: with the drill's digest, which is slow. Raises DiskFull."""
        entry: Entry = {"is": "mark", "t": self.now_ms}
        if digest:
            entry["digest"] = self.digest()
        if self.ended:
            entry |= {"over": True, **score(self.drill)}
        self._write(entry)

    def finish(self) -> None:
        """End the drill here, by hand. Raises DiskFull, in which case the drill continues."""
        self._write({"is": "end", "t": self.now_ms})
        self.drill.finish()

    @property
    def complete(self) -> bool:
        """True if the drill has reached its end; `ended` is also true when it was ended by hand."""
        return self.drill.complete

    def close(self) -> None:
        """Mark the last moment with its digest, and close the journal."""
        if self._journal is not None:
            try:
                self.mark(digest=True)
            finally:
                self._journal.close()
                self._journal = None

    def discard(self) -> None:
        """Close the journal and delete it; for a drill that could not be written completely."""
        if self._journal is not None:
            self._journal.close()
            self._journal.path.unlink(missing_ok=True)
            self._journal = None

    # What people do

    def dispatch(self, command: Command | str, by: Seated | None = None) -> Accepted | Refused:
        """Journal `command`, then give it to the person whose role it needs; `by`: its giver at the table.

        Raises DiskFull, in which case nothing has happened.
        """
        text = command.strip() if isinstance(command, str) else format_command(command)
        if len(text) > LONGEST_LINE:  # the line will be refused, and journal lines must stay short
            text = f"{text[:LONGEST_LINE]}…"
        self._write({"is": "command", "t": self.now_ms, "text": text, **(asdict(by) if by else {})})
        return self._given.command(text, by)

    def speak(self, text: str, by: Seated) -> str | Refused:
        """Journal a table command and carry it out; refused commands are not journaled. Raises DiskFull."""
        if refused := refusal_of(self.drill, text, by):
            return Refused(text, refused)
        self._write({"is": "table", "t": self.now_ms, "text": text.strip(), **asdict(by)})
        return self._given.table_word(text.strip(), by)

    def assign(self, command: str, to: Assignment) -> Accepted | Refused:
        """Journal `command`, then have the person of a plan's step carry it out. Raises DiskFull."""
        text = command.strip()
        written = {key: value for key, value in asdict(to).items() if value != ()}
        self._write({"is": "command", "t": self.now_ms, "text": text, "to": written})
        return self._given.assigned(Assigned(text, to))

    def receive(self, letter: Letter) -> int:
        """Enter one real message, as in `receive_all`; returns its identity."""
        self.receive_all([letter])
        return self.drill.letters.identities[-1]

    def receive_all(self, letters: Sequence[Letter]) -> None:
        """Enter real messages that are on disk, journaled together: all of them or none. Raises DiskFull."""
        now_ms = self.now_ms
        self._write(*({"is": "letter", "t": now_ms, "letter": asdict(letter)} for letter in letters))
        for letter in letters:
            self._given.letter(letter)

    def settle(self, effect: int) -> None:
        """Journal that `effect` has been carried out on its connection. Raises DiskFull; `effect` then
        stays open.
        """
        self._write({"is": "settled", "t": self.now_ms, "effect": effect})
        self.settled.add(effect)

    def bookmark(self, name: str) -> None:
        self.remark("bookmark", name)

    @property
    def bookmarks(self) -> list[tuple[int, str]]:
        """Times that people have marked in order to go back to them, each with its name."""
        return [(t_ms, text) for kind, t_ms, text in self.remarks if kind == "bookmark"]

    def remark(self, kind: Literal["bookmark", "look", "stop-at"], text: str) -> None:
        """Journal an entry that does not affect the world. Raises DiskFull; the entry is then not on
        record.
        """
        self._write({"is": kind, "t": self.now_ms, "text": text})
        self.remarks.append((kind, self.now_ms, text))

    def _write(self, *entries: Entry) -> None:
        if self._journal is not None:
            self._journal.append_all(entries)

    # Looking

    @property
    def journal_path(self) -> Path | None:
        return self._journal.path if self._journal is not None else None

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every command as given, and every real message so far, each with its time."""
        return self._given.all

    @property
    def commands(self) -> Iterator[tuple[int, str]]:
        """Every command given so far: when, and its text as given."""
        return self._given.commands

    def snapshot(self, listed: int = LISTED) -> Snapshot:
        """The trainee's view now, with at most `listed` messages (names and subjects take time)."""
        return snapshot(self.drill, listed)

    def events(self, since: int = 0) -> list[Event]:
        """Events whose `seq` is `since` or higher."""
        return self.drill.events[since:]

    def series(
        self, what: str, a_ms: int, b_ms: int, points: int, plotted_ms: int | None = None
    ) -> list[int]:
        """See `series.history`: what a trainee may see; `plotted_ms`: at an earlier moment."""
        return history(self.drill, what, a_ms, b_ms, points, plotted_ms)

    def true_series(self, what: str, a_ms: int, b_ms: int, points: int) -> list[int]:
        """Samples of the truth, see `series.true_series`; for facilitators, never for trainees."""
        return true_series(self.drill, what, a_ms, b_ms, points)

    def effects(self, since: int = 0) -> list[Effect]:
        """Effects to carry out on real sockets, except the first `since`."""
        return self.drill.letters.effects[since:]

    def meets(self, door: Door) -> PortAnswer:
        """The answer that one of the lab's ports gives now. Truth, for the lab only."""
        return self._wire.meets(door)

    def hits(self, met: PortAnswer, attempt: Attempt) -> bool:
        """True if an attempt by a real client gets the answer in `met`. Truth, for the lab only."""
        return self._wire.hits(met, attempt)

    def zone_records(self, persona: str | None, spells: Sequence[Spell] = ()) -> ZoneRecords:
        """The zone as a resolver or the authority (None) serves it now. Truth, for the lab only."""
        drill, of, start_ms = self.drill, self.scenario, self.scenario.starts_utc_ms
        public = PublicZone(of.organisation, drill.dns, drill.world.zone, start_ms, of.files, drill.seed)
        return public.records(persona, drill.world.now_ms, spells)

    @property
    def _wire(self) -> Wire:
        drill, domain = self.drill, self.scenario.organisation.domain
        return Wire(drill.world, drill.seed, domain, drill.who_is_who(), drill.faults.gateway.replies)

    def digest(self) -> str:
        return self.drill.digest()

    def fork(self, at_ms: int, scenario: Scenario | None = None) -> "Session":
        """A separate drill, of `scenario` if given, with the same inputs up to `at_ms`; not journaled."""
        other = Session(scenario or self.original, self.seed, None, self.people, self.drawn)
        for moment_ms, given in self._given.before(at_ms):
            other.advance(moment_ms)
            other._given.repeat(given)
        other.advance(at_ms)
        return other


__all__ = ["DigestDiffers", "DiskFull", "Session"]
