"""`mxdrill drills`: list or delete the drills kept on this machine."""

import argparse
import json
from pathlib import Path
from typing import Any

from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=("list", "delete"),
        default="list",
        help="list the drills (default), or delete some",
    )
    parser.add_argument(
        "drill", nargs="*", metavar="DRILL", help="for delete: names as `drills list` shows them"
    )
    parser.add_argument("--json", action="store_true", help="for list: print one JSON document")


def run(args: argparse.Namespace) -> int:
    """Exit status: 0."""
    from tui.shell.drill_files import drills_folder, find_drill, kept_drills

    if args.action == "delete":
        if not args.drill:
            raise CommandMistake("drills delete: name a drill; `mxdrill drills list` lists them")
        for path in dict.fromkeys(find_drill(name) for name in args.drill):
            kept = delete(path)
            print(f"deleted {path.stem}")
            if kept is not None:
                print(f"kept {kept}: it does not belong to this drill")
        return exit_status.YES
    rows = [_row(path) for path in kept_drills()]
    if args.json:
        print(json.dumps(rows, indent=1))
    elif not rows:
        print(f"no drills in {drills_folder()}; to start one: mxdrill play")
    for row in rows if not args.json else ():
        print(f"{row['drill']:<44}  {row['reached']:>8}  seed {row['seed']}  {row['state']}")
    return exit_status.YES


def delete(path: Path) -> Path | None:
    """Remove a drill: its real mail if there is any, then its journal.

    Returns the folder in place of its mail folder if there is one that belongs to another drill. Raises
    CommandMistake; BadJournal for a file that is not the journal of a drill.
    """
    from sim.drill.session.journal import Journal, read_header
    from sim.live.mail_folder import remove_mail

    journal = Journal.hold(path)  # raises JournalBusy while the drill is in use
    try:
        kept = remove_mail(path, read_header(path).get("launch") or {})
        path.unlink()
    except OSError as error:
        where = error.filename or path
        raise CommandMistake(f"{where}: {(error.strerror or 'cannot be deleted').lower()}") from None
    finally:
        journal.close()
    return kept


def _row(path: Path) -> dict[str, Any]:
    """A row of the list; a damaged journal is listed as damaged."""
    from sim.drill.session.journal import BadJournal, read_journal
    from sim.kernel.duration import drill_time

    row: dict[str, Any] = {
        "drill": path.stem,
        "path": str(path),
        "reached": "",
        "seed": None,
        "state": "damaged",
    }
    try:
        entries = read_journal(path)
        reached_ms = max((int(entry["t"]) for entry in entries[1:]), default=0)
    except (BadJournal, KeyError, TypeError, ValueError):
        return row
    row |= {"reached": drill_time(reached_ms), "seed": entries[0].get("seed")}
    over = any(entry.get("is") == "end" or entry.get("over") for entry in entries)
    lab = "lab" in (entries[0].get("launch") or {})
    row["state"] = ", ".join([*(["over"] if over else ["can be resumed"]), *(["real mail"] if lab else [])])
    return row
