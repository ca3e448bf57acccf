"""The chain of causes of a moment, followed backwards along the latest causes to the moment from which time
is counted. Pure.

A step's end follows from its work, the work from the wait for its person or its place, the wait from the last
step or milestone before it. A milestone follows from the step whose command reaches it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.drill.plan.plan_file import Plan
from sim.drill.plan.promise import PlanPromise
from sim.drill.session.plan_run import PlanRun
from sim.kernel.duration import in_words
from sim.study.cause_walk import CauseWalk, ChainLink
from sim.study.promises import lasts, moment_of


@dataclass(frozen=True, slots=True)
class OnChain:
    """A link over many runs."""

    name: str
    runs: float
    """Share of the runs that have the link in their chain."""
    of_time: float
    """The link's share of the whole time of these chains, over all runs."""


def chain(promise: PlanPromise, plan: Plan, run: PlanRun) -> list[ChainLink]:
    """The links from `from` to `to`, in chronological order; empty if one of the two was not reached."""
    if promise.to is None:
        return []
    walk = CauseWalk(plan, run)
    ends, from_ms = (
        [(run.moment(name), name) for name in promise.to.milestones],
        moment_of(promise.from_, run),
    )
    if not ends or any(ms is None for ms, _ in ends) or from_ms is None:
        return []
    end_ms, name = max((ms or 0, name) for ms, name in ends)
    walk.back(name, end_ms, from_ms)
    return walk.links[::-1]


def waits_of_steps(promise: PlanPromise, plan: Plan, run: PlanRun) -> dict[str, int]:
    """For each wait of a step that was done, by the name of its link: its length in ms, whether or not it
    is on the chain.
    """
    walk = CauseWalk(plan, run)
    walk.since(moment_of(promise.from_, run) or 0)
    for id_, step in run.steps.items():
        if step.state == "done" and step.done_ms is not None:
            walk.one_step(id_, step.done_ms)
    return {link.name: link.ms for link in walk.links if link.name not in run.steps}


def criticality(chains: Sequence[Sequence[ChainLink]]) -> list[OnChain]:
    """For each link, how often it is on the chain, and its share of the time; the largest share first."""
    whole = [links for links in chains if links]
    total_ms = sum(link.ms for links in whole for link in links)
    names = sorted({link.name for links in whole for link in links})
    found = [
        OnChain(
            name,
            sum(any(link.name == name for link in links) for links in whole) / len(whole),
            sum(link.ms for links in whole for link in links if link.name == name) / max(total_ms, 1),
        )
        for name in names
    ]
    return sorted(found, key=lambda one: (-one.of_time, one.name))


def why_never(promise: PlanPromise, plan: Plan, run: PlanRun) -> str:
    """The reason why `to` was not reached in `run`, traced as far back as possible; or, with `stays`, why its
    state did not last.
    """
    if promise.to is None:
        return ""
    walk = CauseWalk(plan, run)
    missing = [name for name in promise.to.milestones if run.moment(name) is None]
    if missing:
        return walk.blocked(missing[0], set())
    stays = in_words(promise.stays_ms or 0)
    if lasts(promise, moment_of(promise.to, run) or 0, run):
        return f"the run ended before {promise.to.text} had lasted {stays}"
    return f"{promise.to.text} did not last {stays}"
