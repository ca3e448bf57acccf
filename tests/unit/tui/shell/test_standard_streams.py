"""`mxdrill` with closed or foreign standard streams: the same exit status, and never a fault."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from itertools import cycle, product
from pathlib import Path
from typing import TypeVar

import pytest

from sim.kernel.shipped_folder import shipped_folder
from tests.examples import TIMES
from tui.shell.standard_streams import PLAIN, PlainStream

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


HARMFUL = "\x1b]0;renamed\x07\x9b31m\u202e\u2028\r"
CONTROLS = {sign for sign in HARMFUL if not sign.isprintable()}


def test_a_text_of_a_file_does_not_control_the_terminal(tmp_path: Path) -> None:
    """A scenario from elsewhere could rename the window, and write over the lines before it."""
    shipped = (shipped_folder() / "outages" / "exchange-down.yaml").read_text(encoding="utf-8")
    title = f"title: {json.dumps(HARMFUL + 'Outage')}"
    text = shipped.replace("title: Exchange Server is unavailable", title)
    assert text != shipped
    (tmp_path / "a.yaml").write_text(text.replace("  It is Monday", "  \u202e\u2066It is Monday"), "utf-8")
    for words in (("scenarios", "show"), RUN[:1]):
        done = mxdrill(*words, str(tmp_path / "a.yaml"), *(RUN[2:] if words == RUN[:1] else ()))
        assert done.returncode == 0, done.stderr
        assert not CONTROLS & set(done.stdout.decode())
        assert "\u2066" not in done.stdout.decode()


def test_an_argument_does_not_control_the_terminal() -> None:
    done = mxdrill("run", "x", f"--nope={HARMFUL}")
    assert done.returncode == 2
    assert not CONTROLS & set(done.stderr.decode())


def test_a_line_that_is_redrawn_is_plain_and_keeps_its_own_controls() -> None:
    behind = io.BytesIO()
    stream = PlainStream(io.TextIOWrapper(behind, encoding="utf-8"))
    stream.write("a\tb\r\x1b[2K\n")
    stream.redraw(f"1 of 2{HARMFUL}")
    stream.flush()
    assert behind.getvalue().decode() == "a\tb\ufffd\ufffd[2K\n\r1 of 2\ufffd]0;renamed\ufffd\ufffd31m" + (
        "\ufffd" * 3 + "\x1b[K"
    )
