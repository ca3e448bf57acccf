"""Files that inherit from another file with `like`.

`like: gateway-down.yaml` in a scenario, an organisation, a runbook or a plan inherits every key of that file
that this one does not set. Lists whose entries have ids are joined: an entry replaces the one with the same
id, or is added; `without` leaves entries out by their ids.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sim.drill.organisation.shipped_files import Kind, find_file
from sim.kernel.document import BadFile, read_tree, require_version
from sim.kernel.file_mistakes import FORMAT_VERSION, Inherited, Loc, position_of
from sim.kernel.shipped_folder import shipped_folder


class Joined(list[Any]):
    """A list whose entries come from two files; `lc` holds the positions of the entries from the first
    file.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lc = SimpleNamespace(data={})
        self.replaced = dict[int, Any]()
        """By index, the entry of the second file that an entry of the first replaces."""

    def take(self, own: list[Any], index: int) -> None:
        """Add `own[index]` with its position."""
        marks = getattr(getattr(own, "lc", None), "data", None) or {}
        if index in marks:
            self.lc.data[len(self)] = marks[index]
        self.append(own[index])


def inherit(
    tree: Any, path: Path, kind: Kind, check: Callable[[Path], object], newest: int = FORMAT_VERSION
) -> Inherited | None:
    """Complete `tree`, read from `path`, with the keys of the file in `like`; remove `like` and `without`.

    `kind`: the folder of shipped files of that kind. `check` loads the other file and reports its mistakes as
    BadFile. `newest`: the last version of that kind of file. Returns the blocks that replace blocks of the
    other file; None if there is no `like`. Raises BadFile for mistakes in `like` and `without`.
    """
    if not isinstance(tree, Mapping):
        return None
    without = _ids(tree, path)
    if "like" not in tree:
        if without:
            raise _wrong(
                tree, path, "without", "has no effect without `like`; add `like` with the file's name"
            )
        return None
    other = _other(tree, path, kind, newest)
    base = read_tree(other)
    if "like" in base and not other.is_relative_to(shipped_folder()):
        # checked first: two files that are `like` each other would be loaded endlessly
        third = other.parent / str(base["like"])
        if third.resolve() == path.resolve():
            raise _wrong(tree, path, "like", "names a file that is `like` this one; remove one of the two")
        raise _wrong(tree, path, "like", "names a file that is itself `like` another; name the other file")
    check(other)
    inherit(base, other, kind, lambda _third: None, newest)  # a shipped variant
    ids = _ids_in(base)
    for id_ in without:
        if id_ not in ids:
            raise _wrong(
                tree,
                path,
                "without",
                f"names {id_!r}, which that file does not contain; choose from {', '.join(ids)}",
            )
    blocks = dict[Loc, Any]()
    for key, theirs in base.items():
        kept = _without(plain(theirs), without)
        if key in tree:
            own = tree[key]
            kept, replaced = _joined(own, kept), kept
            blocks |= _blocks(key, own, kept, replaced)
        tree[key] = kept  # type: ignore[index]
    like = str(tree["like"])
    for key in ("like", "without"):
        tree.pop(key, None)  # type: ignore[attr-defined]
    return Inherited(like, blocks)


def _blocks(key: str, own: Any, joined: Any, theirs: Any) -> dict[Loc, Any]:
    """The mappings in `joined`, the value of `key`, that replace mappings of `theirs`: `own` itself, or its
    entries with ids.
    """
    if isinstance(own, Mapping) and isinstance(theirs, Mapping):
        return {(key,): theirs}
    if isinstance(joined, Joined):
        return {(key, index): entry for index, entry in joined.replaced.items()}
    return {}


def _other(tree: Mapping[str, Any], path: Path, kind: Kind, newest: int) -> Path:
    """The file that `tree` is like."""
    if not isinstance(tree["like"], str):
        raise _wrong(
            tree,
            path,
            "like",
            "is not text; write a path relative to this file, or the name of a shipped one",
        )
    try:
        other = find_file(kind, tree["like"], beside=path.parent)
        if not other.exists():
            raise BadFile([f"{tree['like']!r}: no such file; name one in the same folder, or a shipped one"])
    except BadFile as error:
        raise _wrong(tree, path, "like", error.lines[0]) from None
    if other.resolve() == path.resolve():
        raise _wrong(tree, path, "like", "names this file itself; name another file")
    require_version(read_tree(other), other, newest)
    return other


def _ids(tree: Mapping[str, Any], path: Path) -> list[str]:
    """The ids in `without`."""
    given = tree.get("without", [])
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise _wrong(tree, path, "without", "is not a list of ids; write [one, two]")
    return [str(one) for one in given]


def _ids_in(base: Mapping[str, Any]) -> list[str]:
    """Ids of all entries of all lists of a file."""
    lists = [value for value in base.values() if isinstance(value, list)]
    return [str(entry["id"]) for entries in lists for entry in entries if _id_of(entry) is not None]


def _id_of(entry: Any) -> Any:
    return entry.get("id") if isinstance(entry, Mapping) else None


def _without(value: Any, without: list[str]) -> Any:
    return [entry for entry in value if _id_of(entry) not in without] if isinstance(value, list) else value


def _joined(own: Any, theirs: Any) -> Any:
    """The values of `own` and `theirs` joined: `own` takes precedence, but lists of entries with ids are
    merged, in the order of `theirs` and then the new entries.
    """
    if not (isinstance(own, list) and isinstance(theirs, list)):
        return own
    if any(_id_of(entry) is None for entry in (*own, *theirs)):
        return own
    joined, known = Joined(), [_id_of(entry) for entry in theirs]
    for entry in theirs:
        index = next((n for n, one in enumerate(own) if _id_of(one) == _id_of(entry)), None)
        if index is None:
            joined.append(entry)
        else:
            joined.replaced[len(joined)] = entry
            joined.take(own, index)
    for index, entry in enumerate(own):
        if _id_of(entry) not in known or _id_of(entry) in [_id_of(one) for one in own[:index]]:
            joined.take(own, index)  # a duplicate id is kept, and reported later
    return joined


def plain(value: Any) -> Any:
    """`value` without its positions, which would refer to another file."""
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


def _wrong(tree: Mapping[str, Any], path: Path, key: str, what: str) -> BadFile:
    line, column = position_of(tree, (key,))
    return BadFile([f"{path}:{line}:{column}: `{key}` {what}"])
