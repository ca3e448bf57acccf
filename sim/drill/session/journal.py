"""The journal of a drill: JSON Lines, hash-chained, on disk before its entries take effect.

A process that is killed at any moment does not lose acknowledged input: reading drops a torn last line, and a
line that could not be written completely is removed.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from sim.drill.session.journal_reading import (
    FORMAT,
    LONGEST_HEADER_BYTES,
    MODEL,
    BadJournal,
    Entry,
    chained,
    chained_line,
    opened,
    why_no_header,
    why_no_line,
)
from sim.kernel.plain_line import has_control_character, on_one_line
from sim.kernel.user_mistake import Mistake

DIGEST_S = 600
"""Wall time in seconds between two journal marks that hold a digest. With 10,000 users, a digest takes 0.4
s.
"""


def beside(journal: Path, ending: str) -> Path:
    """The file or folder of a drill next to its journal, such as `NAME.mail`.

    Only the ending `.jsonl` is replaced, because `a-1.5` and `a-1.6` are two drills.
    """
    return journal.with_name(f"{journal.name.removesuffix('.jsonl')}{ending}")


class DiskFull(Mistake):
    """The journal could not be written. Nothing was acknowledged, and the drill continues."""


class UnreadableEntry(DiskFull):
    """An entry that reading would refuse. It is not written, because the whole drill would be unreadable."""


class NoNewJournal(Mistake):
    """A journal cannot be created at that path: `path: the mistake; its correction`."""


class JournalBusy(Mistake):
    """Another process is playing this drill."""


class Journal:
    """A journal open for appending."""

    def __init__(self, path: Path, file: IO[bytes], chain: str, size: int) -> None:
        self.path, self._file, self._chain, self._size = path, file, chain, size

    @classmethod
    def create(cls, path: Path, header: Entry) -> Self:
        """A new journal with its header on disk. Raises DiskFull, NoNewJournal."""
        if has_control_character(str(path)):
            shown = on_one_line(str(path))
            raise NoNewJournal(
                f"{shown}: contains a control or invisible character; choose another --journal"
            )
        first = {"is": "header", "format": FORMAT, "model": MODEL, **header}
        if len(chained_line(first, "")[0]) > LONGEST_HEADER_BYTES:
            limit = f"{LONGEST_HEADER_BYTES >> 20} MiB"
            raise NoNewJournal(f"{path}: the scenario and its files do not fit in a journal ({limit})")
        if mistake := why_no_header(first):
            raise NoNewJournal(f"{path}: a journal with this header could not be read again: {mistake}")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = open(path, "x+b", buffering=0, opener=for_its_owner)  # noqa: SIM115 - kept open
        except (OSError, ValueError) as why:  # ValueError: the path contains a lone surrogate
            if isinstance(why, OSError) and path.exists():
                raise NoNewJournal(
                    f"{path}: exists; choose another --journal, or continue that drill: mxdrill resume {path}"
                ) from None
            reason = (getattr(why, "strerror", None) or "cannot be made").lower()
            raise NoNewJournal(f"{path}: {reason}; choose another --journal") from None
        journal = cls(path, file, "", 0)
        journal._lock()
        try:
            journal._append(chained_line(first, ""))
        except DiskFull:
            journal.close()
            path.unlink()
            raise
        return journal

    @classmethod
    def hold(cls, path: Path) -> Self:
        """The journal at `path`, locked but not read. Raises BadJournal, JournalBusy."""
        journal = cls(path, opened(path, os.O_RDWR), "", 0)
        journal._lock()
        return journal

    @classmethod
    def reopen(cls, path: Path) -> tuple[Self, list[Entry]]:
        """The journal at `path`, open for appending, and its entries; a torn last line is cut off."""
        journal = cls.hold(path)
        entries = []
        try:
            for link in chained(path):
                entries.append(link.entry)
                journal._chain, journal._size = link.chain, link.end
        except BadJournal:
            journal.close()
            raise
        return journal, entries

    def append(self, entry: Entry) -> None:
        """Write `entry`, and wait until it is on disk. Raises DiskFull, in which case the file is
        unchanged.
        """
        self.append_all([entry])

    def append_all(self, entries: Sequence[Entry]) -> None:
        """Write `entries` with one sync. Raises DiskFull, in which case the file is unchanged:
        UnreadableEntry if an entry could not be read again.
        """
        lines, chain = [], self._chain
        for entry in entries:
            line, chain = chained_line(entry, chain)
            if mistake := why_no_line(entry, line):
                raise UnreadableEntry(f"{self.path.name}: this input was not carried out: {mistake}")
            lines.append(line)
        self._append((b"".join(lines), chain))

    def _append(self, whole_and_chain: tuple[bytes, str]) -> None:
        """Write those lines, after which the journal's last link is that. Raises DiskFull."""
        whole, chain = whole_and_chain
        try:
            self._file.seek(self._size)
            self._file.truncate()
            written = self._file.write(whole)
            if written != len(whole):
                raise OSError(28, "no space left on device")
            os.fsync(self._file.fileno())
        except OSError as error:
            self._take_back()
            reason = (error.strerror or "cannot be written").lower()
            raise DiskFull(
                f"{self.path.name}: {reason}; free some space, nothing acknowledged was lost"
            ) from None
        self._chain, self._size = chain, self._size + len(whole)

    def _take_back(self) -> None:
        try:
            self._file.truncate(self._size)
        except OSError:
            return  # the incomplete line is removed at the next append or the next reading

    def _lock(self) -> None:
        if sys.platform == "win32":
            return  # this system has no advisory locks of this kind
        import fcntl

        try:
            fcntl.flock(self._file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise JournalBusy(
                f"{self.path.name}: another mxdrill is playing this drill; close it there first"
            ) from None

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def for_its_owner(name: str, flags: int) -> int:
    """An opener for `open`: only its owner may read a journal, because it contains names, subjects and
    addresses.
    """
    return os.open(name, flags, 0o600)
