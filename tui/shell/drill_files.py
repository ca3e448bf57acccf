"""Where drills are kept on this machine, and which one a person means."""

import os
import secrets
from datetime import datetime
from pathlib import Path

from platformdirs import user_data_path

from tui.shell.command_mistake import CommandMistake


def drills_folder() -> Path:
    """The folder of the journals; real mail lies beside each of them."""
    return user_data_path("mxdrill", appauthor=False) / "drills"


def new_journal(name: str, now: datetime) -> Path:
    """A path that no drill has yet: `exchange-down-20260302-081500-9f3c.jsonl`."""
    return drills_folder() / f"{name}-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}.jsonl"


def kept_drills() -> list[Path]:
    """Journals in the folder, the one written to last first; a link that leads nowhere comes last."""
    return sorted(drills_folder().glob("*.jsonl"), key=_written_ns, reverse=True)


def _written_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # deleted this moment, or a link that leads nowhere
        return 0


def find_drill(name_or_path: str | None) -> Path:
    """The journal of a name (its beginning is enough) or a path; the newest without either.

    Raises CommandMistake.
    """
    kept = kept_drills()
    if name_or_path is None:
        if not kept:
            raise CommandMistake("no drill has been kept yet; start one with: mxdrill play")
        return kept[0]
    if os.sep in name_or_path or name_or_path.endswith(".jsonl"):
        path = Path(name_or_path)
        path = path if path.exists() else drills_folder() / name_or_path
        if not path.is_file():
            raise CommandMistake(
                f"{name_or_path}: no such journal; `mxdrill drills list` shows what there is"
            )
        return path
    found = [path for path in kept if path.stem.startswith(name_or_path)]
    if len(found) != 1:
        many = f"{len(found)} drills begin so; write more of the name" if found else "no such drill"
        raise CommandMistake(f"{name_or_path}: {many}; `mxdrill drills list` shows what there is")
    return found[0]
