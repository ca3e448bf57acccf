"""Lists in the guide for authors of scenarios that follow from the registries of figures and milestones."""

from collections.abc import Iterator
from pathlib import Path


def guide(path: Path) -> str:
    """The guide at `path`, with the rows of both lists as the registries have them."""
    from sim.drill.scenario.milestones import MILESTONES
    from sim.drill.scoring.figures.registry import FIGURES

    text = path.read_text(encoding="utf-8")
    text = _listed(text, "milestones", ((name, one.facts.marks) for name, one in MILESTONES.items()))
    return _listed(text, "figures", ((name, one.counts) for name, one in FIGURES.items()))


def _listed(text: str, what: str, rows: Iterator[tuple[str, str]]) -> str:
    """`text` with the rows between the comments that name `what` replaced; its heading of two lines stays."""
    before, start, rest = text.partition(f"<!-- {what} -->\n")
    old, end, after = rest.partition(f"<!-- end of {what} -->")
    if not start or not end:
        raise ValueError(f"the guide has no list of {what} between its two comments")
    heading = [line for line in old.splitlines() if line.startswith("|")][:2]
    table = "\n".join([*heading, *(f"| `{name}` | {words} |" for name, words in rows)])
    return f"{before}{start}\n{table}\n\n{end}{after}"
