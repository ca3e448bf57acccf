"""Why a promise holds or fails: drivers of its time, chains of causes, example runs. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sim.drill.plan.plan_file import Plan
from sim.drill.plan.promise import PlanPromise
from sim.drill.session.plan_run import PlanRun
from sim.study.cause_walk import AGAIN, ChainLink
from sim.study.chains import OnChain, chain, criticality, waits_of_steps, why_never
from sim.study.check import Check, Checked
from sim.study.promises import PromiseResult, moment_of
from sim.study.statistics.drivers import Driver, drivers, explained
from sim.study.statistics.order_statistics import NEVER, UNKNOWN

MOST_DRIVERS = 6
MOST_LINKS = 8
ADDS_UP = 0.02
"""How close the sum of shares must be to the whole for the shares to be shown as parts of the whole."""
FAILS = " fails"
"""Suffix of a driver's name: the number of failed attempts at a step."""
IN_VAIN = "calls in vain"
"""End of the name of a draw that a run lacks if the first call was answered: then no time was lost."""
ANSWERS = ("answers", "answers at night", IN_VAIN)


@dataclass(frozen=True, slots=True)
class Why:
    """The reasons for one verdict."""

    drivers: tuple[Driver, ...]
    other: float
    """Share of the variance that all drivers together do not explain."""
    assumed: float
    """Share of the variance that is explained together by drivers that are assumed durations of steps."""
    median: tuple[ChainLink, ...]
    """Chain of the median run; empty for a figure, or if the moment was not reached in that run."""
    bad: tuple[ChainLink, ...]
    """Chain of a bad run: nine in ten runs are better."""
    critical: tuple[OnChain, ...]
    never: tuple[tuple[str, int], ...]
    """Reasons why the moment was never reached, each with its number of runs."""
    too_early: tuple[tuple[str, int], ...]
    """For runs that ended too early to show the moment: the reasons why it had not been reached by then."""
    median_run: int
    bad_run: int
    """`median_run` and `bad_run`: the numbers of these two runs; 0 if the promise applies to no run."""

    @property
    def overlap(self) -> bool:
        """True if the drivers are correlated, in which case their shares do not add up."""
        return abs(sum(one.share for one in self.drivers) + self.other - 1) > ADDS_UP and bool(self.drivers)


def why(check: Check, one: Checked) -> Why:
    """The reasons behind the verdict on the promise `one` of `check`."""
    promise, plan = one.promise, check.study.loaded.plan
    pairs = [(run, given) for run, given in zip(check.runs, one.answers, strict=True) if given.applies]
    if not pairs:
        return Why((), 0.0, 0.0, (), (), (), (), (), 0, 0)
    upside_down = promise.at_least is not None
    pairs.sort(key=lambda pair: (-pair[1].value if upside_down else pair[1].value, pair[0].number))
    median, bad = pairs[(len(pairs) - 1) // 2][0], pairs[-(-len(pairs) * 9 // 10) - 1][0]
    chains = {run.number: chain(promise, plan, run) if given.value < UNKNOWN else [] for run, given in pairs}
    drawn = {run.number: {**run.drawn, **_failures(plan, run)} for run, _given in pairs}
    before = _drawn_before(promise, pairs, drawn)
    reasons = Counter(
        (given.value, why_never(promise, plan, run))
        for run, given in pairs
        if given.value >= UNKNOWN and promise.to
    )
    on_chain = {word for links in chains.values() for link in links for word in link.name.split()}
    on_chain |= {word for _value, text in reasons for word in text.split()}
    if promise.to is not None:
        before = {name for name in before if _may_matter(name, on_chain, plan)}
    named = {name for run, _given in pairs for name in _waits(chains[run.number], run)}
    rows = [
        {name: 0 for name in before if name.endswith(IN_VAIN) and _begun(_step_of(name), run)}
        | {name: value for name, value in drawn[run.number].items() if name in before}
        | _all_waits(promise, plan, run, chains[run.number], named)
        for run, _given in pairs
    ]
    values = [given.value for _run, given in pairs]
    found = drivers(values, rows)[:MOST_DRIVERS]
    assumed = [one.name for one in found if _step_of(one.name) in assumed_steps(plan)]
    return Why(
        tuple(found),
        1 - explained(values, rows, [one.name for one in found]),
        explained(values, rows, assumed),
        tuple(chains[median.number]),
        tuple(chains[bad.number]),
        tuple(criticality(list(chains.values()))[:MOST_LINKS]),
        _most_first({text: runs for (value, text), runs in reasons.items() if value == NEVER}),
        _most_first({text: runs for (value, text), runs in reasons.items() if value == UNKNOWN}),
        median.number,
        bad.number,
    )


def _most_first(reasons: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0])))


