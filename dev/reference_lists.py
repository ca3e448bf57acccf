"""The lists of milestones and figures in docs/howto/write-a-scenario.md; the rest is written by hand."""

from collections.abc import Iterable
from pathlib import Path

from reference_files import table


def write_a_scenario(page: Path) -> str:
    """The page with its lists of milestones and figures as the code has them."""
    from sim.drill.scenario.milestones import MILESTONES
    from sim.drill.scoring.figures.registry import FIGURES

    text = page.read_text(encoding="utf-8")
    milestones = [(f"`{name}`", one.facts.marks) for name, one in MILESTONES.items()]
    figures = [(f"`{name}`", one.counts) for name, one in FIGURES.items()]
    text = _filled(text, "milestones", table(("milestone", "when"), milestones))
    return _filled(text, "figures", table(("figure", "what it counts"), figures))


def _filled(text: str, name: str, lines: Iterable[str]) -> str:
    """`text` with `lines` between the comments that mark the list."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    return "\n".join([before + begin, "", *lines, end + after])
