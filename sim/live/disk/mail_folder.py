"""The folder of a drill's real mail: the drill to which it belongs, and its removal.

A marker file in the folder names the drill. A folder without this drill's marker is never written to and
never removed, whatever its name.
"""

import contextlib
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.drill.session.journal import beside
from sim.kernel.user_mistake import Mistake
from sim.live.disk.spool import write_durably

LAUNCH = "lab"
"""Key in a journal's launch settings whose value marks the drill."""
MARKER = "drill"
SPOOL, MAIL_SERVER, INTERNET = "spool", "mailserver", "internet"
PARTS = (SPOOL, MAIL_SERVER, INTERNET, "backup", "smarthost")
"""Everything that a lab, including earlier versions, puts into its folder in addition to the marker."""
LONGEST_MARKER = 256


class ForeignMail(Mistake):
    """The mail folder belongs to another drill; one line with the remedy."""


def mail_folder(journal: Path) -> Path:
    """The folder for the real mail of the drill in `journal`: `NAME.mail` next to it."""
    return beside(journal, ".mail")


def launch_of_a_lab() -> dict[str, str]:
    """The `launch` settings (or a part of them) that `Session.start` needs for a drill with a lab.

    The value distinguishes this drill's mail from that of any other drill, even with the same seed.
    """
    return {LAUNCH: secrets.token_hex(8)}


def claim(folder: Path, drill: str) -> None:
    """Claim an empty folder for `drill`. Raises ForeignMail if it contains anything else."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = owner_of(folder)
    if owner is None and any(folder.iterdir()):
        raise ForeignMail(f"{folder} is not empty and does not belong to a drill; choose another --journal")
    if owner not in {None, drill}:
        raise ForeignMail(
            f"{folder} holds the mail of another drill; move it away or choose another --journal"
        )
    if owner is None:
        write_durably(folder / MARKER, f"{drill}\n".encode())


def owner_of(folder: Path) -> str | None:
    """The drill named by the marker in `folder`; None for a link or a folder without a marker."""
    marker = folder / MARKER
    if folder.is_symlink() or marker.is_symlink() or not marker.is_file():
        return None
    with marker.open("rb") as opened:
        return opened.read(LONGEST_MARKER).decode("utf-8", "replace").strip()


def remove_mail(journal: Path, launch: Mapping[str, Any]) -> Path | None:
    """Remove the real mail of the drill in `journal`, launched with `launch`.

    Returns the folder if it still exists, because it is not this drill's or contains other files; otherwise
    None. Raises OSError.
    """
    folder = mail_folder(journal)
    if not os.path.lexists(folder):
        return None
    if LAUNCH not in launch or owner_of(folder) != launch[LAUNCH]:
        return folder
    for part in PARTS:
        if (folder / part).is_symlink():
            (folder / part).unlink()
        elif (folder / part).exists():
            shutil.rmtree(folder / part)
    if {path.name for path in folder.iterdir()} == {
        MARKER
    }:  # the marker is removed last, so that a repeated removal still finds it
        (folder / MARKER).unlink()
        with contextlib.suppress(OSError):  # another program has just created a file
            folder.rmdir()
    return folder if folder.exists() else None
