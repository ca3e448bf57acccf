"""The journal of a drill: JSON Lines, hash-chained, on disk before anything it says takes effect.

Killing the process at any moment loses nothing that was acknowledged: a torn last line is dropped
when the journal is read, and a line that could not be written whole is taken back.
"""

import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterator
from io import BufferedReader, FileIO
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from sim.drill.session.journal_entries import is_entry, is_launch
from sim.kernel.file_bounds import OutOfBounds, require_bounded_tree
from sim.kernel.user_mistake import Mistake

FORMAT = 1
MODEL = 2
"""Raised with each release whose model gives another history for the same journal."""
LONGEST_LINE_BYTES = 32 << 20
"""A header holds the scenario with its files of at most 256 KiB, every character escaped."""
MOST_ENTRIES = 1_000_000
"""Entries of a header's scenario, with all the files that belong to it and their defaults."""

Entry = dict[str, Any]


class DiskFull(Mistake):
    """The journal could not be written. Nothing was acknowledged, the drill goes on."""


class BadJournal(Mistake):
    """A journal that cannot be used: `file:line: what; what would be right`."""


class NoNewJournal(Mistake):
    """A journal cannot be made at that path: `path: what; what would be right`."""


class JournalBusy(Mistake):
    """Another process is playing this drill."""


