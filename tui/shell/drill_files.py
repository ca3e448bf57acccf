"""The folder of stored drills, and how a name or path refers to one of them."""

import os
import re
import secrets
from datetime import datetime
from itertools import count
from pathlib import Path

from platformdirs import user_data_path

from tui.shell.command_mistake import CommandMistake

_BRANCH = re.compile(r"-branch-\d+$", re.ASCII)


def drills_folder() -> Path:
    """The folder of the journals; the real mail of a drill is in a folder next to its journal."""
    return user_data_path("mxdrill", appauthor=False) / "drills"


def new_journal(name: str, now: datetime) -> Path:
    """The path for a new drill, such as `exchange-down-20260302-081500-9f3c.jsonl`."""
    return drills_folder() / f"{name}-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}.jsonl"


def branch_of(parent: Path) -> Path:
    """The path for a branch of `parent`, next to it: `NAME-branch-2.jsonl`."""
    stem = _BRANCH.sub("", parent.stem)
    taken = {path.name for path in parent.parent.glob("*.jsonl")}
    names = (f"{stem}-branch-{number}.jsonl" for number in count(1))
    return parent.with_name(next(name for name in names if name not in taken))


def usable_name(journal: Path) -> str:
    """The name by which commands find a drill: the name of its file in the folder, or its path elsewhere."""
    within = journal.parent.resolve() == drills_folder().resolve()
    return journal.stem if within else str(journal)


def kept_drills() -> list[Path]:
    """Journals in the folder, the one written last first; broken links come last."""
    return sorted(drills_folder().glob("*.jsonl"), key=_written_ns, reverse=True)


def _written_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # deleted in the meantime, or a broken link
        return 0


def find_drill(name_or_path: str | None, *, whole: bool = False) -> Path:
    """The journal that a name (or its beginning, unless `whole`) or a path refers to; the newest journal if
    neither is given.

    Raises CommandMistake.
    """
    kept = kept_drills()
    if name_or_path is None:
        if not kept:
            raise CommandMistake("there is no saved drill yet; to start one: mxdrill play")
        return kept[0]
    run = f"; for a run of a plan: mxdrill debrief --run {name_or_path}" if "#" in name_or_path else ""
    if os.sep in name_or_path or name_or_path.endswith(".jsonl"):
        path = Path(name_or_path)
        path = path if path.exists() else drills_folder() / name_or_path
        if not path.is_file():
            raise CommandMistake(
                f"{name_or_path}: no such journal; `mxdrill drills list` lists the drills{run}"
            )
        return path
    if not name_or_path:  # an unset shell variable must not count as the beginning of every name
        raise CommandMistake("the name of the drill is empty; `mxdrill drills list` lists the drills")
    found = [path for path in kept if path.stem == name_or_path]
    begin = [path for path in kept if path.stem.startswith(name_or_path)]
    if whole and not found and begin:
        raise CommandMistake(f"{name_or_path}: write the whole name, such as {begin[0].stem}")
    found = found or begin
    if len(found) != 1:
        several = f"{len(found)} drills have names that begin with this; write more of the name"
        many = several if found else "no such drill"
        here = (
            f"; for the file in this folder write .{os.sep}{name_or_path}"
            if Path(name_or_path).is_file()
            else ""
        )
        raise CommandMistake(f"{name_or_path}: {many}; `mxdrill drills list` lists the drills{run or here}")
    return found[0]
