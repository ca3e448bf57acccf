"""The check of a plan: a growing number of runs, until every promise is decided."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from sim.drill.plan.promise import PlanPromise
from sim.drill.session.plan_run import PlanRun
from sim.study.looks import ERROR, RunsLook, Verdict, look, sizes
from sim.study.one_run import Study
from sim.study.promises import PromiseResult, answer
from sim.study.statistics.order_statistics import Quantile, quantile

QUANTILES = (("p10", 0.1), ("p50", 0.5), ("p90", 0.9), ("p95", 0.95))

Play = Callable[[Study, Sequence[int]], Iterable[PlanRun]]
"""Function that takes numbers of runs and returns these runs in that order, wherever they are computed."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The result for one promise."""

    promise: PlanPromise
    answers: tuple[PromiseResult, ...]
    """The answer in each run."""
    looks: tuple[RunsLook, ...]
    level: float
    """Confidence level of the interval at each check."""
    quantiles: dict[str, Quantile]

    @property
    def sure(self) -> float:
        """The share of runs in which the promise has to be kept, 0 to 1."""
        return self.promise.sure / 10_000

    @property
    def last(self) -> RunsLook:
        return self.looks[-1]

    @property
    def decided(self) -> RunsLook | None:
        """The first check that decided the promise; None if no check did."""
        return next((one for one in self.looks if one.verdict != "undecided"), None)

    @property
    def verdict(self) -> Verdict:
        """Verdict of the first check that decided the promise. The verdict stands, because the intervals
        of all checks hold together.
        """
        return self.decided.verdict if self.decided else "undecided"

    @property
    def applies(self) -> int:
        """Number of runs to which the promise applies."""
        return sum(one.applies for one in self.answers)


@dataclass(frozen=True, slots=True)
class Check:
    """A plan that was checked: every run, and the state of every promise at the last check."""

    study: Study
    runs: tuple[PlanRun, ...]
    looks: tuple[int, ...]
    """Numbers of runs after which the promises were checked."""
    promises: tuple[Checked, ...]

    @property
    def verdict(self) -> Verdict:
        """`fails` if any promise fails, otherwise `undecided` if any is undecided, otherwise `holds`."""
        found = {one.verdict for one in self.promises}
        if "fails" in found:
            return "fails"
        return "undecided" if "undecided" in found else "holds"


def check(
    study: Study,
    play: Play,
    most: int,
    told: Callable[[Check], None] = lambda _check: None,
    *,
    family: bool = False,
) -> Check:
    """The check of a plan with at most `most` runs. `told`: called after each complete check.

    The check stops at the first of its checks at which every promise is decided. `family`: the error is also
    divided among the promises. Only the first run and the last run of each check have digests, because a
    digest costs a tenth of a run.
    """
    planned, runs = sizes(most), list[PlanRun]()
    study = replace(study, digests=frozenset((1, *planned)))
    error = ERROR / len(study.loaded.plan.assumptions) if family else ERROR
    found: Check | None = None
    for number, size in enumerate(planned):
        runs += play(study, range(len(runs) + 1, size + 1))
        found = at_look(study, runs, planned[: number + 1], len(planned), error)
        told(found)
        if all(one.verdict != "undecided" for one in found.promises):
            break
    assert found is not None
    return found


def at_look(study: Study, runs: Sequence[PlanRun], seen: Sequence[int], looks: int, error: float) -> Check:
    """The state after the checks in `seen`, of which the last covers all `runs`; there are at most `looks`
    checks.
    """
    promises = tuple(
        _checked(one, [answer(one, run) for run in runs], seen, looks, error)
        for one in study.loaded.plan.assumptions
    )
    return Check(study, tuple(runs), tuple(seen), promises)


def _checked(
    one: PlanPromise, answers: list[PromiseResult], seen: Sequence[int], looks: int, error: float
) -> Checked:
    sure = one.sure / 10_000
    made = []
    for size in seen:
        applying = [given for given in answers[:size] if given.applies]
        kept, unknown = sum(given.kept for given in applying), sum(given.unknown for given in applying)
        made.append(look(kept, len(applying), sure, looks, error, unknown))
    ordered = sorted(given.value for given in answers if given.applies)
    earliest = sorted(given.at_least for given in answers if given.applies)
    found = {name: quantile(ordered, share, ERROR, earliest) for name, share in QUANTILES}
    return Checked(one, tuple(answers), tuple(made), 1 - error / looks, found)
