"""JSON of the optional parts of a check: comparisons, cells of a matrix, readiness."""

from typing import Any

from sim.study.assumed_ends import OtherValue
from sim.study.check import Check
from sim.study.paired import Paired
from sim.study.readiness import PreparationWorth


def paired_document(name: str, one: Paired) -> dict[str, Any]:
    """A comparison on the same seeds."""
    return {
        "name": name,
        "runs": one.runs,
        "before": round(one.before, 6),
        "after": round(one.after, 6),
        "difference": round(one.difference, 6),
        "interval": [round(one.low, 6), round(one.high, 6)],
        "better": one.better,
        "worse": one.worse,
        "unknown": one.unknown,
        "p": float(f"{one.p:.6g}"),
    }


def other_document(one: OtherValue) -> dict[str, Any]:
    """Another value of an unpublished number, with its effect on each promise."""
    return {"name": one.name, "assumptions": [paired_document(name, pair) for name, pair in one.pairs]}


def cell_document(settings: dict[str, str], check: Check) -> dict[str, Any]:
    """The check of one combination of `varies.readiness`, in short form."""
    return {
        "set": settings,
        "runs": len(check.runs),
        "verdict": check.verdict,
        "assumptions": [
            {
                "id": one.promise.id,
                "probability": round(one.last.probability, 6),
                "interval": [round(one.last.low, 6), round(one.last.high, 6)],
                "verdict": one.verdict,
            }
            for one in check.promises
        ],
    }


def readiness_document(one: PreparationWorth) -> dict[str, Any]:
    """The value of each preparation for a promise, and the sets of preparations that are enough."""
    return {
        "assumption": one.promise,
        "runs": one.runs,
        "worth": {name: round(value, 6) for name, value in one.worth.items()},
        "probabilities": [
            {"prepared": list(some), "probability": round(value, 6)}
            for some, value in sorted((sorted(names), value) for names, value in one.probabilities.items())
        ],
        "enough": [list(some) for some in one.enough],
        "fewest_runs": one.fewest_runs,
    }
