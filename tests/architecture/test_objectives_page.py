"""What the outages ask for, row by row as practice has it; where one does not ask, the page says why."""

import re
from functools import cache
from pathlib import Path

import pytest

from sim.drill.organisation.shipped_files import shipped_names
from sim.drill.scenario.objective import Objective
from sim.drill.session.load import load_scenario
from sim.kernel.shipped_folder import shipped_folder

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "scenarios" / "objectives.md"

ROWS: dict[str, tuple[frozenset[str], ...]] = {
    "alert acknowledged": (frozenset({"alert.acknowledged"}),),
    "diagnosis stated, and correct": (frozenset({"diagnosis.correct"}), frozenset({"wrong-diagnoses"})),
    "continuity active": (frozenset({"continuity.active"}),),
    "reachable users able to work": (frozenset({"users-able-after-min"}),),
    "first update to users": (frozenset({"users.told"}),),
    "first update to executives": (frozenset({"executives.told"}),),
    "first update to partners": (frozenset({"partners.told"}),),
    "updates": (frozenset({"longest-silence-min"}), frozenset({"executives-silence-min"})),
    "promises kept, no false statement": (
        frozenset({"promises-kept-percent"}),
        frozenset({"false-statements"}),
    ),
    "hours covered without a gap": (frozenset({"continuity-covered-percent"}),),
    "avoidable bounces by the gateway": (frozenset({"bounce.first", "bounced"}),),
    "pause decided, either way": (frozenset({"pause.decided"}),),
    "needless actions": (frozenset({"needless-actions"}),),
    "decisions right on what was known": (frozenset({"sound-decisions-percent"}),),
    "outbound restored": (frozenset({"outbound.restored"}),),
    "MX decided": (frozenset({"mx.decided"}),),
    "inbound on the backup": (frozenset({"inbound.moved"}),),
    "self-inflicted 5xx": (frozenset({"rejected"}),),
    "unfiltered without approval": (frozenset({"exposed-min"}), frozenset({"unfiltered"})),
    "backlog after recovery": (frozenset({"queue.drained", "queue.short", "drain-behind-min"}),),
    "duplicates": (frozenset({"duplicates-permille", "written-again-permille"}),),
    "openings closed and proven": (frozenset({"openings-unproven"}), frozenset({"openings-late-h"})),
}
"""Rows of the table of practice, and what an objective that asks for one names: one of each set."""


@cache
def objectives(name: str) -> dict[str, frozenset[str]]:
    """What each objective of a scenario names: milestones and figures."""
    return {one.id: _names(one) for one in load_scenario(name).objectives}


def _names(one: Objective) -> frozenset[str]:
    milestones = {deadline.milestone for deadline in (*one.met, *one.failed)} | {*one.never}
    return frozenset(milestones | {target.measure for target in one.targets})


def asking(name: str, row: str) -> set[str]:
    """Ids of the objectives of `name` that ask for that row; empty unless all of it is asked for."""
    found = [{id_ for id_, names in objectives(name).items() if names & part} for part in ROWS[row]]
    return set().union(*found) if all(found) else set()


def tables() -> list[list[list[str]]]:
    """Cells of the page's tables, without their rules."""
    blocks = re.findall(r"(?:^\|.*\n)+", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    split = [
        [[cell.strip() for cell in line.strip("|\n").split(" | ")] for line in block.splitlines()]
        for block in blocks
    ]
    return [[head, *rows] for head, _rule, *rows in split]


def test_the_table_has_every_row_of_practice() -> None:
    main, _variants = tables()
    assert [row[0] for row in main[1:]] == list(ROWS)


@pytest.mark.parametrize("row", ROWS)
def test_each_outage_asks_for_it_or_the_page_says_why_not(row: str) -> None:
    (head, *rows), _variants = tables()
    (cells,) = [cells[1:] for cells in rows if cells[0] == row]
    for name, cell in zip(head[1:], cells, strict=True):
        named = set(re.findall(r"`([a-z0-9-]+)`", cell))
        asked = asking(name.strip("`"), row)
        if named:
            assert named == asked, (name, row)
        else:
            assert not asked, f"{name} asks for {row} by {asked}"
            assert len(cell) > 10, f"{name} does not ask for {row}; say why"


def original(name: str) -> str:
    """The outage that a variant is like."""
    text = (shipped_folder() / "outages" / f"{name}.yaml").read_text(encoding="utf-8")
    like = re.search(r"^like: (.*)\.yaml$", text, re.MULTILINE)
    return like[1] if like else "gateway-down"


def test_variants_ask_what_their_outage_asks_or_the_page_says_why_not() -> None:
    (head, *_rows), (_head, *rows) = tables()
    named = {name.strip("`") for name in head[1:]}
    variants = {name for name in shipped_names("outages") if name not in named}
    told = {(cells[0].strip("`"), cells[1]): cells[2] for cells in rows}
    for name in variants:
        for row in ROWS:
            less = bool(asking(original(name), row)) and not asking(name, row)
            assert less == ((name, row) in told), (name, row)
    assert all(name in variants and row in ROWS and len(why) > 10 for (name, row), why in told.items())


def test_every_outage_asks_that_what_users_wrote_has_gone() -> None:
    assert "`all-sent`" in PAGE.read_text(encoding="utf-8")
    for name in shipped_names("outages"):
        assert "left-waiting" in objectives(name).get("all-sent", frozenset()), name
