"""One run's answer to a promise: the time it took, or its figure, and whether the promise was kept. Pure.

Times are compared in whole seconds, because each step that follows an event begins a millisecond after it:
steps that take exactly as long as promised would otherwise be late. So the limit is the last millisecond of
its second, for a run's end and for what cancels the promise as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sim.drill.plan.fields import DONE
from sim.drill.plan.promise import UNDONE_BY, PlanPromise
from sim.drill.scenario.anchor import Anchor, Elapsed, Since
from sim.drill.session.plan_run import PlanRun
from sim.kernel.duration import SECOND_MS
from sim.study.statistics.order_statistics import NEVER, UNKNOWN

WhyNot = Literal["", "from", "unless", "figure"]


@dataclass(frozen=True, slots=True)
class PromiseResult:
    """One run's answer to one promise."""

    applies: bool
    """False if the run does not count."""
    value: float
    """The time in ms, in whole seconds, or the figure. NEVER if the moment was not reached, although the run
    lasted until the promise's limit; UNKNOWN if the run ended too early to show it.
    """
    kept: bool
    why_not: WhyNot = ""
    """The reason why the run does not count: `from` was not reached, a milestone in `unless` came before the
    limit, or the run has no such `figure`.
    """
    unknown: bool = False
    """True if the run ended too early to show whether the promise is kept, or whether it was needed; it then
    counts as not kept.
    """
    earliest: float = 0.0
    """If the value is UNKNOWN: the earliest time, in ms, that it can still be."""

    @property
    def at_least(self) -> float:
        """The smallest value that the run allows."""
        return self.earliest if self.value == UNKNOWN else self.value


def answer(one: PlanPromise, run: PlanRun) -> PromiseResult:
    """The answer of `run` to the promise `one`."""
    if one.figure is not None:
        figure = run.figures.get(one.figure)
        if figure is None:
            return PromiseResult(False, NEVER, False, "figure")
        kept = figure <= one.at_most if one.at_most is not None else figure >= (one.at_least or 0)
        return PromiseResult(True, float(figure), kept)
    from_ms = moment_of(one.from_, run)
    if from_ms is None:
        return PromiseResult(False, NEVER, False, "from")
    assert one.to is not None
    assert one.within_ms is not None
    if needless(one, from_ms, run.milestones):
        return PromiseResult(False, NEVER, False, "unless")
    to_ms = moment_of(one.to, run)
    if to_ms is None:
        if run.until_ms >= limit_ms(one, from_ms) or left_out(one.to, run):
            return PromiseResult(True, NEVER, False)
        return PromiseResult(
            True, UNKNOWN, False, unknown=True, earliest=_whole_seconds(run.until_ms - from_ms)
        )
    took_ms = _whole_seconds(to_ms - from_ms)
    kept = took_ms <= one.within_ms
    if one.stays_ms is not None:
        if not lasts(one, to_ms, run):
            return PromiseResult(True, NEVER, False)
        if not run.complete and run.until_ms < _stays_until(one, to_ms, run):
            return PromiseResult(True, UNKNOWN, False, unknown=kept, earliest=took_ms)
    if kept and one.unless and not run.complete and run.until_ms < limit_ms(one, from_ms):
        return PromiseResult(True, float(took_ms), False, unknown=True)
    return PromiseResult(True, float(took_ms), kept)


def _whole_seconds(length_ms: int) -> int:
    return max(length_ms, 0) // SECOND_MS * SECOND_MS


def left_out(anchor: Anchor, run: PlanRun) -> bool:
    """True if the anchor needs the end of a step that was left out, and so is never reached."""
    steps = [run.steps[name.removesuffix(DONE)] for name in anchor.milestones if name.endswith(DONE)]
    return any(step.state == "left out" for step in steps)


def limit_ms(one: PlanPromise, from_ms: int) -> int:
    """The last moment at which the promise can be kept, if its time is counted from `from_ms`."""
    return from_ms + (one.within_ms or 0) // SECOND_MS * SECOND_MS + SECOND_MS - 1


def needless(one: PlanPromise, from_ms: int, milestones: Mapping[str, int]) -> bool:
    """True if a milestone in `unless` came before the limit, whether or not the promise was kept."""
    last_ms = limit_ms(one, from_ms)
    return any(milestones.get(name, last_ms + 1) <= last_ms for name in one.unless)


def lasts(one: PlanPromise, to_ms: int, run: PlanRun) -> bool:
    """False if the state that begins at `to_ms` ended in the run sooner than the promise allows."""
    assert one.to is not None
    enders = [name for start in one.to.milestones for name in UNDONE_BY.get(start, ())]
    ended_ms = [run.milestones[name] for name in enders if name in run.milestones]
    until_ms = _stays_until(one, to_ms, run)
    return all(not to_ms <= moment < until_ms for moment in ended_ms)


def _stays_until(one: PlanPromise, to_ms: int, run: PlanRun) -> int:
    """The time until which the state that begins at `to_ms` has to last: at most the drill's usual end, even
    if the run goes on for the sake of other promises.
    """
    end_ms = to_ms + (one.stays_ms or 0)
    return min(end_ms, run.over_ms) if to_ms < run.over_ms else end_ms


def moment_of(anchor: Anchor, run: PlanRun) -> int | None:
    """The time of an anchor made of milestones, step ends and times since the drill's start; None if it was
    not reached.
    """
    found: list[int] = []
    for moment in anchor.moments:
        match moment:
            case Since(name, offset_ms):
                come_ms = run.moment(name)
                if come_ms is None:
                    return None
                found.append(come_ms + offset_ms)
            case Elapsed(after_ms):
                found.append(after_ms)
            case _:
                raise AssertionError("checked when the file was read")
    return max(found)
