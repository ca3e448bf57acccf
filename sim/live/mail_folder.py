"""The folder of a drill's real mail: which drill it belongs to, and how it is removed.

A marker file inside names the drill. A folder without the marker of this very drill is never written
to and never removed, whatever its name.
"""

import contextlib
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.kernel.user_mistake import Mistake
from sim.live.spool import write_durably

LAUNCH = "lab"
"""Key of a journal's launch settings that holds the drill's mark."""
MARKER = "drill"
SPOOL, MAIL_SERVER, INTERNET = "spool", "mailserver", "internet"
LONGEST_MARKER = 256


class ForeignMail(Mistake):
    """The mail folder belongs to another drill; one line that says what would be right."""


def mail_folder(journal: Path) -> Path:
    """Where the real mail of the drill in `journal` is kept: next to it, `.mail` in place of `.jsonl`.

    Any other ending stays: `a-1.5` and `a-1.6` are two drills.
    """
    return journal.with_name(journal.name.removesuffix(".jsonl") + ".mail")


def launch_of_a_lab() -> dict[str, str]:
    """What `Session.start` is given as `launch` (or a part of it) for a drill with a lab.

    The value tells this drill's mail from that of every other, the same seed notwithstanding.
    """
    return {LAUNCH: secrets.token_hex(8)}


def claim(folder: Path, drill: str) -> None:
    """Take an empty folder for `drill`. Raises ForeignMail for a folder with anything else in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = owner_of(folder)
    if owner is None and any(folder.iterdir()):
        raise ForeignMail(f"{folder} is not empty and does not hold a drill's mail; choose another --journal")
    if owner not in {None, drill}:
        raise ForeignMail(
            f"{folder} holds the mail of another drill; move it away or choose another --journal"
        )
    if owner is None:
        write_durably(folder / MARKER, f"{drill}\n".encode())


def owner_of(folder: Path) -> str | None:
    """The drill that the marker in `folder` names; None for a link or a folder without a marker."""
    marker = folder / MARKER
    if folder.is_symlink() or marker.is_symlink() or not marker.is_file():
        return None
    with marker.open("rb") as opened:
        return opened.read(LONGEST_MARKER).decode("utf-8", "replace").strip()


def remove_mail(journal: Path, launch: Mapping[str, Any]) -> Path | None:
    """Remove the real mail of the drill in `journal`, launched with `launch`.

    Returns what is left in its place, None if nothing is: a folder that is another's, or one into
    which somebody put files of their own. Raises OSError.
    """
    folder = mail_folder(journal)
    if not os.path.lexists(folder):
        return None
    if LAUNCH not in launch or owner_of(folder) != launch[LAUNCH]:
        return folder
    for part in (SPOOL, MAIL_SERVER, INTERNET):
        if (folder / part).is_symlink():
            (folder / part).unlink()
        elif (folder / part).exists():
            shutil.rmtree(folder / part)
    if {path.name for path in folder.iterdir()} == {MARKER}:  # the marker goes last, for another try
        (folder / MARKER).unlink()
        with contextlib.suppress(OSError):  # a file that came this moment
            folder.rmdir()
    return folder if folder.exists() else None
