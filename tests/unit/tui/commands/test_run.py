"""`mxdrill` as a command: what it prints, what it returns, what it loads."""

import csv
import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sim.drill.session import player
from sim.mail.accounts.ledger import ACCOUNTS, FLAGS
from sim.mail.message.traffic import DIRECTIONS
from tui.cli import main

SMALL = ["--set", "users=20", "--set", "outage=2h"]
TIMING = {"wall_s", "messages_per_s"}


def document(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["run", "exchange-down", *SMALL, *words, "--json"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    found: dict[str, Any] = json.loads(printed.out)
    return found


def test_the_document_holds_what_the_contract_names(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "--seed", "4", "--runbook", "reference")
    contract = {
        "scenario",
        "seed",
        "digest",
        "until_s",
        "ledger",
        "attempts",
        "delay_s",
        "first_s",
        "exposure",
        "words",
    }
    assert contract | {"objectives", "flags", "deferrals", "generated"} | TIMING <= set(found)
    assert (found["scenario"], found["seed"], found["runbook"]) == ("exchange-down", 4, "exchange-down")
    assert found["settings"] == {"users": "20", "outage": "2h"}
    assert len(bytes.fromhex(found["digest"])) == 32
    assert set(found["flags"]) == set(FLAGS)
    notices = {"delay_notice", "delay_notice_outside"}
    assert set(found["first_s"]) == {"alert", "bounce", "bounce_by_gateway", *notices}
    assert found["first_s"]["bounce"] is None
    assert 4320 < found["first_s"]["alert"] < found["until_s"]
    for name in DIRECTIONS:
        book = found["ledger"][name]
        assert set(book) == set(ACCOUNTS)
        assert sum(book.values()) == found["generated"][name] > 0
        assert found["attempts"][name] >= book["delivered"]
        delays = found["delay_s"][name]
        assert set(delays) == {"p50", "p95", "p99", "max"}
        assert 0 <= delays["p50"] <= delays["p95"] <= delays["p99"] <= delays["max"]
    assert {one["id"] for one in found["objectives"]} >= {"no-bounce", "queue-drained"}
    for one in found["objectives"]:
        assert set(one) == {"id", "met", "at_s", "state", "cause", "side", "judges"}
        assert one["met"] in (True, False, None)
        assert (one["at_s"] is None) == (one["met"] is None)


def test_two_runs_with_one_seed_differ_in_nothing_but_their_timing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def lines(seed: int) -> list[str]:
        assert main(["run", "exchange-down", *SMALL, "--seed", str(seed), "--json"]) == 0
        printed = capsys.readouterr().out.splitlines()
        return [line for line in printed if line.strip().split(":")[0].strip('"') not in TIMING]

    one = lines(7)
    assert one == lines(7)
    assert one != lines(8)


def test_of_two_settings_the_later_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert document(capsys, "--until", "1h", "--set", "users=30")["settings"]["users"] == "30"


def test_the_reference_does_better_than_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    nothing, reference = document(capsys), document(capsys, "--runbook", "reference")
    assert nothing["runbook"] == "none"
    hours = "user_hours_without_mail"
    assert reference["users"][hours] < nothing["users"][hours] / 2
    assert reference["digest"] != nothing["digest"]


def test_it_stops_when_it_is_told_to(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "--until", "90m")
    assert (found["until_s"], found["ended"]) == (5400, False)
    assert found["ledger"]["inbound"]["gateway_queue"] > 0
    assert {one["met"] for one in found["objectives"]} <= {None, True, False}


def test_the_series_are_those_of_the_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "series.csv"
    found = document(capsys, "--until", "3h", "--series", str(file))
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [int(row["t_s"]) for row in rows] == list(range(0, 10_801, 60))
    queued = sum(found["ledger"][name]["gateway_queue"] for name in DIRECTIONS)
    assert int(rows[-1]["queue"]) == queued
    assert {int(row["without_mail"]) for row in rows[:72]} == {0}
    assert int(rows[-1]["without_mail"]) == 20


def test_people_get_a_timeline_and_a_comparison(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "exchange-down", *SMALL, "--runbook", "reference"]) == 0
    text = capsys.readouterr().out
    for told in ("EXERCISE", "doing nothing", "User-hours without mailbox", "are assumed", "digest "):
        assert told in text


BAD_RUNBOOK = """mxdrill: 1
id: bad
scenario: exchange-down
steps:
  - {id: one, at: T+1h, do: make it work}
"""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run", "exchange-dow"], "did you mean exchange-down?"),
        (["run", "no/such.yaml"], "no/such.yaml"),
        (["run", "exchange-down", "--set", "user=20"], "did you mean users?"),
        (["run", "exchange-down", "--set", "users"], "not a setting; write name=value"),
        (["run", "exchange-down", "--set", "users=many"], "not a whole number"),
        (["run", "exchange-down", "--set", "users=1"], "out of range"),
        (["run", "exchange-down", "--set", "outage=31"], "31h"),
        (["run", "exchange-down", "--set", "outage=-3h"], "10m to 14d"),
        (["run", "exchange-down", "--until", "soon"], "not a duration"),
        (["run", "exchange-down", "--until", "0"], "above zero"),
        (["run", "exchange-down", "--runbook", "referenc"], "no such runbook"),
        (["run", "exchange-down", "--runbook", "BAD"], "BAD:5:"),
        (["run", "exchange-down", "--runbook", "EMPTY"], "EMPTY:1:1"),
        (["run", "exchange-down", "--runbook", "BINARY"], "BINARY"),
        (["run", "EMPTY"], "EMPTY:1:1"),
        (["run", "BINARY"], "BINARY"),
        (["run", "exchange-down", *SMALL, "--series", "no/such/folder/x.csv"], "no such file"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    words: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"BAD": BAD_RUNBOOK.encode(), "EMPTY": b"", "BINARY": bytes(range(256))}
    for name, content in files.items():
        (tmp_path / f"{name}.yaml").write_bytes(content)
        words = [str(tmp_path / f"{name}.yaml") if word == name else word for word in words]
        says = says.replace(f"{name}:", f"{tmp_path / name}.yaml:")
    assert main(words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert says in printed.err
    assert len(printed.err.splitlines()) == 1
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(
    "words", [["run"], ["run", "exchange-down", "--seed", "x"], ["walk"], ["run", "exchange-down", "--jsn"]]
)
def test_a_mistake_in_the_usage_is_status_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


HEAVY = (
    "numpy",
    "pydantic",
    "pydantic_core",
    "simpy",
    "textual",
    "rich",
    "ruamel",
    "faker",
    "aiosmtpd",
    "dns",
)


def modules(words: list[str]) -> set[str]:
    """All that a process has loaded when it has done `words`."""
    code = (
        "import sys; from tui.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert done.stdout
    return set(done.stderr.split())


def loaded(words: list[str]) -> set[str]:
    """Which of the heavy packages a process has loaded when it has done `words`."""
    return {name.split(".")[0] for name in modules(words)} & set(HEAVY)


@pytest.mark.parametrize(
    "words", [["--help"], [], ["--version"], ["run", "--help"], ["play", "--help"], ["lab", "--help"]]
)
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    assert loaded(words) == set()


def test_a_run_loads_no_screen_and_no_servers() -> None:
    found = loaded(["run", "exchange-down", *SMALL, "--json"])
    assert found >= {"numpy", "simpy", "pydantic"}
    assert not found & {"textual", "rich", "aiosmtpd", "faker", "dns"}


def test_a_run_that_prints_text_loads_nothing_of_the_other_commands() -> None:
    """A module takes about a millisecond of each start."""
    found = modules(["run", "exchange-down", "--set", "users=50", "--until", "1h"])
    others = ("study", "table", "live", "forks", "drill.lint", "report.paper", "report.document")
    assert not [name for name in found if name.startswith(tuple(f"sim.{one}" for one in others))]
    assert not [name for name in found if name.startswith(("tui.screens", "tui.table", "tui.playing"))]


def test_a_run_collects_no_garbage_and_collects_again_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    collecting, play = [], player.play

    def noting(*arguments: Any) -> Any:
        collecting.append(gc.isenabled())
        return play(*arguments)

    monkeypatch.setattr(player, "play", noting)
    assert main(["run", "exchange-down", *SMALL, "--json", "--until", "1h"]) == 0
    assert collecting == [False]
    assert gc.isenabled()


def test_a_command_looks_through_nothing_while_it_loads_plays_and_ends() -> None:
    """Each collection would go through all that a world is made of, the one at exit twice."""
    code = (
        "import atexit, gc, sys\n"
        "def met(): return sum(one['collections'] for one in gc.get_stats())\n"
        "from tui.cli import main\n"
        "atexit.register(lambda: print(met() - before, gc.get_freeze_count() > 10_000, file=sys.stderr))\n"
        "before = met(); sys.exit(main())"
    )
    words = ["run", "exchange-down", "--set", "users=50", "--until", "1h"]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert done.stderr.split() == ["0", "True"]


def test_the_first_bounce_of_a_gateway_outage_is_a_sender_s(capsys: pytest.CaptureFixture[str]) -> None:
    """The gateway has none: a script that never tries again gives up at once, 70 min after the start."""
    words = ["--runbook", "none", "--set", "users=100", "--until", "3h", "--json"]
    assert main(["run", "gateway-down", *words]) == 0
    first = json.loads(capsys.readouterr().out)["first_s"]
    assert first["bounce_by_gateway"] is None
    assert 4200 <= first["bounce"] < 10_800


BOOK = """mxdrill: 1
id: mine
scenario: exchange-down
steps:
  - { id: early, at: outage.start + 5m, do: continuity end }
  - { id: go, at: outage.start + 10m, do: continuity start group=all for=8h via=sms }
  - { id: tested, at: outage.start + 10m, do: continuity test }
  - { id: back, at: mx.restored + 1h, do: note back }
  - { id: tell, at: outage.start + 1h, do: notify users via=sms, unless: [continuity.active] }
"""
NO_EVENT = "no continuity event is in force; start one with `continuity start`"


@pytest.fixture
def book(tmp_path: Path) -> str:
    file = tmp_path / "mine.yaml"
    file.write_text(BOOK, encoding="utf-8")
    return str(file)


def test_steps_that_had_no_effect_are_named_with_the_reason(
    book: str, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = document(capsys, "--runbook", book)["steps"]
    assert [(one["id"], one["command"], one["reason"]) for one in steps["refused"]] == [
        ("early", "continuity end", NO_EVENT),
        ("tested", "continuity test", NO_EVENT),
    ]
    assert (steps["never_due"], steps["left_out"]) == (["back"], ["tell"])
    assert main(["run", "exchange-down", *SMALL, "--runbook", book]) == 0
    told = capsys.readouterr().out
    assert f"> REFUSED continuity end event=newest: {NO_EVENT}" in told
    assert f"REFUSED    early, Mon 09:17: continuity end: {NO_EVENT}" in told
    assert "NEVER DUE  back (mx.restored + 1h): note back" in told
    assert "SKIPPED    because of `unless`: tell" in told


def test_the_band_has_peoples_delays_for_your_runbook_and_is_in_the_document(
    book: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["this run", "with delays", "doing nothing", "reference", "human delays"]
    columns = document(capsys, "--runbook", book, "--band")["band"]
    assert [one["name"] for one in columns] == names
    mine, late, *_others = (one["figures"]["User-hours without mailbox"] for one in columns)
    assert mine < late, "people are later than the plan"
    assert document(capsys, "--runbook", book)["band"] == []
    reference = document(capsys, "--runbook", "reference", "--band")["band"]
    assert [one["name"] for one in reference] == [one for one in names if one != "with delays"]


def test_tickets_and_what_monitors_say_are_listed_and_repetitions_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["run", "exchange-down", "--set", "users=60", "--set", "outage=4h"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "  Service Monitor  " in line]
    assert "(threshold 500) (" in lines[0]
    assert " more until Mon " in lines[0]
    assert main(["run", "exchange-down", *SMALL]) == 0
    assert "I've had seven emails in my Outbox" in capsys.readouterr().out
