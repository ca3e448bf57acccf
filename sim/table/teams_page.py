"""The comparison of teams, as one page to print and as text."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from sim.kernel.plain_line import cells_of, padded
from sim.report.paper.html.markup import el
from sim.table.pack.sheet_of_paper import bullets, grid, paper
from sim.table.teams import MOST_DELAYS, Row, TeamComparison


def teams_page(told: TeamComparison) -> str:
    """The HTML of the page, in landscape format."""
    head = ("", *told.teams)
    widths = ("34%", *(f"{66 / len(told.teams):.1f}%" for _team in told.teams))
    body: list[object] = [
        el("h1", "Teams compared"),
        el("p", f"{told.title} · {told.organisation} · seed {told.seed}", class_="meta"),
        el("p", f"Figures at {told.moment}."),
    ]
    for title, rows in _parts(told):
        body += [el("h2", title), grid(head, [(name, *cells) for name, cells in rows], widths)]
    body += [el("h2", "Longest waits"), grid(told.teams, _side_by_side(told.delays))]
    body.append(bullets(told.remarks))
    return paper("Teams compared", "for the hot wash", body, wide=True)


def teams_text(told: TeamComparison) -> Iterator[str]:
    """The comparison as lines for a terminal."""
    yield f"{told.title}, seed {told.seed}"
    yield f"figures at {told.moment}"
    parts = _parts(told)
    first = max(cells_of(name) for _title, rows in parts for name, _cells in rows)
    cells = [told.teams, *(cells for _title, rows in parts for _name, cells in rows)]
    widths = [max(cells_of(row[index]) for row in cells) for index in range(len(told.teams))]
    for title, rows in parts:
        yield ""
        yield _line(title, told.teams, first, widths)
        yield from (_line(f"  {name}", row, first, widths) for name, row in rows)
    yield ""
    yield "Longest waits"
    for team, delays in zip(told.teams, told.delays, strict=True):
        yield from (f"  {team}: {one}" for one in delays or ("none of a minute or more",))
    yield ""
    yield from told.remarks


def _parts(told: TeamComparison) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    return (
        ("Objectives", told.objectives),
        ("Availability", told.availability),
        ("Protection", told.protection),
        ("Played", told.played),
    )


def _side_by_side(delays: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    rows = list(zip_longest(*delays, fillvalue=""))[:MOST_DELAYS]
    return rows or [tuple("none of a minute or more" for _team in delays)]


def _line(name: str, cells: Sequence[str], first: int, widths: Sequence[int]) -> str:
    told = "  ".join(" " * (width - cells_of(cell)) + cell for cell, width in zip(cells, widths, strict=True))
    return f"{padded(name, first + 2)}  {told}".rstrip()
