"""Salvages a damaged journal: the lines before the damage, proven by their chain and a replay."""

import os
from pathlib import Path

from sim.drill.session.journal import Journal, for_its_owner
from sim.drill.session.journal_entries import ends
from sim.drill.session.journal_reading import BadJournal, Damaged, Link, chained, require_this_model
from sim.drill.session.session import Session
from sim.kernel.frozen import frozen


@frozen
class Salvaged:
    """The result of `salvage`."""

    lines: int
    """Number of whole lines that were kept, including the header."""
    reached_ms: int
    """The time of the last line that was kept."""
    over: bool
    """True if the drill was over before the damage, so that it cannot be resumed."""
    damage: str
    """The damage, and its position."""
    damaged: Path
    """The damaged file, under its new name."""


def salvage(path: Path) -> Salvaged:
    """Keep the lines of the journal at `path` before its damage under the same name.

    The original file is kept next to it. Only proven lines are kept: their chain must be right, and every
    digest in the lines up to them must be that of the replay. Raises BadJournal if there is no damage, or if
    nothing can be kept; DigestDiffers; JournalBusy.
    """
    with Journal.hold(path):
        links, damage = _before_the_damage(path)
        aside, part = path.with_name(f"{path.name}.damaged"), path.with_name(f"{path.name}.part")
        if aside.exists():
            raise BadJournal(f"{aside}: exists; move it elsewhere first")
        with open(path, "rb") as file:
            kept = file.read(links[-1].end)
        try:
            with open(part, "wb", opener=for_its_owner) as file:
                file.write(kept)
                file.flush()
                os.fsync(file.fileno())
            Session.replay(part)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        path.rename(aside)
        part.rename(path)
    over = any(ends(link.entry) for link in links)
    return Salvaged(len(links), int(links[-1].entry.get("t", 0)), over, damage, aside)


def _before_the_damage(path: Path) -> tuple[list[Link], str]:
    links: list[Link] = []
    try:
        for link in chained(path):
            if not links:
                require_this_model(path, link.entry)
            links.append(link)
    except Damaged as damage:
        if links:
            return links, str(damage)
        raise BadJournal(f"{path}:1: its first line is damaged, so none of it can be saved") from None
    over = any(ends(link.entry) for link in links)
    then = "to read the debrief: mxdrill debrief" if over else "to continue: mxdrill resume"
    raise BadJournal(f"{path}: not damaged; {then} {path}")
