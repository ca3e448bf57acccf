"""Commands in progress, from the moment each is given until it takes effect or is cancelled; and the turn in
which a person carries one out, with the keys of its random draws.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from zlib import crc32

from sim.drill.room.staff import Desk, Task
from sim.kernel.frozen import frozen

At = Callable[[int, Callable[[], None]], None]

CANCELLED = "cancelled"
"""Result of a command that was taken back before its person began it."""

NEEDLESS = "not needed any more"
"""Result of a plan's step that its person did not begin, because a milestone in its `unless` had been
reached.
"""


OWN_KEYS = 1 << 20
"""Keys from here on belong to commands that an earlier run of the same drill did not give; no count of
commands is that large.
"""


@dataclass(slots=True, eq=False)
class CommandKeys:
    """The keys of the draws of one typed command, in the order in which they were asked for."""

    used: list[int] = field(default_factory=list)
    before: tuple[int, ...] | None = None
    """The keys that the same command used in an earlier run of the drill; None if there is no earlier run."""
    own: int = 0
    """Key of a draw that the earlier run did not make."""
    on_call: int = 0
    """Key of the time until its person begins, if the person is called out of hours."""
    on_call_before: int | None = None
    """The same key in the earlier run; None if the earlier run did not have the command."""

    def called_out(self, count: int) -> int:
        """The key of the time until its person begins; `count`, if there is no earlier run."""
        if self.before is None:
            self.on_call = count
        else:
            self.on_call = self.own if self.on_call_before is None else self.on_call_before
        return self.on_call

    def next(self, count: int) -> int:
        """The key of the next draw; `count`, if there is no earlier run."""
        if self.before is None:
            key = count
        else:
            place = len(self.used)
            key = self.before[place] if place < len(self.before) else self.own
        self.used.append(key)
        return key


@frozen
class CommandDrawn:
    """A command that was accepted in a run of a drill, and the keys of its draws."""

    t_ms: int
    text: str
    keys: tuple[int, ...]
    on_call: int
    """Key of the time until its person began, used if the person was called out of hours."""


class DrawKeys:
    """The keys of all typed commands of a drill, which are counts.

    A study runs the drill again with one command more, less or at another time. So that all other commands
    have the same luck as before, they then use the keys of the earlier run: a count would have changed.
    """

    def __init__(self) -> None:
        self._given: list[tuple[int, str, CommandKeys]] = []
        self._before: list[CommandDrawn] | None = None
        self._own: Counter[str] = Counter()

    @property
    def drawn(self) -> tuple[CommandDrawn, ...]:
        """Every command accepted so far."""
        return tuple(
            CommandDrawn(t_ms, text, tuple(keys.used), keys.on_call) for t_ms, text, keys in self._given
        )

    def as_before(self, drawn: Iterable[CommandDrawn]) -> None:
        """From now on, use the keys of an earlier run of the same drill; `drawn`: all of its commands, which
        begin with those accepted so far.
        """
        drawn = list(drawn)
        for (_t_ms, text, keys), one in zip(self._given, drawn, strict=False):
            keys.before, keys.own = one.keys, self._own_key(text)
        self._before = drawn[len(self._given) :]

    def begin(self, text: str, now_ms: int) -> CommandKeys:
        """The keys of a command that has just been accepted."""
        keys = CommandKeys()
        if self._before is not None:
            same = [one for one in self._before if one.text == text]
            if same:
                one = _same_command(same, now_ms)
                self._before.remove(one)
                keys.before, keys.on_call_before = one.keys, one.on_call
            else:
                keys.before = ()
            keys.own = self._own_key(text)
        self._given.append((now_ms, text, keys))
        return keys

    def _own_key(self, text: str) -> int:
        self._own[text] += 1
        return OWN_KEYS + crc32(f"{text} {self._own[text]}".encode()) % OWN_KEYS


def _same_command(same: Sequence[CommandDrawn], now_ms: int) -> CommandDrawn:
    """The command of `same`, in chronological order, that is given again at `now_ms`: the one given at that
    very moment, or else the first one, which was moved.
    """
    return next((one for one in same if one.t_ms == now_ms), same[0])


@frozen
class Turn:
    """One person's turn at one command: the person, and the draws of its random results."""

    by: str
    """Name of the person who carries out the command."""
    draws: int | None = None
    """Key of the command's draws, from the step of a plan; None: each kind of draw is keyed by a count."""
    answers_ms: int | None = None
    """Time from a request for approval until the approver starts on it, if a plan sets it; None: as in the
    organisation's file.
    """
    approver: str = ""
    """Id of the person whose time `answers_ms` is; empty if it is None."""
    keys: CommandKeys | None = None
    """The keys of a typed command's draws."""

    def key(self, count: int) -> int:
        """Key of one of the command's draws. `count`: the number of earlier commands or results of that
        kind.
        """
        if self.draws is not None:
            return self.draws
        return count if self.keys is None else self.keys.next(count)


