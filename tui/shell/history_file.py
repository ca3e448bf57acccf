"""The history of drills in one SQLite file of the data folder: players, drills, dates and verdicts.

Nothing is recorded automatically: `mxdrill history add` adds a drill, `mxdrill history delete` removes it.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui.shell.command_mistake import CommandMistake

VERSION = 1
_TABLES = """
create table if not exists play (
  number integer primary key, digest text not null, drill text not null, played_on text not null,
  player text not null, team text not null, scenario text not null, seed integer not null,
  state text not null, lost integer not null, late integer not null, user_hours real not null,
  open_ms integer not null, unique (digest, player));
create table if not exists verdict (
  play integer not null references play (number) on delete cascade,
  objective text not null, state text not null, primary key (play, objective));
"""


@dataclass(frozen=True, slots=True)
class PlayRecord:
    """A drill as stored in the history."""

    digest: str
    drill: str
    played_on: str
    """Date of the drill, ISO 8601."""
    player: str
    team: str
    scenario: str
    seed: int
    state: str
    lost: int
    late: int
    user_hours: float
    open_ms: int
    verdicts: tuple[tuple[str, str], ...]
    """(objective, state), in the scenario's order."""
    number: int = 0
    """The drill's number in the history; 0 if it is not stored yet."""

    @property
    def met(self) -> int:
        return sum(state == "met" for _objective, state in self.verdicts)

    @property
    def judged(self) -> int:
        return sum(state != "open" for _objective, state in self.verdicts)


def add(path: Path, play: PlayRecord) -> int:
    """Store `play`; returns its number. Raises CommandMistake if the same drill of that player is already
    stored.
    """
    with _opened(path) as database:
        try:
            cursor = database.execute(
                "insert into play (digest, drill, played_on, player, team, scenario, seed, state, lost, late,"
                " user_hours, open_ms) values (?,?,?,?,?,?,?,?,?,?,?,?)",
                (play.digest, play.drill, play.played_on, play.player, play.team, play.scenario, play.seed,
                 play.state, play.lost, play.late, play.user_hours, play.open_ms),
            )  # fmt: skip
        except sqlite3.IntegrityError:
            raise CommandMistake(f"{play.drill}: already in the history of this player") from None
        number = int(cursor.lastrowid or 0)
        database.executemany(
            "insert into verdict (play, objective, state) values (?,?,?)",
            [(number, objective, state) for objective, state in play.verdicts],
        )
    return number


def plays(path: Path, *, player: str = "", scenario: str = "") -> list[PlayRecord]:
    """The stored drills by date; an empty `player` or `scenario` means all."""
    if not path.exists():
        return []
    with _opened(path) as database:
        rows = database.execute(
            f"select {', '.join(_COLUMNS)} from play where (? = '' or player = ?)"
            " and (? = '' or scenario = ?) order by played_on, number",
            (player, player, scenario, scenario),
        ).fetchall()
        return [_record(path, database, *row) for row in rows]


def _record(path: Path, database: sqlite3.Connection, *row: Any) -> PlayRecord:
    figures = dict(zip(_COLUMNS, row, strict=True))
    if not all(isinstance(figures[name], kind) for name, kind in _COLUMNS.items()):
        raise CommandMistake(f"{path}: not a history that mxdrill wrote; move it elsewhere")
    return PlayRecord(verdicts=_verdicts(database, figures["number"]), **figures)


_COLUMNS: dict[str, type] = {
    **dict.fromkeys(("digest", "drill", "played_on", "player", "team", "scenario"), str),
    "seed": int,
    "state": str,
    "lost": int,
    "late": int,
    "user_hours": float,
    "open_ms": int,
    "number": int,
}
"""The columns of a drill and the types that SQLite gives them; it stores any value in any column."""


def delete(path: Path, *, number: int | None = None, player: str | None = None) -> int:
    """Remove one drill, or all drills of a player; returns the number of drills removed. Deleted rows are
    overwritten.
    """
    if not path.exists():
        return 0
    with _opened(path) as database:
        where, value = ("number", number) if player is None else ("player", player)
        removed = database.execute(f"delete from play where {where} = ?", (value,)).rowcount
    return removed


def _verdicts(database: sqlite3.Connection, number: int) -> tuple[tuple[str, str], ...]:
    found = database.execute("select objective, state from verdict where play = ? order by rowid", (number,))
    return tuple((str(objective), str(state)) for objective, state in found)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The database, in a transaction that is committed at the end. Raises CommandMistake."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # the file contains people's names
        with closing(sqlite3.connect(path)) as database, database:
            database.executescript("pragma foreign_keys = on; pragma secure_delete = on;")
            (version,) = database.execute("pragma user_version").fetchone()
            if version > VERSION:
                raise CommandMistake(f"{path}: made by a newer mxdrill; update this one")
            database.executescript(f"{_TABLES} pragma user_version = {VERSION};")
            yield database
    except OSError as why:
        raise CommandMistake(f"{path}: {(why.strerror or 'cannot be opened').lower()}") from None
    except sqlite3.OperationalError as why:  # full, locked, read-only
        raise CommandMistake(f"{path}: {why}; nothing was changed") from None
    except sqlite3.DatabaseError as why:
        raise CommandMistake(f"{path}: cannot be used as a history ({why}); move it elsewhere") from None
