"""Mail on disk: acknowledged messages survive a power cut.

A message is written completely under a temporary name and synced, then renamed, and the folder is synced.
Names come from counters, never from the content of mail.
"""

import contextlib
import os
import re
from collections.abc import Collection
from pathlib import Path

_NAME = re.compile(r"(\d{8})\.eml")


def write_durably(path: Path, content: bytes, temporary: Path | None = None) -> None:
    """Write `content` to `path`, complete and synced, or not at all. Raises OSError.

    `temporary` is the path of the first writing, on the same disk (default: `path` with `.part`).
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
    """Opener for `open`: only the owner can read mail, whatever the umask."""
    return os.open(name, flags, 0o600)


def sync_folder(folder: Path) -> None:
    """Sync the names in `folder` to disk. Windows has no such call, and syncing the file is enough there."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Spool:
    """The gateway's messages, one file each, next to the drill's journal."""

    def __init__(self, folder: Path, journaled: Collection[str] = ()) -> None:
        """`journaled`: names of the acknowledged messages.

        Any other file was left by a crash before the message was journaled. It was never acknowledged, so
        its sender still has it; the file is removed. Raises OSError.
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
        """Store `content` and return its name. Raises OSError; then it is not stored."""
        name = f"{self._next:08d}.eml"
        write_durably(self.folder / name, content)
        self._next += 1
        return name

    def get(self, name: str) -> bytes:
        """The message of that name. Raises OSError (FileNotFoundError if it is missing)."""
        if not _NAME.fullmatch(name):  # a foreign journal must not read other files
            raise FileNotFoundError(f"{name!r} is not the name of a message")
        return (self.folder / name).read_bytes()

    def drop(self, name: str) -> None:
        """Remove a message that could not be journaled; its sender gets a 452 and retries."""
        with contextlib.suppress(OSError):  # the next start removes the file
            (self.folder / name).unlink()
