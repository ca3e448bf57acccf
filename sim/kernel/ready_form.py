"""The ready form of a YAML text: its content, kept in the user's cache folder to save parsing.

The parser takes some 0.1 ms for each entry, because it records positions, which are needed only to report a
mistake. Only files that ship with mxdrill are kept, each under the digest of its text. A text that differs in
one character therefore has a ready form of its own, and none is ever out of date. If the folder is missing,
or a file in it is damaged, a text is parsed as usual.
"""

import hashlib
import json
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

FORM = "mxdrill ready form 1"
"""Version of the ready form; it has to be incremented when the parser, its settings, or the limits of a
text change.
"""
LARGEST_BYTES = 1 << 20

Parse = Callable[[], Any]
"""Parses the whole text into a tree of mappings and lists that know their positions through `lc`."""


class _Origin:
    """The text of a ready form, parsed at most once, and only if a position is requested."""

    __slots__ = ("_parse", "_tree")

    def __init__(self, parse: Parse) -> None:
        self._parse, self._tree = parse, None

    def lc(self, steps: tuple[Any, ...]) -> Any:
        """The positions that the parser gives to the node at `steps`."""
        if self._tree is None:
            self._tree = self._parse()
        node: Any = self._tree
        for step in steps:
            node = node[step]
        return node.lc


class ReadyMapping(dict[Any, Any]):
    """A mapping of a ready form; `lc` holds its positions, as in the parser's own mappings."""

    __slots__ = ("_origin", "_steps")

    def __init__(self, origin: _Origin, steps: tuple[Any, ...]) -> None:
        super().__init__()
        self._origin, self._steps = origin, steps

    @property
    def lc(self) -> Any:
        """Positions of the mapping's entries."""
        return self._origin.lc(self._steps)


class ReadyList(list[Any]):
    """A list of a ready form; `lc` holds its positions, as in `ReadyMapping`."""

    __slots__ = ("_origin", "_steps")

    def __init__(self, origin: _Origin, steps: tuple[Any, ...]) -> None:
        super().__init__()
        self._origin, self._steps = origin, steps

    @property
    def lc(self) -> Any:
        """Positions of the list's entries."""
        return self._origin.lc(self._steps)


def ready_tree(text: str, parse: Parse) -> Any:
    """The tree of `text` from its ready form; None if there is no ready form. `parse` is called only for
    positions.
    """
    content = _kept(_file_for(text))
    return None if content is None else _placed(content, _Origin(parse), ())


def keep_ready(text: str, tree: Any) -> None:
    """Store the ready form of `text`, which was parsed as `tree`, if it has one and the folder is
    writable.
    """
    try:
        content = json.dumps(_plain(tree, set()), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):  # a date, a number as a key, or the same object in two places
        return
    path = _file_for(text)
    if not path.is_absolute():  # the user has no home folder
        return
    with suppress(OSError):  # disk full, read-only or owned by another user: the next run parses again
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, _sealed(content.encode()))


def _write(path: Path, raw: bytes) -> None:
    """Replace the file at `path` in one step, so that no reader sees half of it. Raises OSError."""
    unfinished = path.with_suffix(f".{os.getpid()}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
        unfinished.replace(path)
    except OSError:
        unfinished.unlink()
        raise


def _file_for(text: str) -> Path:
    named = hashlib.sha256(f"{FORM}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()
    return user_cache_path("mxdrill", appauthor=False) / "ready" / f"{named}.json"


def _sealed(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def _kept(path: Path) -> Any:
    """The content in the file at `path`; None if it does not exist, belongs to another user, or is
    damaged.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as file:
            if not _is_ours(os.fstat(handle)):
                return None
            raw = file.read(LARGEST_BYTES)
    except OSError:
        return None
    content = raw.partition(b"\n")[2]
    return json.loads(content) if raw == _sealed(content) else None


def _is_ours(facts: os.stat_result) -> bool:
    """True for a file that only this user can have written."""
    if not stat.S_ISREG(facts.st_mode):
        return False
    return os.name == "nt" or (facts.st_uid == os.geteuid() and not facts.st_mode & 0o022)


def _plain(node: Any, above: set[int]) -> Any:
    """`node` as JSON values. Raises TypeError if JSON would not give back the same content."""
    if isinstance(node, dict | list):
        if id(node) in above:
            raise TypeError("the same object in two places: a change to one would change the other")
        above.add(id(node))
        if isinstance(node, list):
            return [_plain(one, above) for one in node]
        if not all(isinstance(key, str) for key in node):
            raise TypeError("JSON would turn the keys into strings")
        return {str(key): _plain(one, above) for key, one in node.items()}
    if node is None or isinstance(node, bool):
        return node
    for kind in (str, int, float):
        if isinstance(node, kind) and kind(node) == node:
            return kind(node)
    raise TypeError(f"{type(node).__name__} is not a JSON type")


def _placed(content: Any, origin: _Origin, steps: tuple[Any, ...]) -> Any:
    if isinstance(content, dict):
        mapping = ReadyMapping(origin, steps)
        for key, one in content.items():
            mapping[key] = _placed(one, origin, (*steps, key)) if isinstance(one, dict | list) else one
        return mapping
    if isinstance(content, list):
        entries = ReadyList(origin, steps)
        entries.extend(
            _placed(one, origin, (*steps, n)) if isinstance(one, dict | list) else one
            for n, one in enumerate(content)
        )
        return entries
    return content
