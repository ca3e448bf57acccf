"""Properties that try hostile inputs: a few in `make test`; over 100,000, each measured, by `make fuzz`."""

import gc
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from hypothesis import HealthCheck, settings

from tests.examples import TIMES, examples

if sys.platform != "win32":
    import resource

CPU_S = 1.0
"""Maximum CPU time of one input. Not wall time: machines are busy."""
MEMORY_MB = 200
"""Maximum growth of the process by one input: a lab at rest has some 90 MB, and must not exceed 300."""


@dataclass(slots=True)
class Spent:
    """Inputs of one property until now; the most CPU time and the most memory that one of them took."""

    inputs: int = 0
    cpu_s: float = 0.0
    grown_mb: int = 0

    def __str__(self) -> str:
        return f"{self.inputs} inputs, at most {self.cpu_s:.2f} s of CPU and {self.grown_mb} MB each"


def tries(few: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """`few` examples, or a multiple of it, each within the limits."""
    settle = settings(
        examples(few),
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        print_blob=True,
    )

    def decorate(test: Any) -> Callable[..., None]:
        test.hypothesis.inner_test = _measured(test.hypothesis.inner_test, spent := Spent())
        found: Any = settle(test)
        found.spent = spent
        return found  # type: ignore[no-any-return]

    return decorate


def _measured(test: Callable[..., None], spent: Spent) -> Callable[..., None]:
    @wraps(test)
    def measured(*args: Any, **named: Any) -> None:
        gc.disable()  # it would look through all examples that Hypothesis remembers
        before_mb, begun_s = _peak_mb(), time.process_time()
        try:
            test(*args, **named)
        finally:
            gc.enable()
        cpu_s, grown_mb = time.process_time() - begun_s, _peak_mb() - before_mb
        spent.inputs += 1
        spent.cpu_s, spent.grown_mb = max(spent.cpu_s, cpu_s), max(spent.grown_mb, grown_mb)
        if TIMES > 1 and spent.inputs > 1:  # the first one reads files that all need
            assert cpu_s <= CPU_S, f"{cpu_s:.1f} s of CPU for one input"
            assert grown_mb <= MEMORY_MB, f"{grown_mb} MB of memory for one input"

    return measured


def _peak_mb() -> int:
    """Largest memory of this process until now, MB; 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak >> 20 if sys.platform == "darwin" else peak >> 10
