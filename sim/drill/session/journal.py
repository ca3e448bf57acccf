"""The journal of a drill: JSON Lines, hash-chained, on disk before anything it says takes effect.

Killing the process at any moment loses nothing that was acknowledged: a torn last line is dropped
when the journal is read, and a line that could not be written whole is taken back.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from sim.kernel.user_mistake import Mistake

FORMAT = 1
LONGEST_LINE_BYTES = 32 << 20
"""A header holds the scenario and its organisation: two files of 4 MiB, every character escaped, fit."""

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
            path.parent.mkdir(parents=True, exist_ok=True)
            file = open(path, "x+b", buffering=0)  # noqa: SIM115 - kept open for the drill's life
        except OSError as why:
            if path.exists():
                raise NoNewJournal(f"{path}: exists; go on with it: mxdrill resume {path}") from None
            raise NoNewJournal(
                f"{path}: {(why.strerror or 'cannot be made').lower()}; choose another --journal"
            ) from None
        journal = cls(path, file, "", 0)
        journal._lock()
        try:
            journal.append({"is": "header", "format": FORMAT, **header})
        except DiskFull:
            journal.close()
            path.unlink()
            raise
        return journal

    @classmethod
    def reopen(cls, path: Path) -> tuple[Self, list[Entry]]:
        """The journal at `path` open for appending, and its entries; a torn last line is cut off."""
        try:
            file = open(path, "r+b", buffering=0)  # noqa: SIM115
        except OSError as error:
            raise BadJournal(f"{path}: {(error.strerror or 'cannot be opened').lower()}") from None
        journal = cls(path, file, "", 0)
        journal._lock()
        entries = []
        try:
            for entry, chain, end in _entries(path, file.read()):
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


def read_journal(path: Path) -> list[Entry]:
    """All entries of the journal at `path`, header first. Raises BadJournal."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadJournal(
            f"{path}: {(error.strerror or 'cannot be read').lower()}; give the path of a journal"
        ) from None
    return [entry for entry, _chain, _end in _entries(path, raw)]


def _line(entry: Entry, chain: str) -> tuple[bytes, str]:
    body = json.dumps(entry, ensure_ascii=True, separators=(",", ":"))
    link = hashlib.sha256(f"{chain}{body}".encode()).hexdigest()[:32]
    return f'{{"chain":"{link}",{body[1:]}\n'.encode(), link


def _entries(path: Path, raw: bytes) -> Iterator[tuple[Entry, str, int]]:
    chain, start, number = "", 0, 0
    while (end := raw.find(b"\n", start)) >= 0:
        number += 1
        entry = _checked(raw[start:end], chain)
        if entry is None:
            raise BadJournal(f"{path}:{number}: altered or damaged; a journal is only ever appended to")
        chain = entry.pop("chain")
        if number == 1:
            _check_header(path, entry)
        start = end + 1
        yield entry, chain, start
    if number == 0:
        raise BadJournal(f"{path}: not a journal; `mxdrill drills list` names the ones there are")


def _checked(line: bytes, chain: str) -> Entry | None:
    if len(line) > LONGEST_LINE_BYTES:
        return None
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
    if entry["format"] > FORMAT:
        raise BadJournal(f"{path}:1: format {entry['format']} is newer than this mxdrill; update it")
