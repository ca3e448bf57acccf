"""The files of a debrief in a folder chosen by the user."""

import os
import shutil
import subprocess
import sys
import webbrowser
from collections.abc import Mapping
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


def write_all(folder: Path, texts: Mapping[str, str], option: str = "") -> None:
    """Write `texts` into `folder`. Raises CommandMistake, which names the `option` that gave the folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        where = error.filename or folder
        raise CommandMistake(f"{option}{where}: {(error.strerror or 'cannot be written').lower()}") from None


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
        return True  # some openers stay until the browser is closed
    return done.returncode == 0
