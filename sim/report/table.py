"""The figures of a run compared with doing nothing, row by row: for text and for screens."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from sim.kernel.duration import MINUTE_MS, in_words
from sim.report.mail_figures import BacklogFigures
from sim.report.outcome import RunOutcome
from sim.report.range_text import span
from sim.report.run_figure import ByMix, figures_of, in_document

Entry = tuple[str, str, str]
"""(name of the row, figure in this run, figure in the run with no action)."""

Cell = tuple[str, str, bool]
"""(name of the row, figure, True if it is shown although it is 0 in every run)."""


def comparison_rows(did: RunOutcome, nothing: RunOutcome) -> list[Entry]:
    """Rows in order; rows that apply only to some outages are left out if they are 0 in both runs."""
    return [(name, mine, theirs) for name, mine, theirs in side_by_side([did, nothing])]


def side_by_side(runs: Sequence[RunOutcome]) -> list[tuple[str, ...]]:
    """Each row's name and its figure in every run; the same rows are left out."""
    columns = [_cells(one) for one in runs]
    return [
        (cells[0][0], *(figure for _name, figure, _always in cells))
        for cells in zip(*columns, strict=True)
        if cells[0][2] or {figure for _name, figure, _always in cells} - _NOTHING
    ]


def by_row(run: RunOutcome) -> dict[str, Any]:
    """Each row's figure as a number, by the row's name; times in seconds."""
    found: dict[str, Any] = {}
    for theme in (run, *(getattr(run, theme.name) for theme in fields(run) if theme.name != "at_ms")):
        for name, figure in figures_of(type(theme)):
            if figure.row:
                value = getattr(theme, name)
                value = value.count if isinstance(value, ByMix) else value
                found[figure.row.strip()] = in_document(name, value)
    return found


def _cells(run: RunOutcome) -> Iterator[Cell]:
    """Every row of the table with this run's figure: first the rows of the run itself, then those of each
    theme.
    """
    yield from _of(run, run.timing.why_one_mix)
    for theme in fields(run):
        if theme.name != "at_ms":
            yield from _of(getattr(run, theme.name), run.timing.why_one_mix)


def _of(theme: Any, why_one_mix: str) -> Iterator[Cell]:
    for name, figure in figures_of(type(theme)):
        if not figure.row:
            continue
        value = getattr(theme, name)
        if isinstance(value, ByMix):
            yield figure.row, f"{value.count:,}", figure.always
            yield BAND, _range(value, why_one_mix), False
        elif isinstance(theme, BacklogFigures) and not theme.is_counted and name != "drained_after_ms":
            yield figure.row, "–", figure.always
        else:
            yield figure.row, _shown(name, value), figure.always


def _shown(name: str, value: float | None) -> str:
    if name.endswith("_ms"):
        return hours(None if value is None else int(value))
    return f"{value:,.0f}"


def _range(value: ByMix, why_one_mix: str) -> str:
    """The band of unpublished numbers; if this run cannot show it, the option that can."""
    if why_one_mix and value.count:
        return "see --range"
    return span(value.low, value.high).replace(" to ", "–") if value.low != value.high else "–"


def hours(span_ms: int | None) -> str:
    """A time in words, `3 h 59 min`, or a note that it has not ended."""
    if span_ms is None:
        return "not over"
    return in_words(span_ms, MINUTE_MS) if span_ms >= MINUTE_MS else "0 min"


BAND = "  band"
_NOTHING = {"0", "0 min", "–"}
