"""`mxdrill history`: the drills of people and teams over time, and the trend of each objective."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tui.shell import exit_status
from tui.shell.command_mistake import CommandMistake

if TYPE_CHECKING:
    from tui.shell.history_file import PlayRecord

_SIGNS = {"met": "✓", "late": "!", "missed": "!", "failed": "✗", "open": "·"}


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=("list", "add", "trend", "compare", "delete"),
        default="list",
        help="list (default), add a drill, show the trend of each objective, compare two, or delete",
    )
    parser.add_argument(
        "which", nargs="*", metavar="DRILL|N", help="add: a drill; compare, delete: numbers of the list"
    )
    parser.add_argument(
        "--player", default="", metavar="NAME", help="the player, or only the drills of this player"
    )
    parser.add_argument("--team", default="", metavar="NAME", help="for add: the team")
    parser.add_argument(
        "--date", metavar="YYYY-MM-DD", help="for add: the date of the drill (default: the journal's date)"
    )
    parser.add_argument("--scenario", default="", metavar="ID", help="list, trend: only this outage")
    parser.add_argument("--json", action="store_true", help="list: print one JSON document")


def run(args: argparse.Namespace) -> int:
    """Exit status: 0."""
    from tui.shell.drill_files import drills_folder
    from tui.shell.history_file import plays

    path = drills_folder().parent / "history.sqlite3"
    if args.action == "add":
        return _add(path, args)
    if args.action == "delete":
        return _delete(path, args)
    found = plays(path, player=args.player, scenario=args.scenario)
    if args.action == "compare":
        return _compare(found, args.which)
    if args.json:
        print(json.dumps([asdict(one) for one in found], indent=1))
    elif not found:
        print("the history is empty; to add a drill: mxdrill history add DRILL --player NAME")
    elif args.action == "trend":
        _trend(found)
    else:
        _list(found)
    return exit_status.YES


def _add(path: Path, args: argparse.Namespace) -> int:
    from sim.drill.session.session import Session
    from sim.report.outcome import outcome
    from sim.report.paper.objective_rows import objective_rows
    from sim.report.paper.tiles import lost
    from tui.shell.drill_files import find_drill
    from tui.shell.history_file import PlayRecord, add

    if len(args.which) > 1:
        raise CommandMistake("history add: name one drill; `mxdrill drills list` lists them")
    journal = find_drill(args.which[0] if args.which else None)
    session = Session.replay(journal)
    figures = outcome(session)
    play = PlayRecord(
        digest=session.digest(),
        drill=journal.stem,
        played_on=_day(args.date, journal),
        player=args.player,
        team=args.team,
        scenario=session.scenario.id,
        seed=session.seed,
        state="complete" if session.complete else "ended by hand" if session.ended else "not over",
        lost=lost(figures),
        late=figures.timing.late.count,
        user_hours=round(figures.people.user_hours_without_mail, 3),
        open_ms=figures.protection.open_ms,
        verdicts=tuple((one.id, one.state) for one in objective_rows(session)),
    )
    print(f"added as {add(path, play)}: {journal.stem}, {play.met} of {play.judged} objectives met")
    return exit_status.YES


def _day(text: str | None, journal: Path) -> str:
    if text is None:
        return f"{datetime.fromtimestamp(journal.stat().st_mtime).astimezone():%Y-%m-%d}"
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise CommandMistake(f"--date {text}: not a date; write 2026-03-02") from None


def _delete(path: Path, args: argparse.Namespace) -> int:
    from tui.shell.history_file import delete

    if bool(args.which) == bool(args.player):
        raise CommandMistake("history delete: give numbers of the list, or --player NAME")
    if args.player:
        removed = delete(path, player=args.player)
    else:
        removed = sum(delete(path, number=_number(one)) for one in args.which)
    print(f"deleted {removed}")
    return exit_status.YES


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise CommandMistake(f"{text}: not a number of the list; see `mxdrill history`")
    return int(text)


def _list(found: "Sequence[PlayRecord]") -> None:
    from sim.kernel.plain_line import cells_of, padded

    people = [one.player + (f" ({one.team})" if one.team else "") for one in found]
    of_outage = max((22, *(cells_of(one.scenario) for one in found)))
    of_people = max((20, *map(cells_of, people)))
    for one, who in zip(found, people, strict=True):
        columns = f"{padded(one.scenario, of_outage)}  {padded(who, of_people)}"
        print(f"{one.number:>4}  {one.played_on}  {columns}  {one.met} of {one.judged} met")


def _trend(found: "Sequence[PlayRecord]") -> None:
    """A row for each objective and a column for each drill, the oldest drill first."""
    for number, one in enumerate(found, 1):
        print(f"{number:>2}: {one.played_on}  {one.scenario}  {one.player}")
    names = dict.fromkeys(name for one in found for name, _state in one.verdicts)
    of_name = max((28, *map(len, names)))
    print(f"\n{'':<{of_name}}" + "".join(f"{number:>3}" for number in range(1, len(found) + 1)))
    for name in names:
        states = [dict(one.verdicts).get(name) for one in found]
        print(
            f"{name:<{of_name}}"
            + "".join(f"{_SIGNS.get(state, '?') if state else ' ':>3}" for state in states)
        )
    print("\n✓ met   ! late or missed   ✗ failed   · not judged")


def _told(state: str | None) -> str:
    """A verdict for the comparison; a dash if the outage does not have that objective."""
    return "–" if state is None else "not judged" if state == "open" else state


def _compare(found: "Sequence[PlayRecord]", which: Sequence[str]) -> int:
    """Figures of two drills side by side, and the verdicts that differ."""
    from sim.kernel.plain_line import cells_of

    by_number = {one.number: one for one in found}
    numbers = [_number(one) for one in which]
    if len(numbers) != 2 or not set(numbers) <= by_number.keys():
        raise CommandMistake("history compare: give two numbers of the list; see `mxdrill history`")
    one, other = (by_number[number] for number in numbers)
    rows = [
        ("", f"{one.played_on} {one.player}".strip(), f"{other.played_on} {other.player}".strip()),
        ("outage", one.scenario, other.scenario),
        ("objectives met", f"{one.met} of {one.judged}", f"{other.met} of {other.judged}"),
        ("messages lost", f"{one.lost:,}", f"{other.lost:,}"),
        ("messages too late", f"{one.late:,}", f"{other.late:,}"),
        ("user-hours without mail", f"{one.user_hours:,.0f}", f"{other.user_hours:,.0f}"),
    ]
    first, second = dict(one.verdicts), dict(other.verdicts)
    differing = [name for name in first | second if first.get(name) != second.get(name)]
    rows += [(name, _told(first.get(name)), _told(second.get(name))) for name in differing]
    of_name = max((28, *(len(name) for name, *_cells in rows)))
    widths = [max((24, *(cells_of(row[column]) + 2 for row in rows))) for column in (1, 2)]
    for name, *cells in rows:
        shown = (" " * (width - cells_of(cell)) + cell for cell, width in zip(cells, widths, strict=True))
        print(f"{name:<{of_name}}{''.join(shown)}")
    return exit_status.YES
