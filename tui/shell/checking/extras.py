"""The optional parts of a check: comparisons, weather, readiness, assumed numbers."""

import argparse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.study.assumed_ends import OtherValue
    from sim.study.check import Check, Play
    from sim.study.one_run import Study
    from sim.study.paired import Paired
    from sim.study.readiness import PreparationWorth
    from sim.study.weather import Weather

Pairs = list[tuple[str, "Paired"]]


@dataclass(slots=True)
class Extras:
    """The requested parts; each is empty if it was not requested."""

    against: Pairs = field(default_factory=list)
    what_if: dict[str, Pairs] = field(default_factory=dict)
    assumed: Pairs = field(default_factory=list)
    others: "list[OtherValue]" = field(default_factory=list)
    cells: "list[tuple[dict[str, str], Check]]" = field(default_factory=list)
    weather: "Weather | None" = None
    readiness: "list[PreparationWorth]" = field(default_factory=list)


def extras(found: "Check", old: "Study | None", play: "Play", args: argparse.Namespace) -> Extras:
    """Make the runs that the options need."""
    from sim.study.assumed_ends import other_values, pessimistic
    from sim.study.compare import against, cells, what_if
    from sim.study.readiness import readiness, runs_each
    from sim.study.weather import weather
    from sim.study.why import why

    more = Extras(cells=cells(found, play, args.runs, family=args.family))
    if old is not None:
        more.against = against(found, old, play)
    if args.what_if:
        for one in found.promises:
            more.what_if[one.promise.id] = what_if(found, one, why(found, one), play)
    if args.assumed:
        more.assumed, more.others = pessimistic(found, play), other_values(found, play)
    if args.weather is not None:
        more.weather = weather(found.study, play, args.weather)
    if args.readiness:
        more.readiness = readiness(found.study, play, runs_each(found.study.loaded.plan, args.runs))
    return more


def extra_runs(study: "Study", args: argparse.Namespace) -> int:
    """Approximate number of runs that the options add at most."""
    from sim.study.assumed_ends import other_runs
    from sim.study.readiness import runs_each

    plan, runs = study.loaded.plan, int(args.runs)
    count = runs if args.against else 0
    cells = 1 if plan.varies.readiness else 0
    for values in plan.varies.readiness.values():
        cells *= len(values)
    count += cells * runs
    if args.weather is not None:
        count += 168 * int(args.weather)
    if args.readiness:
        count += int(2 ** len(plan.preparations)) * runs_each(plan, runs)
    if args.assumed:
        count += min(runs, 200) + other_runs(runs, study)
    if args.what_if:
        count += 3 * min(runs, 200) * len(plan.assumptions)
    return count


def extra_keys(more: Extras, args: argparse.Namespace) -> dict[str, Any]:
    """Keys of the JSON document for the given options."""
    from sim.study.documents.extra_json import (
        cell_document,
        other_document,
        paired_document,
        readiness_document,
    )

    keys: dict[str, Any] = {}
    if args.against:
        keys["against"] = [paired_document(name, pair) for name, pair in more.against]
    if args.assumed:
        keys["pessimistic"] = [paired_document(name, pair) for name, pair in more.assumed]
        keys["other_values"] = [other_document(one) for one in more.others]
    if more.cells:
        keys["cells"] = [cell_document(settings, cell) for settings, cell in more.cells]
    if more.weather is not None:
        keys["weather"] = {"runs": more.weather.runs, "hours": [list(row) for row in more.weather.shares]}
    if args.readiness:
        keys["readiness"] = [readiness_document(one) for one in more.readiness]
    return keys
