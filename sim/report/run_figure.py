"""One figure of a run and all facts about it: its row in the table, and its key in the document."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from sim.kernel.frozen import frozen


@frozen
class RunFigure:
    """Part of the metadata of a theme's field; it is the only place where the figure is described."""

    meaning: str
    row: str
    """Name of the row in the comparison with doing nothing; empty if the figure is not shown there."""
    always: bool
    """True if the row is shown although the figure is 0 in every run."""
    key: str
    """Path of the figure in the document of `run --json`; empty if the document does not have it."""
    unit: str


@frozen
class ByMix:
    """A count with the organisation's own mix of senders, and its range over all assumed mixes."""

    count: int
    low: int | None
    high: int | None
    """The highest value; None if this run shows only its own mix of senders."""


_KEY = "figure"


def described(
    meaning: str, *, row: str = "", always: bool = False, key: str = "", unit: str = "messages"
) -> Mapping[str, RunFigure]:
    """Metadata for a dataclass field: `calls: int = field(metadata=described("calls to the helpdesk"))`."""
    return {_KEY: RunFigure(meaning, row, always, key, unit)}


def figures_of(theme: type) -> Iterator[tuple[str, RunFigure]]:
    """(name of the field, its figure) for each described field of `theme`, in order."""
    for one in fields(theme):
        if _KEY in one.metadata:
            yield one.name, one.metadata[_KEY]


def in_document(name: str, value: Any) -> Any:
    """The JSON value of a field: `_ms` as seconds, hours to three decimals, the rest unchanged."""
    if name.endswith("_ms"):
        return None if value is None else value / 1000
    return round(value, 3) if isinstance(value, float) else value
