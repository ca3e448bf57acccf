"""`mxdrill drills`: list or delete the drills kept on this machine, or salvage a damaged one."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui.shell.drill_tree import DrillRow

_NAME, _WIDEST_NAME = 44, 60
"""Minimum and maximum width of the column of names, in cells."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=("list", "delete", "salvage"),
        default="list",
        help="list the drills (default), delete some, or keep the intact lines of a damaged one",
    )
    parser.add_argument(
        "drill",
        nargs="*",
        metavar="DRILL",
        help="for delete: whole names, as `drills list` shows them; for salvage: a name or its beginning",
    )
    parser.add_argument("--json", action="store_true", help="for list: print one JSON document")


def run(args: argparse.Namespace) -> int:
    """Exit status: 0."""
    from tui.shell.drill_files import drills_folder, find_drill, kept_drills
    from tui.shell.drill_tree import as_tree, drill_row

    if args.action == "delete":
        if not args.drill:
            raise CommandMistake("drills delete: name a drill; `mxdrill drills list` lists them")
        for path in dict.fromkeys(find_drill(name, whole=True) for name in args.drill):
            kept = delete(path)
            print(f"deleted {path.stem}")
            if kept is not None:
                print(f"kept {kept}: it does not belong to this drill")
        return exit_status.YES
    if args.action == "salvage":
        if len(args.drill) != 1:
            raise CommandMistake("drills salvage: name one drill; `mxdrill drills list` lists them")
        _salvage(find_drill(args.drill[0]))
        return exit_status.YES
    rows = as_tree([drill_row(path) for path in kept_drills()])
    if args.json:
        print(json.dumps([_in_json(row, rows) for row in rows], indent=1))
    elif not rows:
        print(f"there are no drills in {drills_folder()}; to start one: mxdrill play")
    else:
        print("\n".join(_lines(rows)))
    return exit_status.YES


def delete(path: Path) -> Path | None:
    """Remove a drill: first its real mail and its after-action form, if there are any, then its journal.

    If its mail folder belongs to another drill, returns that folder, which is kept. Raises CommandMistake;
    BadJournal for a file that is not the journal of a drill.
    """
    from sim.drill.session.journal import Journal
    from sim.drill.session.journal_reading import read_header
    from sim.live.disk.mail_folder import remove_mail
    from sim.report.paper.after_action import form_path
    from tui.table.ways_back import forget, is_last

    journal = Journal.hold(path)  # raises JournalBusy while the drill is in use
    try:
        launch = read_header(path).get("launch") or {}
        kept = remove_mail(path, launch)
        form_path(path).unlink(missing_ok=True)
        if "table" in launch and is_last(path):
            forget(path)
        path.unlink()
    except OSError as error:
        where = error.filename or path
        raise CommandMistake(f"{where}: {(error.strerror or 'cannot be deleted').lower()}") from None
    finally:
        journal.close()
    return kept


def _salvage(path: Path) -> None:
    """Keep the lines before the damage, and report what was kept."""
    from sim.drill.session.salvage import salvage
    from sim.kernel.duration import drill_time
    from tui.shell.drill_files import usable_name

    kept = salvage(path)
    print(f"{kept.damage}")
    print(
        f"kept {kept.lines} lines up to {drill_time(kept.reached_ms)}; the damaged file: {kept.damaged.name}"
    )
    over = "the drill is over; to read the debrief: mxdrill debrief"
    print(f"{over if kept.over else 'to continue: mxdrill resume'} {usable_name(path)}")


def _lines(rows: "Sequence[DrillRow]") -> "Iterator[str]":
    """A line for each drill; a name that is wider than its column has a line of its own."""
    from sim.kernel.duration import drill_time
    from sim.kernel.plain_line import cells_of, on_one_line, padded

    names = [f"{row.lines}{on_one_line(row.path.stem)}" for row in rows]
    seeds = ["" if row.seed is None else f"seed {row.seed}" for row in rows]
    width = max((_NAME, *(cells for name in names if (cells := cells_of(name)) <= _WIDEST_NAME)))
    of_seed = max(map(len, seeds))
    times = ["" if row.reached_ms is None else drill_time(row.reached_ms) for row in rows]
    of_time = max((8, *map(len, times)))
    for row, name, seed, reached in zip(rows, names, seeds, times, strict=True):
        wide = cells_of(name) > width
        if wide:
            yield name
        score = f"  {row.met} of {row.judged} objectives met" if row.judged else ""
        columns = f"{row.played_on:<10}  {reached:>{of_time}}  {seed:<{of_seed}}"
        yield f"{padded('' if wide else name, width)}  {columns}  {row.state}{score}"


def _in_json(row: "DrillRow", rows: "Sequence[DrillRow]") -> dict[str, Any]:
    from sim.kernel.duration import drill_time
    from tui.shell.drill_tree import parent_of

    found = parent_of(row, rows)
    return {
        "drill": row.path.stem,
        "path": str(row.path),
        "reached": "" if row.reached_ms is None else drill_time(row.reached_ms),
        "seed": row.seed,
        "state": row.state,
        "played_on": row.played_on,
        "met": row.met if row.judged else None,
        "judged": row.judged if row.judged else None,
        "parent": found.path.stem if found else row.parent["drill"] if row.parent else None,
        "branched_at": drill_time(row.parent["t"]) if row.parent else None,
    }
