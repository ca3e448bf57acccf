"""Runs on a worker of a cluster, which must first prove that it gives the same results as the machine that
asks.

An installation of another version, or with other packages, may give results that only look right. Each
process therefore first repeats one known run, and refuses all other runs if any number in it differs.
"""

import gc
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from threading import Lock

from sim.drill.session.journal_reading import MODEL
from sim.drill.session.plan_run import PlanRun
from sim.kernel.user_mistake import Mistake
from sim.study.one_run import Study, run_of

_ALONE = Lock()
"""Lets only one run of a process proceed at a time, because a worker may have several threads."""


class UnlikeWorker(Mistake):
    """A worker does not give the same results; the text is the reason."""


def version_of_mxdrill() -> str:
    """The version of this process: `0.1.0, model 2`."""
    return f"{version('mxdrill')}, model {MODEL}"


@dataclass(frozen=True, slots=True)
class Canary:
    """A run that a process has to repeat before its results count."""

    digest: str
    """Digest that identifies the run: canaries with equal digests are equal."""
    made_by: str
    """Version of mxdrill that gave `expected`."""
    study: Study = field(compare=False)
    expected: PlanRun = field(compare=False)


def canary_of(study: Study) -> Canary:
    """The first run of `study`, as computed by this process."""
    expected = run_of(study, 1)
    return Canary(expected.digest, version_of_mxdrill(), study, expected)


@lru_cache(maxsize=8)
def unlike(canary: Canary) -> str:
    """The reason why this process cannot be trusted, in words; empty if it can. Checked once per process."""
    own = version_of_mxdrill()
    if own != canary.made_by:
        return f"it has mxdrill {own}; this machine has {canary.made_by}"
    found = run_of(canary.study, canary.expected.number)
    if found != canary.expected:
        return "its run 1 differs from run 1 on this machine; install the same packages on both"
    gc.collect()
    gc.freeze()  # loaded objects stay, so later collections are cheap
    return ""


def prove(canary: Canary) -> str:
    """Call `unlike` on a worker whose threads may be busy."""
    with _ALONE:
        return unlike(canary)


def proven_runs(canary: Canary, study: Study, numbers: Sequence[int]) -> list[PlanRun]:
    """The given runs of `study`, in order. Raises UnlikeWorker."""
    with _ALONE:
        if why := unlike(canary):
            raise UnlikeWorker(why)
        found = []
        for number in numbers:
            found.append(run_of(study, number))
            gc.collect()
        return found
