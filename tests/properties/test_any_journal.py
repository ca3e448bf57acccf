"""Whatever a well-chained journal holds, it replays or is one line of refusal: never another exception."""

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.drill.services.real_mail import Letter
from sim.drill.session.journal_reading import BadJournal, Entry, chained_line, read_journal
from sim.drill.session.session import Session
from sim.kernel.user_mistake import Mistake
from sim.live.disk.mail_folder import launch_of_a_lab
from sim.study.one_run import Study, played
from sim.study.rehearsal.kept_plan import plan_of
from sim.table.exercise import Exercise
from tests.hostile import tries
from tests.plans import loaded
from tests.plays import small
from tui.commands.drills import _in_json, _lines
from tui.shell.drill_tree import as_tree, drill_row

PLAN = """\
people: [{ role: lead }]
steps:
  - { id: declare, at: outage.start, owner: lead, takes: 1m..2m, manual: Declare }
  - { id: look, after: [declare], owner: messaging-admin, takes: 2m, do: probe mx all }
assumptions: [{ id: p, to: look.done, within: 30m }]
"""
LINES = (
    ("facilitator", "Fay", "go"),
    ("messaging", "Mona", "probe mx all"),
    ("messaging", "Mona", "please look at the queue for me"),
    ("facilitator", "Fay", "note - good"),
    ("facilitator", "Fay", 'say as=Boss to=all text="hello"'),
    ("facilitator", "Fay", "fault insert mail-server slow for=1h per=20s"),
    ("messaging", "Mona", "predict 40 sure=70"),
)
VALUES: list[Any] = [
    *(None, True, -1, 0, 7, 1.5, 1 << 62, 1 << 64, 10**400, float("nan"), "", "x", "1h", "\ud800", "\u202e"),
    *([], {}, [[]], {"a": 1}, ["x", 1], [{}] * 3, {"t": {"t": 0}}, "9" * 5000, "[" * 5000),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[Entry]:
    """A journal with an entry of every kind."""
    path = tmp_path_factory.mktemp("whole") / "a.jsonl"
    session = Session.start(small(), 1, path, {"mode": "exam", "speed": 60, **launch_of_a_lab()})
    session.advance(3_600_000)
    session.dispatch("note hello")
    session.receive(Letter("ada@partner.example", ("bob@harbour.example",), "Offer", 300, "00000001.eml"))
    session.advance(7_200_000)
    session.settle(0)
    session.mark(digest=True)
    session.finish()
    session.close()
    return read_journal(path)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every value in a JSON document."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inside:
        yield from places(part, (*path, key))


def put(entries: list[Entry], place: tuple[Any, ...], value: Any) -> None:
    """Replace what is at `place`; `value` ... takes it away."""
    *above, last = place
    there: Any = entries
    for key in above:
        there = there[key]
    if value is ...:
        del there[last]
    else:
        there[last] = value


def chained(path: Path, entries: list[Any]) -> None:
    """Write what a program that knows the chain would write, whatever the entries are."""
    lines, chain = [], ""
    for entry in entries:
        line, chain = chained_line(entry if isinstance(entry, dict) else {"was": entry}, chain)
        lines.append(line)
    path.write_bytes(b"".join(lines))


def listed(path: Path) -> dict[str, Any]:
    """The drill as `drills list --json` has it: JSON, whatever the journal holds."""
    (row,) = as_tree([drill_row(path)])
    assert "".join(_lines([row])).encode("utf-8", "replace")
    found: dict[str, Any] = json.loads(json.dumps(_in_json(row, [row])))
    return found


@pytest.mark.fuzz
@tries(60)
@given(data=st.data())
def test_a_value_of_another_type(whole: list[Entry], tmp_path: Path, data: st.DataObject) -> None:
    entries = copy.deepcopy(whole)
    number = data.draw(st.integers(0, len(entries) - 1))
    found = [place for place in places(entries[number], (number,)) if len(place) > 1]
    put(entries, data.draw(st.sampled_from(found)), data.draw(st.sampled_from([..., *VALUES])))
    path = tmp_path / "a.jsonl"
    chained(path, entries)
    assert listed(path)
    with suppress(Mistake):
        Session.replay(path)


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> list[list[Entry]]:
    """The journals of a run of a plan and of an exercise, with every kind of line."""
    folder = tmp_path_factory.mktemp("others")
    plan = loaded(folder, PLAN, until="1h")
    played(Study(plan, 1), 1, folder / "plan.jsonl")
    exercise = Exercise.start(small("3h"), 1, folder / "table.jsonl", ("messaging", "dns"))
    exercise.sit("facilitator", "Fay")
    exercise.sit("messaging", "Mona")
    for seat, person, line in LINES:
        exercise.do(seat, person, line)
    exercise.close()
    return [read_journal(folder / name) for name in ("plan.jsonl", "table.jsonl")]


@pytest.mark.fuzz
@tries(60)
@given(data=st.data())
def test_a_value_of_another_type_in_a_plan_or_an_exercise(
    others: list[list[Entry]], tmp_path: Path, data: st.DataObject
) -> None:
    """Each is also opened as what it is: with the steps of its plan, or with its seats."""
    entries = copy.deepcopy(data.draw(st.sampled_from(others)))
    number = data.draw(st.integers(0, len(entries) - 1))
    start = (0, "launch") if number == 0 and data.draw(st.booleans()) else (number,)
    inside = entries[0]["launch"] if len(start) == 2 else entries[number]
    found = [place for place in places(inside, start) if len(place) > len(start)]
    put(entries, data.draw(st.sampled_from(found)), data.draw(st.sampled_from([..., *VALUES])))
    path = tmp_path / "a.jsonl"
    chained(path, entries)
    assert listed(path)
    with suppress(Mistake):
        session = Session.replay(path)
        plan_of(session)
    with suppress(Mistake):
        Exercise.resume(path).close()


@pytest.mark.fuzz
@tries(60)
@given(start=st.integers(0, 3000), length=st.integers(0, 300), put=st.binary(max_size=20))
def test_bytes_that_are_cut_or_overwritten(
    whole: list[Entry], tmp_path: Path, start: int, length: int, put: bytes
) -> None:
    path = tmp_path / "a.jsonl"
    chained(path, whole)
    raw = path.read_bytes()
    at = start if start % 2 else len(raw) - start  # half of them near the end, where the small entries are
    path.write_bytes(raw[:at] + put + raw[at + length :])
    assert listed(path)["drill"] == "a"
    with suppress(Mistake):
        Session.replay(path)


def test_a_huge_number_in_the_header_is_refused_by_its_place(whole: list[Entry], tmp_path: Path) -> None:
    """It overflowed the draws of the zone's change."""
    entries, path = copy.deepcopy(whole), tmp_path / "a.jsonl"
    put(entries, (0, "scenario", "content", "organisation", "zone", "change_minutes", 3), 1 << 64)
    chained(path, entries)
    with pytest.raises(
        BadJournal, match=r"a.jsonl:1: `content.*change_minutes.*` number too large; write at most 12 digits"
    ):
        Session.replay(path)


@pytest.mark.parametrize(("entry", "most"), [(0, 8), (1, 2)])
def test_a_huge_line_is_refused_before_it_is_parsed(
    whole: list[Entry], tmp_path: Path, entry: int, most: int
) -> None:
    """One of 30 MB took 350 MB of memory."""
    entries, path = copy.deepcopy(whole), tmp_path / "a.jsonl"
    entries[entry]["more"] = "x" * (most << 20)
    chained(path, entries)
    with pytest.raises(BadJournal, match=f"a line of more than {most} MiB"):
        Session.replay(path)
    entries[entry]["more"] = "x" * ((most << 20) - 400_000)
    chained(path, entries)
    Session.replay(path)