class Journal:
    """A journal open for appending."""

    def __init__(self, path: Path, file: IO[bytes], chain: str, size: int) -> None:
        self.path, self._file, self._chain, self._size = path, file, chain, size

    @classmethod
    def create(cls, path: Path, header: Entry) -> Self:
        """A new journal with its header on disk. Raises DiskFull, NoNewJournal."""
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = open(path, "x+b", buffering=0, opener=_for_its_owner)  # noqa: SIM115 - kept open
        except OSError as why:
            if path.exists():
                raise NoNewJournal(f"{path}: exists; go on with it: mxdrill resume {path}") from None
            raise NoNewJournal(
                f"{path}: {(why.strerror or 'cannot be made').lower()}; choose another --journal"
            ) from None
        journal = cls(path, file, "", 0)
        journal._lock()
        try:
            journal.append({"is": "header", "format": FORMAT, "model": MODEL, **header})
        except DiskFull:
            journal.close()
            path.unlink()
            raise
        return journal

    @classmethod
    def hold(cls, path: Path) -> Self:
        """The journal at `path`, locked but not read. Raises BadJournal, JournalBusy."""
        journal = cls(path, _opened(path, os.O_RDWR), "", 0)
        journal._lock()
        return journal

    @classmethod
    def reopen(cls, path: Path) -> tuple[Self, list[Entry]]:
        """The journal at `path` open for appending, and its entries; a torn last line is cut off."""
        journal = cls.hold(path)
        entries = []
        try:
            for entry, chain, end in _entries(path):
                entries.append(entry)
                journal._chain, journal._size = chain, end
        except BadJournal:
            journal.close()
            raise
        return journal, entries

    def append(self, entry: Entry) -> None:
        """Write `entry` and have it on disk. Raises DiskFull; then the file is as before."""
        line, chain = _line(entry, self._chain)
        try:
            self._file.seek(self._size)
            self._file.truncate()
            written = self._file.write(line)
            if written != len(line):
                raise OSError(28, "no space left on device")
            os.fsync(self._file.fileno())
        except OSError as error:
            self._take_back()
            reason = (error.strerror or "cannot be written").lower()
            raise DiskFull(
                f"{self.path.name}: {reason}; free some space, nothing acknowledged was lost"
            ) from None
        self._chain, self._size = chain, self._size + len(line)

    def _take_back(self) -> None:
        try:
            self._file.truncate(self._size)
        except OSError:
            return  # the torn line is cut off by the next append or the next reading

    def _lock(self) -> None:
        if sys.platform == "win32":
            return  # no advisory locks of this kind there
        import fcntl

        try:
            fcntl.flock(self._file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise JournalBusy(
                f"{self.path.name}: another mxdrill is playing this drill; leave it there first"
            ) from None

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _for_its_owner(name: str, flags: int) -> int:
    """An opener for `open`: only its owner may read a journal, which has names, subjects and addresses."""
    return os.open(name, flags, 0o600)


def read_journal(path: Path) -> list[Entry]:
    """All entries of the journal at `path`, header first. Raises BadJournal."""
    return [entry for entry, _chain, _end in _entries(path)]


def read_header(path: Path) -> Entry:
    """The first entry of the journal at `path`, whatever follows it. Raises BadJournal."""
    return next(_entries(path))[0]


def require_this_model(path: Path, header: Entry) -> None:
    """Raises BadJournal for a drill of another model, whose replay would be another history."""
    model = header.get("model", 1)
    if model == MODEL:
        return
    version = "a newer mxdrill" if model > MODEL else "an older mxdrill"
    raise BadJournal(
        f"{path}:1: played by {version} (model {model}); model {MODEL} of this one gives another history,"
        " use the version that played it"
    )


def _opened(path: Path, flags: int) -> FileIO:
    """`path` opened without buffer, if it is a file: a pipe or a device would hold the program up."""
    try:
        handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as why:
        raise BadJournal(
            f"{path}: {(why.strerror or 'cannot be opened').lower()}; give the path of a journal"
        ) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise BadJournal(f"{path}: not a file; give the path of a journal")
    return FileIO(handle, "r+b" if flags & os.O_RDWR else "rb")


def _line(entry: Entry, chain: str) -> tuple[bytes, str]:
    body = json.dumps(entry, ensure_ascii=True, separators=(",", ":"))
    link = hashlib.sha256(f"{chain}{body}".encode()).hexdigest()[:32]
    return f'{{"chain":"{link}",{body[1:]}\n'.encode(), link


def _entries(path: Path) -> Iterator[tuple[Entry, str, int]]:
    """Each whole line as (entry, chain, where it ends), read line by line. Raises BadJournal."""
    chain, end, number = "", 0, 0
    with BufferedReader(_opened(path, os.O_RDONLY)) as lines:
        while (line := _next_line(path, lines)).endswith(b"\n"):
            number, end = number + 1, end + len(line)
            entry = _checked(line[:-1], chain)
            if entry is None:
                raise BadJournal(f"{path}:{number}: altered or damaged; a journal is only ever appended to")
            chain = entry.pop("chain")
            if number == 1:
                _check_header(path, entry)
            elif not is_entry(entry):
                raise BadJournal(f"{path}:{number}: not an entry that a drill writes; the file is damaged")
            yield entry, chain, end
    if number == 0:
        raise BadJournal(f"{path}: not a journal; `mxdrill drills list` names the ones there are")


def _next_line(path: Path, lines: IO[bytes]) -> bytes:
    """The next line; at the file's end what there is of it, and of one that is too long its beginning."""
    try:
        line = lines.readline(LONGEST_LINE_BYTES + 1)
    except OSError as why:
        raise BadJournal(f"{path}: {(why.strerror or 'cannot be read').lower()}") from None
    if len(line) > LONGEST_LINE_BYTES:
        raise BadJournal(f"{path}: a line of more than {LONGEST_LINE_BYTES >> 20} MiB; not a journal")
    return line


def _checked(line: bytes, chain: str) -> Entry | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict) or not isinstance(entry.get("chain"), str):
        return None
    body = {key: value for key, value in entry.items() if key != "chain"}
    return entry if _line(body, chain)[1] == entry["chain"] else None


def _check_header(path: Path, entry: Entry) -> None:
    if entry.get("is") != "header" or not isinstance(entry.get("format"), int):
        raise BadJournal(f"{path}:1: not a drill's journal; its first line has no header")
    if not isinstance(model := entry.get("model", 1), int) or not 1 <= model < 10_000:
        raise BadJournal(f"{path}:1: model is not a version number; the file is damaged")
    if not is_launch(entry.get("launch", {})):
        raise BadJournal(f"{path}:1: launch is not what a drill writes; the file is damaged")
    try:
        require_bounded_tree(entry.get("scenario"), MOST_ENTRIES)
    except OutOfBounds as bound:
        where = ".".join(map(str, bound.loc))
        raise BadJournal(f"{path}:1: `{where}` {bound}; the file is damaged") from None
    if entry["format"] > FORMAT:
        raise BadJournal(f"{path}:1: format {entry['format']} is newer than this mxdrill; update it")
