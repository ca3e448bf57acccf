"""The history: what is added is listed, what is deleted is gone, and a text is only ever a value."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tui.shell.command_mistake import CommandMistake
from tui.shell.history_file import PlayRecord, add, delete, plays

ONE = PlayRecord(
    "d1", "one", "2026-03-02", "Ada", "Ops", "gateway-down", 1, "complete", 5, 6, 7.5, 8,
    (("users-told", "met"), ("no-bounce", "failed"), ("way-back", "open")),
)  # fmt: skip


def test_what_is_added_is_listed_in_order_of_dates(tmp_path: Path) -> None:
    path = tmp_path / "data" / "history.sqlite3"
    assert plays(path) == []
    later = add(path, ONE)
    first = add(path, replace(ONE, digest="d2", played_on="2026-02-01", player="Ben"))
    assert plays(path) == [
        replace(ONE, digest="d2", played_on="2026-02-01", player="Ben", number=first),
        replace(ONE, number=later),
    ]
    assert [one.player for one in plays(path, player="Ada")] == ["Ada"]
    assert plays(path, scenario="exchange-down") == []
    assert (ONE.met, ONE.judged) == (1, 2)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_drill_is_kept_once_for_each_player(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite3"
    add(path, ONE)
    with pytest.raises(CommandMistake, match="already in the history"):
        add(path, replace(ONE, drill="renamed"))
    add(path, replace(ONE, player="Ben"))
    assert len(plays(path)) == 2


def test_what_is_deleted_leaves_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite3"
    number = add(path, replace(ONE, player="Grace Hopper"))
    add(path, ONE)
    assert delete(path, player="Grace Hopper") == 1
    assert delete(path, number=number) == 0
    assert b"Grace Hopper" not in path.read_bytes()
    with sqlite3.connect(path) as database:
        assert database.execute("select count(*) from verdict").fetchone() == (3,)
    assert delete(tmp_path / "none.sqlite3", player="x") == 0


def test_a_name_is_a_value_and_never_a_statement(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite3"
    name = "'; drop table play; --"
    add(path, replace(ONE, player=name))
    assert plays(path, player=name)[0].player == name


def test_a_file_that_is_no_history_is_one_line_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite3"
    path.write_bytes(b"not a database, but long enough to look like a file of one" * 20)
    before = path.read_bytes()
    with pytest.raises(CommandMistake, match="cannot be used as a history"):
        plays(path)
    assert path.read_bytes() == before
    path.unlink()
    add(path, ONE)
    with sqlite3.connect(path) as database:
        database.execute("pragma user_version = 99")
    with pytest.raises(CommandMistake, match="made by a newer mxdrill"):
        plays(path)


@pytest.mark.parametrize("value", ["'text'", "x'ff00'", "null"])
def test_a_database_with_other_values_is_refused(tmp_path: Path, value: str) -> None:
    """SQLite stores any value in any column."""
    path = tmp_path / "history.sqlite3"
    with closing(sqlite3.connect(path)) as database, database:
        names = (
            "digest, drill, played_on, player, team, scenario, seed, state, lost, late, user_hours, open_ms"
        )
        database.execute(f"create table play (number integer primary key, {names})")
        database.execute(f"insert into play values (1, {', '.join([value] * 12)})")
    with pytest.raises(
        CommandMistake, match=r"sqlite3: not a history that mxdrill wrote; move it elsewhere$"
    ):
        plays(path)