def critical_steps(check: Check) -> dict[str, float]:
    """For each step: the share of all runs in which its work is on the chain of at least one promise. A
    promise has no chain in a run in which its moment was not reached, or its state did not last.
    """
    plan = check.study.loaded.plan
    found = dict.fromkeys((step.id for step in plan.steps), 0)
    for index, run in enumerate(check.runs):
        answers = [(one.promise, one.answers[index]) for one in check.promises]
        reached = [promise for promise, given in answers if given.applies and given.value < UNKNOWN]
        links = {link.name for promise in reached for link in chain(promise, plan, run)}
        for name in links & found.keys():
            found[name] += 1
    return {name: count / len(check.runs) for name, count in found.items()}


def assumed_steps(plan: Plan) -> tuple[str, ...]:
    """Steps whose duration or failures vary and are assumed in the plan."""
    return tuple(
        step.id
        for step in plan.steps
        if step.confidence == "assumed" and ((step.takes is not None and step.takes.drawn) or step.fails)
    )


def _failures(plan: Plan, run: PlanRun) -> dict[str, int]:
    """For each step that can fail and was begun, the number of failed attempts."""
    found = {}
    for step in plan.steps:
        done = run.steps[step.id]
        if (step.fails or step.on_failure) and done.tries:
            failed = done.state == "failed" or bool(done.instead)
            found[step.id + FAILS] = done.tries - 1 + failed
    return found


def _step_of(name: str) -> str:
    """Id of the step to which a driver belongs; empty if it belongs to none."""
    return name.removesuffix(FAILS) if name.endswith(FAILS) else name.rpartition(".")[0]


def _carried_out(name: str, run: PlanRun) -> bool:
    """True if the step of a wait was begun, because only then does a wait that is not on the chain count
    as zero.
    """
    return all(_begun(word, run) for word in name.split() if word in run.steps)


def _begun(step: str, run: PlanRun) -> bool:
    return run.steps[step].starts_ms is not None


def _may_matter(name: str, on_chain: set[str], plan: Plan) -> bool:
    """True for a draw of a step that is on the chain of some run, or in the reason why a moment was never
    reached, and for the values of the outage that vary.
    """
    step, purpose = _step_of(name), name.rpartition(".")[2]
    if name.endswith(FAILS):
        return step in on_chain
    if purpose in ANSWERS:
        return False  # the chain's "reaching the owner" covers all of that wait
    return step in on_chain or step not in {one.id for one in plan.steps}


def _drawn_before(
    promise: PlanPromise, pairs: list[tuple[PlanRun, PromiseResult]], drawn: Mapping[int, Mapping[str, int]]
) -> set[str]:
    """Draws that can affect the moment: those of steps that began before it was reached, in at least half
    of the runs.
    """
    names = {name for run, _given in pairs for name in drawn[run.number]}

    def count(name: str) -> tuple[int, int]:
        seen = before = 0
        for run, given in pairs:
            if name in drawn[run.number]:
                seen += 1
                step = run.steps.get(_step_of(name))
                end_ms = NEVER if promise.to is None else (moment_of(promise.from_, run) or 0) + given.value
                began_ms = None if step is None else step.due_ms if name.endswith(FAILS) else step.starts_ms
                before += step is None or (began_ms is not None and began_ms < end_ms)
        return before, seen

    return {name for name in names if 2 * count(name)[0] >= count(name)[1]}


def _all_waits(
    promise: PlanPromise, plan: Plan, run: PlanRun, links: list[ChainLink], named: set[str]
) -> dict[str, int]:
    """The waits in one run, limited to waits on the chain of any run, even if they are not on the chain of
    this run.

    The wait of a step has its own length, whether or not it is on the chain. Any other wait is zero if it is
    not on the chain. Without a chain, only the waits of steps are known.
    """
    own = {name: ms for name, ms in waits_of_steps(promise, plan, run).items() if name in named}
    none = {name: 0 for name in named if links and _carried_out(name, run)}
    return none | own | _waits(links, run)


def _waits(links: list[ChainLink], run: PlanRun) -> dict[str, int]:
    """Links that are not random draws: waits for a free person or a place, and times that the simulation
    determines.
    """
    return {
        link.name: link.ms for link in links if link.name not in run.steps and not link.name.endswith(AGAIN)
    }
