"""Reading a journal: every line is checked against the chain and the expected form before the replay."""

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from io import BufferedReader, FileIO
from pathlib import Path
from typing import IO, Any

from sim.drill.session.journal_entries import is_entry, is_launch, is_parent, upgraded
from sim.kernel.file_bounds import OutOfBounds, require_bounded_tree
from sim.kernel.frozen import frozen
from sim.kernel.plain_line import has_control_character, on_one_line
from sim.kernel.user_mistake import Mistake

FORMAT = 2
"""Format of the entries; raised when their form changes. `UPGRADES` then has a function for the previous
format.
"""
MODEL = 4
"""Version of the model; raised with each release that gives another history for the same journal."""
LONGEST_HEADER_BYTES = 8 << 20
"""Maximum length of a header, which holds the scenario with its files of at most 256 KiB: fifty times that of
a shipped outage.
"""
LONGEST_LINE_BYTES = 2 << 20
"""Maximum length of any other line; a message to 500 recipients has some 200 kB."""
MOST_ENTRIES = 1_000_000
"""Maximum number of entries in a header's scenario, including all its files and their defaults."""

Entry = dict[str, Any]


class BadJournal(Mistake):
    """A journal that cannot be used: `file:line: the mistake; its correction`."""


class DigestDiffers(Mistake):
    """A replay gives a digest other than the recorded one, because of another version or altered files."""


class Damaged(BadJournal):
    """A line in the middle of a journal was altered, removed or inserted; the lines before it are correct."""


@frozen
class Link:
    """A whole line of a journal."""

    entry: Entry
    """The line without its key `chain`."""
    chain: str
    """The line's link in the chain: a digest of the file up to and including the line."""
    end: int
    """Number of bytes from the start of the file to the end of the line."""


def read_journal(path: Path) -> list[Entry]:
    """All entries of the journal at `path`, header first. Raises BadJournal."""
    return [link.entry for link in chained(path)]


def read_header(path: Path) -> Entry:
    """The first entry of the journal at `path`, regardless of the rest. Raises BadJournal."""
    return next(chained(path)).entry


def require_this_model(path: Path, header: Entry) -> None:
    """Raises BadJournal for a drill of another model, whose replay would be another history."""
    model = header["model"]
    if model == MODEL:
        return
    version = "a newer mxdrill" if model > MODEL else "an older mxdrill"
    raise BadJournal(
        f"{path}:1: played by {version} (model {model}); model {MODEL} of this version would give a "
        f"different history; use the version that played it"
    )


def opened(path: Path, flags: int) -> FileIO:
    """`path`, opened without a buffer, if it is a regular file: a pipe or a device would block the
    program.
    """
    if has_control_character(str(path)):
        raise BadJournal(
            f"{on_one_line(str(path))}: its name contains a control or invisible character; rename it"
        )
    try:
        handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as why:  # ValueError: the path contains a lone surrogate
        reason = (getattr(why, "strerror", None) or "cannot be opened").lower()
        raise BadJournal(f"{path}: {reason}; give the path of a journal") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise BadJournal(f"{path}: not a file; give the path of a journal")
    return FileIO(handle, "r+b" if flags & os.O_RDWR else "rb")


def chained_line(entry: Entry, chain: str) -> tuple[bytes, str]:
    """The line for `entry` that follows the line with the link `chain`, and its own link in the chain."""
    body = json.dumps(entry, ensure_ascii=True, separators=(",", ":"))
    link = hashlib.sha256(f"{chain}{body}".encode()).hexdigest()[:32]
    return f'{{"chain":"{link}",{body[1:]}\n'.encode(), link


def chained(path: Path) -> Iterator[Link]:
    """Each whole line, read and checked one after the other. Raises BadJournal."""
    chain, end, number, form = "", 0, 0, FORMAT
    with BufferedReader(opened(path, os.O_RDONLY)) as lines:
        while (line := _next_line(path, lines, number == 0)).endswith(b"\n"):
            number, end = number + 1, end + len(line)
            entry = _checked(line[:-1], chain)
            if entry is None and number == 1 and not line.startswith(b"{"):
                raise BadJournal(
                    f"{path}: not a journal of a drill or an exercise; `mxdrill drills list` lists them"
                )
            if entry is None:
                raise Damaged(
                    f"{path}:{number}: altered or damaged; `mxdrill drills salvage` keeps the lines before it"
                )
            chain = entry.pop("chain")
            if number == 1:
                form = _format_of(path, entry)
            entry = upgraded(entry, form)
            if number == 1:
                if mistake := why_no_header(entry):
                    raise BadJournal(f"{path}:1: {mistake}; the file is damaged")
            elif not is_entry(entry):
                raise Damaged(f"{path}:{number}: not an entry that a drill writes; the file is damaged")
            yield Link(entry, chain, end)
    if number == 0:
        raise BadJournal(f"{path}: not a journal, or cut off in its first line, which cannot be salvaged")


def _next_line(path: Path, lines: IO[bytes], first: bool) -> bytes:
    """The next line; at the end of the file, the incomplete rest; for a line that is too long, its
    beginning.
    """
    try:
        longest = LONGEST_HEADER_BYTES if first else LONGEST_LINE_BYTES
        line = lines.readline(longest + 1)
    except OSError as why:
        raise BadJournal(f"{path}: {(why.strerror or 'cannot be read').lower()}") from None
    if len(line) > longest:
        raise BadJournal(f"{path}: a line of more than {longest >> 20} MiB; not a journal")
    return line


def _checked(line: bytes, chain: str) -> Entry | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict) or not isinstance(entry.get("chain"), str):
        return None
    body = {key: value for key, value in entry.items() if key != "chain"}
    return entry if chained_line(body, chain)[1] == entry["chain"] else None


def _format_of(path: Path, entry: Entry) -> int:
    """The format that a header names. Raises BadJournal if there is none, or if it is newer than this
    version.
    """
    form = entry.get("format")
    if entry.get("is") != "header" or not isinstance(form, int):
        raise BadJournal(f"{path}:1: not a drill's journal; its first line is not a header")
    if form > FORMAT:
        raise BadJournal(f"{path}:1: format {form} is newer than this mxdrill; update it")
    return form


def why_no_header(entry: Entry) -> str | None:
    """The mistake in a header with the key `is` and a format, or None if it can be read."""
    if not isinstance(model := entry.get("model"), int) or not 1 <= model < 10_000:
        return "model is not a version number"
    if not is_launch(entry.get("launch", {})):
        return "launch is not in the form that a drill writes"
    if "parent" in entry and not is_parent(entry["parent"]):
        return "parent is not in the form that a branch writes"
    try:
        for part in ("scenario", "launch"):
            require_bounded_tree(entry.get(part), MOST_ENTRIES)
    except OutOfBounds as bound:
        where = ".".join(map(str, bound.loc))
        return f"`{where}` {bound}"
    return None


def why_no_line(entry: Entry, line: bytes) -> str | None:
    """The mistake in `entry`, which is not a header, or in its `line`; None if they can be read."""
    if len(line) > LONGEST_LINE_BYTES:
        return f"longer than a journal line may be ({LONGEST_LINE_BYTES >> 20} MiB); shorten it"
    return None if is_entry(entry) else "not in the form of a journal line"
