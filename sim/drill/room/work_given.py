"""Commands in progress, from the moment each is given until it takes effect or is cancelled; and the turn in
which a person carries one out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sim.drill.room.draw_keys import CommandKeys
from sim.drill.room.staff import Desk, Task
from sim.kernel.frozen import frozen

At = Callable[[int, Callable[[], None]], None]

CANCELLED = "cancelled"
"""Result of a command that was taken back before its person began it."""

NEEDLESS = "not needed any more"
"""Result of a plan's step that its person did not begin, because a milestone in its `unless` had been
reached.
"""


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
