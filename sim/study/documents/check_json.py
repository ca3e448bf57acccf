"""The JSON document of `mxdrill check`. Everything except `wall_s` and `cpu_s` follows from the seed."""

from collections.abc import Sequence
from typing import Any

from sim.drill.organisation.assumed_delays import assumed_delays
from sim.drill.plan.fields import percent
from sim.kernel.duration import SECOND_MS
from sim.study.assumed_ends import assumed_people
from sim.study.cause_walk import ChainLink
from sim.study.check import Check, Checked
from sim.study.documents.promise_words import reasons_not_counted, value_text
from sim.study.statistics.order_statistics import UNKNOWN
from sim.study.surroundings import circular
from sim.study.why import Why, assumed_steps, why


def check_document(check: Check, wall_s: float, cpu_s: float, **more: Any) -> dict[str, Any]:
    """The document; `null` means a moment that was not reached, or an unknown bound. `more`: further
    keys.
    """
    loaded = check.study.loaded
    return {
        "plan": loaded.plan.id,
        "scenario": loaded.scenario.id,
        "seed": check.study.seed,
        "runs": len(check.runs),
        "verdict": check.verdict,
        "looks": list(check.looks),
        "assumptions": [_promise(one) | _why(check, why(check, one)) for one in check.promises],
        "circular": [
            {
                "step": one.step,
                "needs": one.needs,
                "because": one.because,
                "found": one.found,
                "runs": one.runs,
            }
            for one in circular(check)
        ],
        "assumed": {
            "steps": list(assumed_steps(loaded.plan)),
            "people": list(assumed_people(loaded.plan)),
            "organisation": list(assumed_delays(loaded.scenario.organisation)),
        },
        **more,
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
    found["not_reached"] = {
        name: value_text(one, q.value) for name, q in one.quantiles.items() if q.value >= UNKNOWN
    }
    return found | {
        "wanted": percent(promise.sure),
        "runs": last.runs,
        "kept": last.kept,
        "unknown": last.unknown,
        "not_counted": [
            {"why": why_not, "because": because, "runs": runs}
            for why_not, because, runs in reasons_not_counted(one)
        ],
        "probability": round(last.probability, 6) if last.runs else None,
        "interval": [round(last.low, 6), round(last.high, 6)],
        "level": round(one.level, 6),
        "verdict": one.verdict,
    }


def _why(check: Check, reasons: Why) -> dict[str, Any]:
    plan = check.study.loaded.named
    return {
        "drivers": [
            {"name": one.name, "share": round(one.share, 4), "sign": one.sign} for one in reasons.drivers
        ],
        "other": round(reasons.other, 4),
        "overlap": reasons.overlap,
        "assumed": round(reasons.assumed, 4),
        "chain": {"median": _links(reasons.median), "bad": _links(reasons.bad)},
        "criticality": [
            {"name": one.name, "runs": round(one.runs, 4), "of_time": round(one.of_time, 4)}
            for one in reasons.critical
        ],
        "never": [{"because": text, "runs": runs} for text, runs in reasons.never],
        "too_early": [{"because": text, "runs": runs} for text, runs in reasons.too_early],
        "example_run": f"{plan}#{reasons.bad_run}" if reasons.bad_run else None,
    }


def _links(links: Sequence[ChainLink]) -> list[dict[str, Any]]:
    return [{"name": one.name, "s": _seconds(one.ms)} for one in links]


def _seconds(value_ms: float | None) -> float | None:
    return None if value_ms is None or value_ms >= UNKNOWN else round(value_ms / SECOND_MS, 3)


def _number(value: float | None) -> int | None:
    return None if value is None or value >= UNKNOWN else int(value)
