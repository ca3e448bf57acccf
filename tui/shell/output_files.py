"""Files that a command writes for its user: whole, or not at all. With the files of a debrief."""

import errno
import os
import secrets
import shutil
import stat
import subprocess
import sys
import webbrowser
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tui.shell.command_mistake import CommandMistake

PATIENCE_S = 10.0
"""Wall time allowed to a program that opens pages."""

if TYPE_CHECKING:
    from sim.drill.session.session import Session
    from sim.report.paper.facts import DebriefFacts


def paper_texts(
    session: "Session",
    facts: "DebriefFacts",
    journal: Path,
    *,
    audience: str = "all",
    anonymous: bool = False,
) -> dict[str, str]:
    """The text of each file by its name, for the drill of `journal`. Raises BadFile for a wrong form."""
    from importlib.metadata import version

    from sim.report.paper.after_action import form_path, read_form
    from sim.report.paper.evidence import Origin
    from sim.report.paper.folder import papers
    from tui.shell.bundle_file import sha256_of

    form = read_form(form_path(journal))
    origin = Origin(f"{datetime.now().astimezone():%Y-%m-%d}", version("mxdrill"), sha256_of(journal))
    return papers(session, facts, form, origin, audience=audience, anonymous=anonymous)


def write_file(path: Path, content: str | bytes, option: str = "") -> None:
    """Write the file at `path`: all of it, or nothing. Raises CommandMistake, which names the `option` that
    gave the path.
    """
    _write({path: content}, option, [])


def write_all(folder: Path, contents: Mapping[str, str | bytes], option: str = "") -> None:
    """Write files into `folder`, which is made: all of them, or none. The names may contain folders.

    Raises CommandMistake, which names the `option` that gave the folder.
    """
    paths = {folder / name: content for name, content in contents.items()}
    made: list[Path] = []
    try:
        for parent in dict.fromkeys(path.parent for path in paths):
            _make_folder(parent, made)
    except (OSError, ValueError) as error:
        _remove(made)
        raise CommandMistake(f"{_mistake(error, option, folder)}; name a folder to write to") from None
    _write(paths, option, made)


def _write(contents: Mapping[Path, str | bytes], option: str, made: list[Path]) -> None:
    """Write each file next to its place, then move all of them there. After a mistake, these files and the
    folders in `made` are removed.
    """
    unfinished: dict[Path, Path] = {}
    path = Path()
    try:
        for path, content in contents.items():
            # a lone surrogate, which no file can hold, becomes a question mark
            octets = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
            place = Path(os.path.realpath(path))
            if _is_replaceable(place):
                beside = place.with_name(f".mxdrill-{secrets.token_hex(8)}")
                unfinished[beside] = place
                _write_beside(beside, place, octets)
            else:
                place.write_bytes(octets)
        for beside, place in list(unfinished.items()):
            beside.replace(place)
            del unfinished[beside]
    except (OSError, ValueError) as error:
        raise CommandMistake(_mistake(error, option, path)) from None
    finally:
        for beside in unfinished:
            beside.unlink(missing_ok=True)
        if unfinished:
            _remove(made)


def _is_replaceable(place: Path) -> bool:
    """False for a device or a pipe, and for a file in a folder in which no file can be made."""
    if place.exists() and not place.is_file():
        return False
    return not place.exists() or os.access(place.parent, os.W_OK)


def _write_beside(beside: Path, place: Path, octets: bytes) -> None:
    """Write the new file `beside` with the permissions of the file at `place`. Raises OSError."""
    old = stat.S_IMODE(place.stat().st_mode) if place.exists() else None
    if old is not None and not os.access(place, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    with os.fdopen(handle, "wb") as file:
        file.write(octets)
    if old is not None:
        with suppress(OSError):  # the file system has no permissions
            beside.chmod(old)


def _make_folder(folder: Path, made: list[Path]) -> None:
    """Make `folder` and the folders above it; the new ones are added to `made`, the highest first."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir()
        made.append(one)
    folder.mkdir(exist_ok=True)  # raises an error if it is a file


def _remove(made: list[Path]) -> None:
    for folder in reversed(made):
        with suppress(OSError):  # another program has written a file into the folder
            folder.rmdir()


def _mistake(error: OSError | ValueError, option: str, path: Path) -> str:
    """The line for `error`; a ValueError is a NUL or a lone surrogate in the path."""
    return f"{option}{path}: {(getattr(error, 'strerror', None) or 'cannot be written').lower()}"


def show_in_browser(page: Path) -> bool:
    """True if a graphical browser has been asked to show `page`; a text browser would use the console's
    terminal.

    The browser's own output does not reach the terminal.
    """
    if sys.platform in {"darwin", "win32"}:
        return webbrowser.open(page.as_uri())
    opener = shutil.which("xdg-open")
    if opener is None or not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    nowhere = subprocess.DEVNULL
    try:
        done = subprocess.run(
            [opener, page.as_uri()], timeout=PATIENCE_S, check=False,
            stdin=nowhere, stdout=nowhere, stderr=nowhere,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return True  # some openers return only when the browser is closed
    return done.returncode == 0
