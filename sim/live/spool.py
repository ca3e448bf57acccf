"""Mail on disk: what was acknowledged with a 250 survives a power cut.

A letter is written whole to a temporary name, forced to the disk, and only then given its own
name, which is forced to the disk too. Names come from counters, never from what is in the mail.
"""

import contextlib
import os
import re
from collections.abc import Collection
from pathlib import Path

_NAME = re.compile(r"(\d{8})\.eml")


def write_durably(path: Path, content: bytes, temporary: Path | None = None) -> None:
    """`content` is at `path`, whole and forced to the disk, or not there at all. Raises OSError.

    `temporary` is where it is written first, on the same disk (default: beside it, `.part`).
    """
    temporary = temporary or path.with_name(path.name + ".part")
    try:
        with open(temporary, "wb", opener=_for_its_owner) as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _for_its_owner(name: str, flags: int) -> int:
    """Open for `open`: mail is its owner's alone, whatever the umask."""
    return os.open(name, flags, 0o600)


def sync_folder(folder: Path) -> None:
    """Names in `folder` are on the disk. Windows cannot do this and needs no more than the file."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Spool:
    """The gateway's letters, one file each, beside the drill's journal."""

    def __init__(self, folder: Path, journaled: Collection[str] = ()) -> None:
        """`journaled` are the names of letters that were acknowledged.

        Any other letter is what a crash left between writing and the journal: nobody was told that
        it arrived, its sender still has it, and it is removed. Raises OSError.
        """
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        known = set(journaled)
        for leftover in (*folder.glob("*.eml"), *folder.glob("*.part")):
            if leftover.name not in known:
                leftover.unlink()
        counted = (int(match[1]) for name in known if (match := _NAME.fullmatch(name)))
        self._next = 1 + max(counted, default=0)

    def put(self, content: bytes) -> str:
        """The name under which `content` now is on disk. Raises OSError: then it is not."""
        name = f"{self._next:08d}.eml"
        write_durably(self.folder / name, content)
        self._next += 1
        return name

    def get(self, name: str) -> bytes:
        """The letter of that name. Raises OSError (FileNotFoundError when there is none)."""
        if not _NAME.fullmatch(name):  # a journal from elsewhere must not read other files
            raise FileNotFoundError(f"{name!r} is not the name of a spooled message")
        return (self.folder / name).read_bytes()

    def drop(self, name: str) -> None:
        """Remove a letter that could not be journaled; its sender is told to come again."""
        with contextlib.suppress(OSError):  # a crash leaves the same, and the next start removes it
            (self.folder / name).unlink()
