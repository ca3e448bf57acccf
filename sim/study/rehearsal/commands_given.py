"""The commands of a drill, each with its outcome: done, failed, refused, or still in progress. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sim.drill.room.events import Event
from sim.drill.room.work_given import CANCELLED, NEEDLESS, CommandInHand

Outcome = Literal["under way", "done", "failed", "refused", "left out"]
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
    """The outcome; `under way` if the command was still in progress at the end of the drill, `left out` if a
    plan gave it and its person did not begin it, because it was not needed any more.
    """
    worked_ms: int | None = None
    """End of the command's hands-on time; if it needed none, the time at which it was given."""
    ended_ms: int | None = None
    """The time at which the command took effect, failed, was refused, or was given up (a call)."""
    reason: str = ""
    """The reason why the command was refused or failed."""


def commands_played(
    events: Sequence[Event], work: Sequence[CommandInHand], results: Mapping[int, str]
) -> list[CommandPlayed]:
    """The commands of a drill with those events, in the order in which they were given. A command that was
    cancelled before its person began it is left out.

    `work`: the drill's commands that took time; `results`: the result of each that has ended, by its number.
    """
    found: list[CommandPlayed] = []
    given = _by_text(work)
    open_: dict[str, list[tuple[int, CommandInHand]]] = {}
    for event in events:
        if event.kind == "command":
            one = given[event.ref].pop(0)
            open_.setdefault(event.ref, []).append((len(found), one))
            found.append(_as_given(len(found), event, one, results))
        elif event.kind == "refused" and event.ref:
            found.append(
                CommandPlayed(len(found), event.ref, event.t_ms, "refused", None, event.t_ms, _reason(event))
            )
        elif event.kind in RESULTS and event.ref:
            failed = event.kind == "failed"
            index = _ended_now(open_.get(event.ref, []), event.t_ms)
            if index is None:  # the command took no time, so only its result was recorded
                index = len(found)
                found.append(CommandPlayed(index, event.ref, event.t_ms, worked_ms=event.t_ms))
            found[index] = replace(
                found[index],
                outcome="failed" if failed else "done",
                ended_ms=event.t_ms,
                reason=_reason(event) if failed else "",
            )
    return [one for one in found if one.reason != CANCELLED]


def _by_text(work: Sequence[CommandInHand]) -> dict[str, list[CommandInHand]]:
    found: dict[str, list[CommandInHand]] = {}
    for one in work:
        found.setdefault(one.text, []).append(one)
    return found


def _as_given(number: int, event: Event, one: CommandInHand, results: Mapping[int, str]) -> CommandPlayed:
    """The command as it is without an event that reports its end."""
    played = CommandPlayed(number, event.ref, event.t_ms, worked_ms=one.task.done_ms)
    if one.ended_ms is None:
        return played
    reason = results[one.number]
    if reason == NEEDLESS:
        return replace(played, outcome="left out", worked_ms=None, ended_ms=one.ended_ms)
    return replace(played, outcome="failed", ended_ms=one.ended_ms, reason=reason)


def _ended_now(open_: list[tuple[int, CommandInHand]], t_ms: int) -> int | None:
    """The index of the command that ends at `t_ms`, which is removed from `open_`; None if none is open."""
    ends = [one.effective_ms if one.ended_ms is None else one.ended_ms for _index, one in open_]
    going_on = [place for place, (_index, one) in enumerate(open_) if one.ended_ms is None]
    place = ends.index(t_ms) if t_ms in ends else next(iter(going_on), None)
    return None if place is None else open_.pop(place)[0]


def _reason(event: Event) -> str:
    return event.text.removeprefix(f"{event.ref}: ")
