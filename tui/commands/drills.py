"""`mxdrill drills`: the drills kept on this machine."""

import argparse
import json
from pathlib import Path
from typing import Any

from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", nargs="?", choices=("list", "delete"), default="list", help="default: list")
    parser.add_argument("drill", nargs="*", metavar="DRILL", help="delete: names as `drills list` shows them")
    parser.add_argument("--json", action="store_true", help="list: one JSON document")


def run(args: argparse.Namespace) -> int:
    """Exit status: 0."""
    from tui.shell.drill_files import drills_folder, find_drill, kept_drills

    if args.action == "delete":
        if not args.drill:
            raise CommandMistake("drills delete: name the drill; `mxdrill drills list` shows what there is")
        for path in dict.fromkeys(find_drill(name) for name in args.drill):
            kept = delete(path)
            print(f"deleted {path.stem}")
            if kept is not None:
                print(f"kept {kept}: what is in it is not this drill's")
        return exit_status.YES
    rows = [_row(path) for path in kept_drills()]
    if args.json:
        print(json.dumps(rows, indent=1))
    elif not rows:
        print(f"no drill has been kept yet in {drills_folder()}; start one with: mxdrill play")
    for row in rows if not args.json else ():
        print(f"{row['drill']:<44}  {row['reached']:>8}  seed {row['seed']}  {row['state']}")
    return exit_status.YES


def delete(path: Path) -> Path | None:
    """Remove a drill: its real mail if there is any, then its journal.

    Returns the folder in its mail folder's place if there is one that is not this drill's. Raises
    CommandMistake; BadJournal for a file that is no drill's.
    """
    from sim.drill.session.journal import Journal, read_header
    from sim.live.mail_folder import remove_mail

    journal = Journal.hold(path)  # nobody is playing it: JournalBusy says who is
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
    """What the list says of a journal; a damaged one is listed as such."""
    from sim.drill.session.journal import BadJournal, read_journal
    from sim.kernel.duration import format_elapsed

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
    row |= {"reached": f"T+{format_elapsed(reached_ms)}", "seed": entries[0].get("seed")}
    over = any(entry.get("is") == "end" or entry.get("over") for entry in entries)
    lab = "lab" in (entries[0].get("launch") or {})
    row["state"] = ", ".join([*(["over"] if over else ["can be resumed"]), *(["real mail"] if lab else [])])
    return row