@dataclass(slots=True, eq=False)
class CommandInHand:
    """A command that has been given to a person."""

    number: int
    text: str
    desk: Desk
    task: Task
    lead_ms: int
    """Time from the end of the task until the command takes effect."""
    at_its_start: Callable[[], None] | None = None
    """Called when the person begins the task."""
    at_its_end: Callable[[], None] | None = None
    """Called when the task ends."""
    at_its_effect: Callable[[], None] | None = None
    """Called when the command takes effect."""
    taken_back: Callable[[], None] = lambda: None
    """Removes the entries that were made when the command was given."""
    given_again: Callable[[int, int], None] = lambda done_ms, effective_ms: None
    """Restores these entries; its arguments are the times in ms at which the task ends and the command
    takes effect.
    """
    ended_ms: int | None = None
    """Time at which it was cancelled, or ended or refused before it took effect; None: none of these."""

    @property
    def effective_ms(self) -> int:
        return self.task.done_ms + self.lead_ms


def _unless_moved(one: CommandInHand, act: Callable[[], None]) -> Callable[[], None]:
    """`act`, which does nothing if the command has been ended or moved to another time by then."""
    task = one.task

    def unmoved() -> None:
        if one.ended_ms is None and one.task is task:
            act()

    return unmoved


class WorkGiven:
    """The commands of one drill that take time, in the order in which they were given."""

    def __init__(self, at: At) -> None:
        """`at(t_ms, act)` schedules an action."""
        self._at = at
        self._all: list[CommandInHand] = []

    @property
    def all(self) -> Sequence[CommandInHand]:
        """Every command that took time, in the order in which they were given."""
        return self._all

    def add(self, one: CommandInHand) -> None:
        """Schedule the command's callbacks: at its start, at the end of its task and when it takes effect."""
        self._all.append(one)
        self._schedule(one)

    def numbered(self, number: int) -> CommandInHand:
        """The command with that number, which took time or was assigned by a plan."""
        return next(one for one in reversed(self._all) if one.number == number)

    def takes_effect_later(
        self, one: CommandInHand, at_its_effect: Callable[[], None], taken_back: Callable[[], None]
    ) -> None:
        """Schedule the effect of a command whose task ends now, for a command that is checked only then.

        `taken_back` removes the entries that have just been made for it.
        """
        one.at_its_effect, one.taken_back = at_its_effect, taken_back
        self._at(one.effective_ms, _unless_moved(one, at_its_effect))

    def _schedule(self, one: CommandInHand) -> None:
        if one.at_its_start is not None:
            self._at(one.task.starts_ms, _unless_moved(one, one.at_its_start))
        if one.at_its_end is not None:
            self._at(one.task.done_ms, _unless_moved(one, one.at_its_end))
        if one.at_its_effect is not None:
            self._at(one.effective_ms, _unless_moved(one, one.at_its_effect))

    def last(self, text: str, now_ms: int) -> CommandInHand | None:
        """The last command given whose text begins with `text`, preferably one that has not begun.

        None: no such command is in progress or waiting for its person at `now_ms`.
        """
        words = text.split()
        open_ones = [
            one
            for one in reversed(self._all)
            if one.ended_ms is None and now_ms < one.effective_ms and one.text.split()[: len(words)] == words
        ]
        waiting = (one for one in open_ones if now_ms < one.task.starts_ms)
        return next(waiting, open_ones[0] if open_ones else None)

    def end(self, one: CommandInHand, now_ms: int) -> None:
        """End a command before it takes effect. The person is free at once, so commands directly after it
        begin earlier.
        """
        one.ended_ms = now_ms
        one.taken_back()
        task, tasks = one.task, one.desk.tasks
        if task.done_ms <= now_ms:
            return
        place = next(number for number, other in enumerate(tasks) if other is task)
        by_ms, end_ms = task.done_ms - max(task.starts_ms, now_ms), task.done_ms
        if now_ms < task.starts_ms:
            del tasks[place]
        else:
            tasks[place] = one.task = replace(task, done_ms=now_ms)
            place += 1
        for number in range(place, len(tasks)):
            follows = next((other for other in self._all if other.task is tasks[number]), None)
            if follows is None or follows.task.starts_ms != end_ms:
                break  # an answer or a task with a time of its own
            end_ms = follows.task.done_ms
            earlier = replace(
                follows.task, starts_ms=follows.task.starts_ms - by_ms, done_ms=follows.task.done_ms - by_ms
            )
            tasks[number] = follows.task = earlier
            follows.taken_back()
            follows.given_again(earlier.done_ms, follows.effective_ms)
            self._schedule(follows)
