"""`mxdrill` with closed or foreign standard streams: the same exit status, and never a fault."""

import os
import subprocess
import sys
from collections.abc import Iterable
from itertools import cycle, product
from pathlib import Path
from typing import TypeVar

import pytest

from tests.examples import TIMES
from tui.shell.standard_streams import PLAIN

T, U = TypeVar("T"), TypeVar("U")
RUN = ("run", "exchange-down", "--set", "users=10", "--until", "2h")


def mxdrill(*words: str, redirected: str = "", **environment: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        ["/bin/sh", "-c", f'"$@" {redirected}', "sh", sys.executable, "-m", "tui.cli", *words],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
        check=False,
    )


STATUS = {("--version",): 0, ("scenarios", "list"): 0, RUN: 0, ("run", "nope"): 2, ("--nope",): 2}
"""Words and their exit status."""
CLOSED = (">&-", "2>&-", "<&- >&- 2>&-")
ENCODINGS = ("ascii", "cp1252", "latin-1")
PRINTING = (RUN, ("probe", "dns", "--draws", "5"), ("probe", "retry", "postfix"))


def pairs(some: Iterable[T], others: Iterable[U]) -> list[tuple[T, U]]:
    """Each of the longer with one of the shorter, in turn; in `make test-long` each with each."""
    return list(product(some, others)) if TIMES > 1 else list(zip(some, cycle(others), strict=False))


@pytest.mark.parametrize(("words", "redirected"), pairs(STATUS, CLOSED))
def test_a_closed_stream_changes_no_exit_status(words: tuple[str, ...], redirected: str) -> None:
    assert mxdrill(*words, redirected=redirected).returncode == STATUS[words]


def test_a_closed_stream_is_not_taken_for_the_journal(tmp_path: Path) -> None:
    """The journal would be descriptor 1, and what is printed would go into it."""
    journal = tmp_path / "drill.jsonl"
    words = ("play", "--set", "users=10", "--set", "outage=1h", "--journal", str(journal))
    assert mxdrill(*words, redirected=">&- 2>&-").returncode == 0
    assert mxdrill("verify", str(journal)).returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk_behind_standard_error_changes_no_exit_status() -> None:
    assert mxdrill("run", "nope", redirected="2>/dev/full").returncode == 2


@pytest.mark.parametrize(("words", "encoding"), pairs(PRINTING, ENCODINGS))
def test_an_output_that_is_not_utf8_gets_plain_signs(words: tuple[str, ...], encoding: str) -> None:
    done = mxdrill(*words, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    done.stdout.decode(encoding)


def test_plain_signs_are_ascii_and_lone_surrogates_are_written() -> None:
    assert all(text.isascii() for text in PLAIN.values())
    done = mxdrill("run", os.fsdecode(b"caf\xe9"))
    assert done.returncode == 2
    assert b"no such scenario" in done.stderr
