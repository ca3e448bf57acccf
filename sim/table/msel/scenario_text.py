"""The text of a scenario file with the injects and faults of an MSEL, on top of another scenario."""

import json
from collections.abc import Iterator
from typing import Any

from sim.drill.scenario.scenario import Scenario
from sim.table.msel.to_scenario import Made


def scenario_text(made: Made, base: Scenario, like: str, name: str, title: str) -> str:
    """The scenario file: everything except faults and injects comes from `base`, which `like` names."""
    return "\n".join(_lines(made, base, like, name, title)) + "\n"


def _lines(made: Made, base: Scenario, like: str, name: str, title: str) -> Iterator[str]:
    own = {one["id"] for one in made.injects}
    without = [one.id for one in base.injects if one.id not in own and not one.marks]
    yield "mxdrill: 1"
    yield f"like: {_scalar(like)}"
    yield f"id: {name}"
    yield f"title: {_scalar(title)}"
    if made.faults:
        failing = {one["id"] for one in made.faults}
        without += [one.id for one in base.timeline if one.id not in failing]
        yield "timeline:"
        for fault in made.faults:
            yield from _entry(fault, [])
    if made.injects:
        yield "injects:"
        for inject in made.injects:
            yield from _entry(inject, made.notes.get(inject["id"], []))
    if without:
        yield f"without: [{', '.join(without)}]"


def _entry(keys: dict[str, Any], notes: list[str]) -> Iterator[str]:
    for note in notes:
        for line in note.split("\n"):
            yield f"  # {line}".rstrip()
    sign = "-"
    for key, value in keys.items():
        shown = f"[{', '.join(value)}]" if isinstance(value, list) else _scalar(value)
        yield f"  {sign} {key}: {shown}"
        sign = " "


def _scalar(value: object) -> str:
    """A value on one line that YAML reads back unchanged: text is in double quotes, as in JSON."""
    if isinstance(value, bool | int):
        return json.dumps(value)
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\x7f").replace("\ufeff", "\\ufeff")
