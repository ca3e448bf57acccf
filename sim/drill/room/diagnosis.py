"""What is broken, in the words in which a person states it; and what it truly is. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from sim.drill.scenario.fault import Fault

COMPONENTS = ("mail-server", "access", "sign-in", "gateway", "dns", "network", "receivers")
FAILURES = (
    "refuses",
    "times-out",
    "answers-4xx",
    "rejects",
    "intermittent",
    "partial",
    "slow",
    "accepts-and-holds",
    "no-access",
    "stale",
)

_FAILURES_OF = {
    "refuses": "refuses",
    "times out": "times-out",
    "answers 4xx": "answers-4xx",
    "answer 4xx": "answers-4xx",
    "rejects": "rejects",
    "is intermittent": "intermittent",
    "is partial": "partial",
    "is slow": "slow",
    "accepts and holds": "accepts-and-holds",
    "lost": "no-access",
}
"""A fault's words in a scenario, and the failure that they are."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What somebody said is broken, and when."""

    t_ms: int
    by: str
    component: str
    failure: str


def component_of(fault: Fault) -> str:
    """The component that a fault disturbs, one of COMPONENTS."""
    return fault.fault.partition(" ")[0]


def names_of(fault: Fault) -> frozenset[tuple[str, str]]:
    """Every (component, failure) that is a right name of the fault: a lost sign-in is one of its own."""
    names = {(component_of(fault), failure_of(fault))}
    return frozenset(names | {("sign-in", "no-access")} if fault.sign_in == "lost" else names)


def failure_of(fault: Fault) -> str:
    """How it fails, one of FAILURES; the fault's own words where there is no such."""
    words = fault.fault.partition(" ")[2]
    return _FAILURES_OF.get(words, words.removeprefix("is ").replace(" ", "-"))


def is_right(diagnosis: Diagnosis, faults: Iterable[Fault], over_ms: int) -> bool:
    """Whether a fault that was there when it was stated, or up to `over_ms` before, is what it says."""
    return any(
        (diagnosis.component, diagnosis.failure) in names_of(fault)
        for fault in faults
        if fault.at_ms <= diagnosis.t_ms < fault.until_ms + over_ms
    )
