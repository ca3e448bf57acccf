"""One key of a JSON document: its value, and the row of the reference page that describes it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from sim.kernel.frozen import frozen
from sim.report.run_figure import figures_of, in_document

Facts = TypeVar("Facts")


@frozen
class Key(Generic[Facts]):
    """A key of the document, or an object whose keys are all of one kind (`parts`)."""

    path: str
    unit: str
    meaning: str
    value: Callable[[Facts], Any]
    parts: tuple[str, ...] = ()
    """Names of the keys inside the object at `path`, such as `inbound`, `outbound`, `internal`, if one row
    of the reference describes them all.
    """

    def described(self) -> tuple[str, str, str]:
        """(keys, unit, meaning), in Markdown."""
        first, *others = [f"{self.path}.{part}" for part in self.parts] or [self.path]
        more = "".join(f", `.{one.rpartition('.')[2]}`" for one in others)
        return f"`{first}`{more}", self.unit, self.meaning


@frozen
class ListKey(Generic[Facts]):
    """A list of objects, each of which has the keys of its `members`."""

    path: str
    members: "tuple[Key[Any], ...]"
    """The keys of each object in the list. All values of an object are read from one row."""
    rows: Callable[[Facts], Sequence[Any]]

    def value(self, facts: Facts) -> list[dict[str, Any]]:
        """One object for each row."""
        return [filled(self.members, row) for row in self.rows(facts)]


def filled(keys: "Sequence[Key[Facts] | ListKey[Facts]]", facts: Facts) -> dict[str, Any]:
    """The document, with every key in its place, in the order of `keys`."""
    document: dict[str, Any] = {}
    for key in keys:
        *folders, last = key.path.split(".")
        place = document
        for folder in folders:
            place = place.setdefault(folder, {})
        place[last] = key.value(facts)
    return document


def described_rows(
    keys: "Sequence[Key[Any] | ListKey[Any]]", stem: str = ""
) -> Iterator[tuple[str, str, str]]:
    """Rows of the reference page."""
    for key in keys:
        if isinstance(key, ListKey):
            yield from described_rows(key.members, f"{stem}{key.path}[].")
        else:
            names, unit, meaning = key.described()
            yield names.replace("`", f"`{stem}", 1), unit, meaning


def theme_keys(theme: type, of: Callable[[Facts], Any]) -> "tuple[Key[Facts], ...]":
    """A key for each figure of `theme` that is part of the document; `of`: returns the theme's record for
    a run.
    """

    def reader(name: str) -> Callable[[Facts], Any]:
        return lambda facts: in_document(name, getattr(of(facts), name))

    return tuple(
        Key(figure.key, figure.unit, figure.meaning, reader(name))
        for name, figure in figures_of(theme)
        if figure.key
    )


def of_mapping(found: Mapping[str, int], parts: Sequence[str]) -> dict[str, int]:
    """The counts of `parts`, in their order; 0 for those without a count."""
    return {part: found.get(part, 0) for part in parts}


def seconds(moment_ms: int | None) -> float | None:
    """A time or duration in ms as the document writes it, in seconds."""
    return None if moment_ms is None else moment_ms / 1000
