"""Typed lines: all of them, and their end, are noticed once."""

import os
import pty
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from tui.shell.typed_lines import TypedLines

PATIENCE_S = 20


@contextmanager
def input_from(handle: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[TypedLines]:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(closed=False, fileno=lambda: handle))
    yield TypedLines.start()


def lines_until_the_end(typed: TypedLines) -> list[str]:
    lines, until_s = [], time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        lines += typed.take()
        if typed.has_just_ended():
            return lines
    raise AssertionError("never ended")


def test_the_end_of_input_is_noticed_once_and_after_the_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    with input_from(reader, monkeypatch) as typed:
        assert not typed.has_just_ended()
        os.write(writer, b"go\n\nlast \xff")
        os.close(writer)
        assert lines_until_the_end(typed) == ["go", "last \ufffd"]
        assert not typed.has_just_ended()


@pytest.mark.parametrize("stdin", [None, SimpleNamespace(closed=True)])
def test_no_input_at_all_is_one_that_has_ended(stdin: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    assert lines_until_the_end(TypedLines.start()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs a Unix terminal")
def test_ctrl_d_on_a_terminal_is_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lab could not be told anything after an accidental Ctrl+D."""
    ours, theirs = pty.openpty()
    monkeypatch.setattr("tui.shell.typed_lines.LOOK_S", 0.01)
    with input_from(theirs, monkeypatch) as typed:
        os.write(ours, b"\x04")
        os.write(ours, b"go\n\x04")
        lines: list[str] = []
        until_s = time.monotonic() + PATIENCE_S
        while not lines and time.monotonic() < until_s:
            lines += typed.take()
            assert not typed.has_just_ended()
        assert lines == ["go"]
        os.close(ours)
        assert lines_until_the_end(typed) == []
    os.close(theirs)
