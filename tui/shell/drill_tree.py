"""The stored drills as a list and as a tree: branches follow their parent drill."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.drill.session.journal_reading import Link


@dataclass(frozen=True, slots=True)
class DrillRow:
    """A stored drill, as its journal describes it."""

    path: Path
    state: str
    """`over` or `can be resumed`, possibly with `real mail`; or `damaged`."""
    reached_ms: int | None = None
    seed: int | None = None
    chains: tuple[str, ...] = ()
    """The chain value of each entry, the header's first."""
    parent: dict[str, Any] | None = None
    """The value of `parent` in the header; None if the drill is not a branch."""
    played_on: str = ""
    """Date of the last entry, ISO 8601, according to the file."""
    met: int = 0
    judged: int = 0
    """Number of objectives that were judged, and number that were met (`met`); 0 until the drill is over."""
    lines: str = field(default="", compare=False)
    """The lines that the tree shows before a branch's name; empty for a drill that is not a branch."""


def drill_row(path: Path) -> DrillRow:
    """The drill of the journal at `path`; a damaged journal is also a row."""
    from sim.drill.session.journal_entries import ends
    from sim.drill.session.journal_reading import BadJournal, chained

    try:
        links = list(chained(path))
    except BadJournal:
        return DrillRow(path, "damaged")
    header = links[0].entry
    over = any(ends(link.entry) for link in links)
    lab = "lab" in (header.get("launch") or {})
    return DrillRow(
        path,
        ", ".join([*(["over"] if over else ["can be resumed"]), *(["real mail"] if lab else [])]),
        max((int(link.entry["t"]) for link in links[1:]), default=0),
        header.get("seed"),
        tuple(link.chain for link in links),
        header.get("parent"),
        f"{datetime.fromtimestamp(path.stat().st_mtime).astimezone():%Y-%m-%d}",
        *_score(links),
    )


def _score(links: "Sequence[Link]") -> tuple[int, int]:
    """The numbers of objectives met and judged, from the last mark of a drill that is over; 0, 0 if there
    is none.
    """
    last = next((link.entry for link in reversed(links) if link.entry.get("over")), {})
    met, judged = last.get("met"), last.get("judged")
    return (met, judged) if isinstance(met, int) and isinstance(judged, int) else (0, 0)


def parent_of(row: DrillRow, rows: Sequence[DrillRow]) -> DrillRow | None:
    """The parent of `row` among `rows`, found by its chain, because its file may have been renamed.

    Two drills may be equal up to the moment of the branch; then the parent's name at that time decides.
    """
    if row.parent is None:
        return None
    found = [
        one
        for one in rows
        if one is not row and one.chains[:1] == (row.parent["header"],) and row.parent["entry"] in one.chains
    ]
    return next((one for one in found if one.path.stem == row.parent["drill"]), found[0] if found else None)


def as_tree(rows: Sequence[DrillRow]) -> list[DrillRow]:
    """`rows` in order, each followed by its branches, with the lines of the tree."""
    from dataclasses import replace

    above = {row.path: found.path for row in rows if (found := parent_of(row, rows)) is not None}
    listed: list[DrillRow] = []

    def add(row: DrillRow, lines: str, below: str) -> None:
        listed.append(replace(row, lines=lines))
        branches = [other for other in rows if above.get(other.path) == row.path]
        for other in branches[:-1]:
            add(other, f"{below}├ ", f"{below}│ ")
        for other in branches[-1:]:
            add(other, f"{below}└ ", f"{below}  ")

    for row in rows:
        if row.path not in above:
            add(row, "", "")
    return listed
