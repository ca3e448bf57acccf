"""The commands of a drill, each with its outcome: done, failed, refused, or still in progress. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sim.drill.room.events import Event
from sim.drill.room.work_given import CommandInHand

Outcome = Literal["under way", "done", "failed", "refused"]
RESULTS = ("done", "report", "note", "failed")
"""Kinds of events that end a command; each has the command's text as its `ref`."""


@dataclass(frozen=True, slots=True)
class CommandPlayed:
    """A command that was given; times are in ms since the drill's start."""

    number: int
    """The command's number, from 0, in the order in which commands were given."""
    text: str
    given_ms: int
    outcome: Outcome = "under way"
    """The outcome; `under way` if the command was still in progress at the end of the drill, or was
    cancelled.
    """
    worked_ms: int | None = None
    """End of the command's hands-on time; if it needed none, the time at which it was given."""
    ended_ms: int | None = None
    """The time at which the command took effect, failed, or was refused."""
    reason: str = ""
    """The reason why the command was refused or failed."""


def commands_played(events: Sequence[Event], work: Sequence[CommandInHand]) -> list[CommandPlayed]:
    """The commands of a drill with those events, in the order in which they were given. `work`: the drill's
    commands in progress.

    If several commands have the same text, the one given first is assumed to end first.
    """
    found: list[CommandPlayed] = []
    open_: dict[str, list[int]] = {}
    tasks: dict[str, list[int]] = {}
    for one in work:
        tasks.setdefault(one.text, []).append(one.task.done_ms)
    for event in events:
        if event.kind == "command":
            open_.setdefault(event.ref, []).append(len(found))
            found.append(CommandPlayed(len(found), event.ref, event.t_ms, worked_ms=tasks[event.ref].pop(0)))
        elif event.kind == "refused" and event.ref:
            found.append(
                CommandPlayed(len(found), event.ref, event.t_ms, "refused", None, event.t_ms, _reason(event))
            )
        elif event.kind in RESULTS and event.ref:
            if not open_.get(event.ref):  # it needed no time, so that only its result was told
                open_[event.ref] = [len(found)]
                found.append(CommandPlayed(len(found), event.ref, event.t_ms, worked_ms=event.t_ms))
            index, failed = open_[event.ref].pop(0), event.kind == "failed"
            found[index] = replace(
                found[index],
                outcome="failed" if failed else "done",
                ended_ms=event.t_ms,
                reason=_reason(event) if failed else "",
            )
    return found


def _reason(event: Event) -> str:
    return event.text.removeprefix(f"{event.ref}: ")
