"""The JSON document of `mxdrill check`. Everything but `wall_s` and `cpu_s` follows from the seed."""

from typing import Any

from sim.drill.plan.fields import percent
from sim.kernel.duration import SECOND_MS
from sim.study.check import Check, Checked
from sim.study.order_statistics import NEVER


def check_document(check: Check, wall_s: float, cpu_s: float) -> dict[str, Any]:
    """The document; `null` is a moment that did not come within the runs."""
    loaded = check.study.loaded
    return {
        "plan": loaded.plan.id,
        "scenario": loaded.scenario.id,
        "seed": check.study.seed,
        "runs": len(check.runs),
        "verdict": check.verdict,
        "looks": list(check.looks),
        "assumptions": [_promise(one) for one in check.promises],
        "digests": {"first": check.runs[0].digest, "last": check.runs[-1].digest},
        "wall_s": round(wall_s, 2),
        "cpu_s": round(cpu_s, 2),
    }


def _promise(one: Checked) -> dict[str, Any]:
    promise, last = one.promise, one.last
    found: dict[str, Any] = {"id": promise.id, "says": promise.says}
    if promise.figure is None:
        assert promise.within_ms is not None
        found["target_s"] = promise.within_ms // SECOND_MS
        found["observed_s"] = {name: _seconds(q.value) for name, q in one.quantiles.items()}
        found["intervals_s"] = {
            name: [_seconds(q.low), _seconds(q.high)] for name, q in one.quantiles.items()
        }
    else:
        found["figure"] = promise.figure
        found["target"] = promise.at_most if promise.at_most is not None else promise.at_least
        found["observed"] = {name: _number(q.value) for name, q in one.quantiles.items()}
        found["intervals"] = {name: [_number(q.low), _number(q.high)] for name, q in one.quantiles.items()}
    return found | {
        "wanted": percent(promise.sure),
        "runs": last.runs,
        "kept": last.kept,
        "probability": round(last.probability, 6),
        "interval": [round(last.low, 6), round(last.high, 6)],
        "level": round(one.level, 6),
        "verdict": one.verdict,
    }


def _seconds(value_ms: float) -> float | None:
    return None if value_ms == NEVER else round(value_ms / SECOND_MS, 3)


def _number(value: float) -> int | None:
    return None if value == NEVER else int(value)
