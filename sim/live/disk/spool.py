"""Mail on disk: acknowledged messages survive a power cut.

A message is written completely under a temporary name and synced, then renamed, and the folder is synced.
Names come from counters, never from the content of mail.
"""

import contextlib
import os
import re
from collections.abc import Collection, Sequence
from pathlib import Path

_NAME = re.compile(r"(?P<file>(\d{8})\.eml)(?::(\d{1,9})\+(\d{1,9}))?")
"""The name of a file, optionally with offset and length in octets for a part of the file."""


JOINED = 1 << 20
"""Size in octets up to which small pieces are joined before they are written, because that is faster."""
Pieces = Sequence[bytes | bytearray | memoryview]
"""The content of a file in parts. The parts are not copied, because a message can have 25 MB."""


def write_durably(path: Path, content: bytes | Pieces, temporary: Path | None = None) -> None:
    """Write `content`, in one piece or more, to `path`, complete and synced, or not at all. Raises OSError.

    `temporary` is the path of the first writing, on the same disk (default: `path` with `.part`).
    """
    temporary = temporary or path.with_name(path.name + ".part")
    try:
        with open(temporary, "wb", opener=_for_its_owner) as out:
            if isinstance(content, bytes):
                out.write(content)
            elif sum(map(len, content)) <= JOINED:
                out.write(b"".join(content))
            else:
                out.writelines(content)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _for_its_owner(name: str, flags: int) -> int:
    """Opener for `open`: only the owner can read mail, regardless of the umask."""
    return os.open(name, flags, 0o600)


def sync_folder(folder: Path) -> None:
    """Sync the names in `folder` to disk. Windows has no such call, and does not need one: syncing the
    file is enough.
    """
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Spool:
    """Accepted messages next to the drill's journal: one file for each group that was written together."""

    def __init__(self, folder: Path, journaled: Collection[str] = ()) -> None:
        """`journaled`: names of the acknowledged messages.

        Any other file was left by a crash before the message was journaled. Such a message was never
        acknowledged, so its sender still has it; the file is removed. Raises OSError.
        """
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        matches = [match for name in journaled if (match := _NAME.fullmatch(name))]
        known = {match["file"] for match in matches}
        for leftover in (*folder.glob("*.eml"), *folder.glob("*.part")):
            if leftover.name not in known:
                leftover.unlink()
        self._next = 1 + max((int(match[2]) for match in matches), default=0)

    def put_all(self, messages: Sequence[Pieces]) -> list[str]:
        """Store messages together in one file and return their names. Raises OSError, in which case no
        message is stored.
        """
        file = f"{self._next:08d}.eml"
        write_durably(self.folder / file, [piece for pieces in messages for piece in pieces])
        self._next += 1
        if len(messages) == 1:
            return [file]
        names, offset = [], 0
        for pieces in messages:
            octets = sum(map(len, pieces))
            names.append(f"{file}:{offset}+{octets}")
            offset += octets
        return names

    def get(self, name: str) -> bytes:
        """The message of that name. Raises OSError (FileNotFoundError if it is missing)."""
        found = _NAME.fullmatch(name)
        if found is None:  # a journal from elsewhere must not be able to read other files
            raise FileNotFoundError(f"{name!r} is not the name of a message")
        if found[3] is None:
            return (self.folder / name).read_bytes()
        with (self.folder / found["file"]).open("rb") as opened:
            opened.seek(int(found[3]))
            return opened.read(int(found[4]))

    def size(self, name: str) -> int:
        """The octets of the message of that name; 0 if it is missing."""
        found = _NAME.fullmatch(name)
        if found is not None and found[4] is not None:
            return int(found[4])
        try:
            return 0 if found is None else (self.folder / name).stat().st_size
        except FileNotFoundError:
            return 0

    def drop(self, name: str) -> None:
        """Remove the group of a message that could not be journaled; its senders get a 452 and retry."""
        with contextlib.suppress(OSError):  # the next start removes the file if this fails
            (self.folder / name.partition(":")[0]).unlink()
