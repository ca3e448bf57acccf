"""Whatever is typed into a drill is carried out or refused in one line, whatever its values are."""

from dataclasses import MISSING, Field, fields
from functools import cache
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.drill.commands.command import Command
from sim.drill.commands.outcome import Accepted
from sim.drill.commands.registry import COMMANDS
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.hostile import tries
from tests.plays import ONSET_MS, play

LONGEST_MS = 60 * HOUR_MS
VALUES = {
    "duration": ["0", "1ms", "90s", "8h", "36525d", "36526d", "99999999999d", "9" * 400, "-1h", "1.5w", ""],
    "word": ["all", "now", "18:00", "25:99", "T+2h", "T+99999999999d", "2026-03-29T01:30", "9999-12-31T23:59",
             "user0001", "x@y.example", "0", "9" * 30, "é", "…", "%s{0}", "=", "\u00a0"],
    "text": ["x", '"', "a=b", "because=", "{0} %s", "\u202e", "é" * 500, "\x00", ""],
}  # fmt: skip


def value_of(field: "Field[Any]") -> st.SearchStrategy[str]:
    """A value of that field as it is typed; empty: it is left out. Only a choice is always a valid one."""
    offered = [*field.metadata["choices"], *field.metadata["offers"]]
    key = field.metadata["key"]
    values = st.sampled_from([*offered, *VALUES.get(field.metadata["kind"], [])])
    typed = values.map(lambda value: f"{key}={value}" if key else value)
    return typed if field.default is MISSING else st.one_of(st.just(""), typed)


def line_of(command: type[Command]) -> st.SearchStrategy[str]:
    parts = st.tuples(*(value_of(field) for field in fields(command)))
    return parts.map(lambda found: " ".join([*command.words, *(part for part in found if part)]))


@cache
def drill(number: int) -> Session:
    """A drill for many lines: what was accepted before is a part of the input."""
    return play("72h", [], ONSET_MS + number)


def present() -> Session:
    """The newest drill that has time left for what people are given to do."""
    number = next(n for n in count() if drill(n).now_ms < ONSET_MS + LONGEST_MS)
    return drill(number)


@pytest.mark.fuzz
@tries(80)
@given(st.sampled_from(COMMANDS).flatmap(line_of), st.integers(0, 20))
def test_any_line_is_carried_out_or_refused_in_one_line(line: str, minutes: int) -> None:
    session = present()
    answer = session.dispatch(line)
    told = answer.text if isinstance(answer, Accepted) else answer.reason
    assert told
    assert "\n" not in told
    session.advance(session.now_ms + minutes * MINUTE_MS)
