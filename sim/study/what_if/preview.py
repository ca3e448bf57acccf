"""Two futures of a command before it is given: with it and without it, from facts that the trainee can know.

A copy of the drill continues from the current moment. The copy does not follow the scenario: the known
failure stays as it appears now until one of a few assumed recovery times, nothing else fails, and faults that
are still unknown are left out. Everything else is as it is in the drill: mail, queues, people and their
hands-on time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sim.drill.commands.outcome import Refused
from sim.drill.drill import Drill
from sim.drill.drill_state import DrillState
from sim.drill.instruments import gateway_console
from sim.drill.room.evidence import known_back_ms
from sim.drill.scenario.fault import Fault
from sim.drill.scenario.milestones import Milestone
from sim.drill.session.session import Session
from sim.drill.session.stops import ALERTS
from sim.kernel.duration import HOUR_MS
from sim.mail.users.time_without_mail import without_mail
from sim.study.what_if.cost import run_cost

AHEAD_MS = (HOUR_MS, 4 * HOUR_MS, 12 * HOUR_MS)
"""The times of a future that are shown, counted from now."""
GUESSES_MS = (HOUR_MS, 4 * HOUR_MS)
"""Times after which recovery is assumed (also: never) if there is no estimate, or if its time has passed."""

IN_AN_EXAM = 3
"""Number of previews allowed in an exam."""

PlayAhead = Callable[[Sequence[Callable[[Session], Any]]], Sequence[Any]]
"""Function that takes questions and returns the answers from copies of the drill as it is now, in the same
order, wherever they run.
"""


@dataclass(frozen=True, slots=True)
class Belief:
    """An assumption about the failure."""

    fails: bool
    """False if no component is known to fail."""
    over_ms: int | None = None
    """The time at which the service is back; None if recovery is not in sight."""
    estimated: bool = False
    """True if this time is an estimate that people have received."""


@dataclass(frozen=True, slots=True)
class FutureFigures:
    """Figures at one moment of a future."""

    queued: int
    """Messages in queues of the gateway, the backup, the mail server and outside senders."""
    oldest_ms: int
    """Age of the oldest message in the gateway's inbound queue; 0 if it is empty."""
    lost: int
    """Messages bounced, permanently rejected or never sent."""
    without_mail: int
    """Users who can neither read nor send."""
    unfiltered: int
    """Messages that reached the mail server unfiltered."""


@dataclass(frozen=True, slots=True)
class Future:
    """The figures at each of the times AHEAD_MS; or the reason why the command would be refused."""

    figures: tuple[FutureFigures, ...]
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """Both futures for each assumption, in the same order."""

    command: str
    now_ms: int
    beliefs: tuple[Belief, ...]
    without: tuple[Future, ...]
    given: tuple[Future, ...]

    @property
    def refused(self) -> str:
        """The reason why the command would be refused; empty if it would be accepted."""
        return self.given[0].refused


def preview(session: Session, command: str, play_ahead: PlayAhead) -> Preview:
    """Both futures of `session` from now, for `command`."""
    assumed = beliefs(session.drill)
    readings = [partial(future, text=text, belief=one) for text in ("", command) for one in assumed]
    played = tuple(play_ahead(readings))
    return Preview(command, session.now_ms, assumed, played[: len(assumed)], played[len(assumed) :])


def beliefs(drill: DrillState) -> tuple[Belief, ...]:
    """The assumptions that fit the known facts; never one that only the truth could suggest."""
    now_ms = drill.now_ms
    if not _known_to_fail(drill):
        return (Belief(fails=False),)
    back_ms, sure_ms = drill.room.back_by_ms, drill.room.sure_by_ms
    if back_ms is None or back_ms <= now_ms:
        return (*(Belief(True, now_ms + one) for one in GUESSES_MS), Belief(True))
    later_ms = sure_ms if sure_ms is not None and sure_ms > back_ms else 2 * back_ms - now_ms
    return (Belief(True, back_ms, estimated=True), Belief(True, later_ms), Belief(True))


def _known_to_fail(drill: DrillState) -> bool:
    """True from the first alert until people know that the service is back."""
    alerted = any(one.kind in ALERTS for one in drill.events)
    holds_ms = drill.scenario.rules.words.down_for_ms
    seen_ms = known_back_ms(drill.room.sightings, drill.scenario.timeline, drill.now_ms, holds_ms)
    return alerted and Milestone.SERVER_REPORTED_BACK not in drill.known and seen_ms is None


def suppose(drill: Drill, belief: Belief) -> None:
    """Make `drill`, a copy, follow `belief` from now on instead of the scenario.

    A failure keeps its present strength. A failure that is over without people's knowledge begins again. No
    other component fails, no inject fires, and the drill does not end.
    """
    drill.looks_ahead = True
    now_ms, faults = drill.now_ms, drill.scenario.timeline
    until_ms = belief.over_ms if belief.over_ms is not None else now_ms + 2 * AHEAD_MS[-1]
    until_ms = until_ms if belief.fails else now_ms
    past = tuple(one for one in faults if one.until_ms <= now_ms)
    begun = {one: _lasting(one, now_ms, until_ms) for one in faults if drill.faults.has(one)}
    again: tuple[Fault, ...] = ()
    if belief.fails and not begun and past:
        last_ms = max(one.until_ms for one in past)
        again = tuple(_again(one, now_ms, until_ms) for one in past if one.until_ms == last_ms)
    beyond_ms = now_ms + 2 * AHEAD_MS[-1]  # a story needs a fault: this one lies beyond every preview
    never = () if begun or again or past else (_again(faults[0], beyond_ms, beyond_ms + 1),)
    drill.amend((*past, *begun.values(), *again, *never))
    for fault, supposed in begun.items():
        drill.story.turn_into(fault, supposed)


def _lasting(fault: Fault, now_ms: int, until_ms: int) -> Fault:
    """The fault in force, at its present strength, until its assumed end."""
    kept = {"ramps_up_ms": 0, "ramps_down_ms": 0, "for_ms": until_ms - fault.at_ms}
    return fault.at(now_ms).model_copy(update=kept)


def _again(fault: Fault, at_ms: int, until_ms: int) -> Fault:
    """The fault as written, but over another span."""
    kept = {"ramps_up_ms": 0, "ramps_down_ms": 0, "at_ms": at_ms, "for_ms": until_ms - at_ms}
    return fault.model_copy(update={**kept, "id": f"{fault.id}-again"})


def future(session: Session, text: str, belief: Belief) -> Future:
    """`session`, a copy, continued under `belief`, with the command `text`; empty: without a command.

    Commands in progress have the same random outcomes in all futures. They differ from those of the drill,
    which are unknown.
    """
    suppose(session.drill, belief)
    session.drill.draw_keys.as_before(session.drill.draw_keys.drawn)
    now_ms, refused = session.now_ms, ""
    if text:
        reply = session.dispatch(text)
        refused = reply.reason if isinstance(reply, Refused) else ""
    found = []
    for ahead_ms in AHEAD_MS:
        session.advance(now_ms + ahead_ms)
        found.append(_figures(session))
    return Future(tuple(found), refused)


def _figures(session: Session) -> FutureFigures:
    cost, drill = run_cost(session), session.drill
    lost_ms = np.array([session.now_ms], dtype=np.int64)
    return FutureFigures(
        queued=cost.queued,
        oldest_ms=gateway_console.read(drill).oldest_ms or 0,
        lost=cost.lost,
        without_mail=int(without_mail(drill.world.users, lost_ms)[0]),
        unfiltered=cost.unfiltered,
    )
