"""Diagnoses as people state them, and their comparison with the true faults. Pure."""

from collections.abc import Iterable

from sim.drill.scenario.fault import Fault
from sim.drill.scenario.fault_kinds import FAULT_KINDS
from sim.kernel.frozen import frozen

_OTHER_COMPONENTS, _OTHER_FAILURES = ("sign-in", "dns", "network"), ("stale",)
COMPONENTS = tuple(dict.fromkeys([*(kind.component for kind in FAULT_KINDS.values()), *_OTHER_COMPONENTS]))
"""Components that a diagnosis can name: those that faults affect, and some that only appear to fail."""
FAILURES = tuple(dict.fromkeys([*(kind.failure for kind in FAULT_KINDS.values()), *_OTHER_FAILURES]))
"""Failures that a diagnosis can name."""


@frozen
class Diagnosis:
    """A stated diagnosis."""

    t_ms: int
    by: str
    component: str
    failure: str


def names_of(fault: Fault) -> frozenset[tuple[str, str]]:
    """Every (component, failure) that names the fault correctly; a lost sign-in has a separate name."""
    names = {(fault.kind.component, fault.kind.failure)}
    return frozenset(names | {("sign-in", "no-access")} if fault.sign_in == "lost" else names)


def is_right(diagnosis: Diagnosis, faults: Iterable[Fault], over_ms: int) -> bool:
    """True if the diagnosis names a fault that was in force when it was stated, or that had ended at most
    `over_ms` before.
    """
    return any(
        (diagnosis.component, diagnosis.failure) in names_of(fault)
        for fault in faults
        if fault.at_ms <= diagnosis.t_ms < fault.until_ms + over_ms
    )
