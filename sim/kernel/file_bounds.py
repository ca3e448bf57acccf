"""Limits for a user's file, checked before and after parsing, so that its content cannot block the program.

The parser needs some 0.1 ms for each entry, and an alias may represent any number of entries. The largest
shipped file has 16 KiB and some 800 entries.
"""

import errno
import os
import re
import stat
from collections.abc import Iterator, Mapping
from io import FileIO
from pathlib import Path
from typing import Any

LARGEST_FILE_BYTES = 256 << 10
MOST_LINES = 5_000
MOST_ENTRIES = 10_000
"""Maximum number of characters that begin an entry (`- `, `: `, `,`, `[`, `{`, `? `) in the text, or of
entries in the content.
"""
MOST_ALIASES = 200
"""Maximum number of aliases in the text: the parser copies all keys for each alias that is merged (`<<`)."""
DEEPEST = 100
"""Maximum depth of nested brackets; indentation never reaches this depth."""
LARGEST_NUMBER = 10**12
"""Largest number allowed in a file. As minutes, it still fits into 64 bits of milliseconds; every field needs
far less.
"""

_SIGN = re.compile(r"[,\[{]|[-:?](?=\s)")
_ALIAS = re.compile(r"(?:^|[\s,\[{])\*[^\s,\[\]{}]", re.MULTILINE)
_BRACKET = re.compile(r"[\[\]{}]")


class OutOfBounds(ValueError):
    """Names the exceeded limit and the remedy. `loc`: place in the parsed tree, if there is one."""

    def __init__(self, text: str, loc: tuple[int | str, ...] = ()) -> None:
        super().__init__(text)
        self.loc = loc


def read_bounded(path: Path) -> bytes:
    """The content of the file at `path`. Raises OSError; OutOfBounds for pipes, devices and huge files."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with FileIO(handle) as file:
        kind = os.fstat(handle).st_mode
        if stat.S_ISDIR(kind):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(kind):
            raise OutOfBounds("not a file; give the path of a text file")
        raw = file.read(LARGEST_FILE_BYTES + 1) or b""
    if len(raw) > LARGEST_FILE_BYTES:
        raise OutOfBounds(
            f"larger than {LARGEST_FILE_BYTES >> 10} KiB; a scenario is a text file of a few kilobytes"
        )
    return raw


def require_bounded_text(text: str) -> None:
    """Raises OutOfBounds for a text that would take the parser more than about a second."""
    lines = text.count("\n")
    if lines > MOST_LINES:
        raise OutOfBounds(f"has {lines:,} lines; the limit is {MOST_LINES:,}")
    if sum(1 for _ in _SIGN.finditer(text)) > MOST_ENTRIES:
        raise OutOfBounds(f"has more than {MOST_ENTRIES:,} entries; remove some")
    if sum(1 for _ in _ALIAS.finditer(text)) > MOST_ALIASES:
        raise OutOfBounds(f"has more than {MOST_ALIASES} aliases (`*name`); write the parts out")
    depth = 0
    for bracket in _BRACKET.finditer(text):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEEPEST:
            raise OutOfBounds(f"has more than {DEEPEST} levels of nested brackets; remove some")


def require_bounded_tree(tree: Any, most_entries: int = MOST_ENTRIES) -> None:
    """Raises OutOfBounds if aliases make `tree` contain itself or too many entries, or a number is huge."""
    waiting: list[tuple[Iterator[tuple[Any, Any]], tuple[int | str, ...], int]] = [
        (iter(((None, tree),)), (), 0)
    ]
    entries, above = 0, set[int]()
    while waiting:
        inside, loc, identity = waiting[-1]
        step, node = next(inside, (None, waiting))
        if node is waiting:  # the node has no further entries
            waiting.pop()
            above.discard(identity)
            continue
        here = loc if step is None else (*loc, step)
        entries += 1
        if entries > most_entries:
            raise OutOfBounds(f"has more than {most_entries:,} entries, aliases counted; remove some", here)
        for number in (step, node):
            if isinstance(number, int) and abs(number) >= LARGEST_NUMBER:
                raise OutOfBounds("number too large; write at most 12 digits", loc)
        if not isinstance(node, Mapping | list):
            continue
        if id(node) in above:
            raise OutOfBounds("is an alias of a part that contains it; write that part out", here)
        above.add(id(node))
        pairs = node.items() if isinstance(node, Mapping) else enumerate(node)
        waiting.append((iter(list(pairs)), here, id(node)))
