"""A fourth outage by copying the files of the first, as the how-to says, led by lint alone."""

from pathlib import Path

import pytest

from sim.kernel.shipped_folder import shipped_folder
from tui.cli import main

FILES = {
    "outage": "outages/exchange-down",
    "organisation": "organisations/harbour-1000",
    "runbook": "runbooks/exchange-down",
}

EDITS = {
    "outage": (
        ("organisations/harbour-1000.yaml", "organisation.yaml"),
        ("reference: exchange-down", "reference: runbook.yaml"),
        ("id: exchange-down\n", "id: disk-full\n"),
        ("title: Exchange Server is unavailable", "title: Exchange Server is out of disk"),
        ("2026-03-02T08:00 Europe/London", "2026-05-07T08:00 Europe/Berlin"),
        ("fault: mail-server refuses", "fault: mail-server answers 4xx"),
        ("reply: connection refused", "reply: 452 4.3.1 Insufficient system resources"),
        ("    for: 31h\n", "    for: 10h\n    access: lost\n"),
        ("outage: { default: 31h", "outage: { default: 10h"),
        ("users: { default: 1000", "users: { default: 60"),
    ),
    "organisation": (("users: 1000\n", "users: 60\n"),),
    "runbook": (
        ("scenario: exchange-down", "scenario: outage.yaml"),
        ("failure=refuses", "failure=answers-4xx"),
    ),
}
"""What makes another outage of the copies."""

MISTAKES = {
    "a key misspelt": (
        "outage",
        "§briefing: |",
        "breifing: |",
        "unknown key `breifing`; did you mean `briefing`?",
    ),
    "a unit that is none": (
        "outage",
        "    for: §10h",
        "    for: 10 hours",
        "'10 hours' is not a duration; write a",
    ),
    "a time without a unit": (
        "outage",
        "    at: §T+1h12m",
        "    at: T+72",
        "'72' is not a duration; write a",
    ),
    "an unknown fault": (
        "outage",
        "fault: §mail-server answers 4xx",
        "fault: mailserver answers 4xx",
        "is 'mailserver answers 4xx'; did you mean 'mail-server answers 4xx'?",
    ),
    "a milestone that cannot come": (
        "outage",
        "§met: [{ milestone: diagnosis.correct,",
        "met: [{ milestone: mx.changed,",
        "asks for mx.changed: the gateway does not stop inbound mail in this scenario",
    ),
    "an inject that never comes": (
        "outage",
        "    at: §outage.start + 18m",
        "    at: outage.end + 90h",
        "outbox-asks can never arrive: the drill is over by then; write an earlier time",
    ),
    "an include that is not there": (
        "outage",
        "include: §organisation.yaml",
        "include: organization.yaml",
        "`include` 'organization.yaml': no such file; give a file in the scenario's folder",
    ),
    "a tab": ("outage", "§  when: recovered", "\twhen: recovered", "indent with spaces, not with tabs"),
    "an id twice": (
        "outage",
        "  - id: §no-bounce",
        "  - id: no-gap",
        "`objectives`: has the id 'no-gap' twice; use each only once",
    ),
    "a zone misspelt": (
        "outage",
        "starts: §2026-05-07T08:00 Europe/Berlin",
        "starts: 2026-05-07T08:00 Europe/Berln",
        "'Europe/Berln' is not a time zone; write an IANA name such as Europe/London",
    ),
    "a day as elsewhere": (
        "outage",
        "starts: §2026-05-07T08:00",
        "starts: 07/05/2026 08:00",
        "is not a start time; write it as 2026-03-02T08:00 Europe/London",
    ),
    "a figure misspelt": (
        "outage",
        "measure: §false-statements",
        "measure: false-statments",
        "there is no figure 'false-statments'; did you mean false-statements?",
    ),
    "a colon in a text": (
        "outage",
        "    text: Exchange is up§, databases",
        "    text: Exchange is up: databases",
        "put text that contains a colon in quotes",
    ),
    "a fault renamed": (
        "outage",
        "  - id: exchange-stops ",
        "  - id: server-stops ",
        "`timeline.exchange-stops.for` is not in this scenario; did you mean timeline.server-stops?",
    ),
    "a runbook that is not there": (
        "outage",
        "reference: §runbook.yaml",
        "reference: runbok.yaml",
        "runbok.yaml: no such file or directory; did you mean runbook.yaml?",
    ),
    "a comma in a number": (
        "outage",
        "users: §{ default: 60, min: 10",
        "users: { default: 60, min: 1,000",
        "`parameters.users` has the key 0; write a word as the key, and numbers without a comma",
    ),
    "an unknown platform": (
        "organisation",
        "platform: §gmail",
        "platform: googlemail",
        "there is no platform 'googlemail'; did you mean gmail?",
    ),
    "a percent sign": (
        "organisation",
        "share_percent: §55\n",
        "share_percent: 55%\n",
        "is '55%'; write only a whole number",
    ),
    "a step that is always refused": (
        "runbook",
        "do: §continuity start group=all",
        "do: continuity start group=offices",
        "is refused here: 'offices' is not a group here; did you mean office?",
    ),
    "a command misspelt": (
        "runbook",
        "do: §alerts ack",
        "do: alert ack",
        "unknown command `alert`; did you mean `alerts`?",
    ),
    "a moment misspelt": (
        "runbook",
        "at: §alert.first + 1m",
        "at: alert.fist + 1m",
        "there is no milestone 'alert.fist'; did you mean alert.first?",
    ),
}
"""File, what is replaced (§ marks the place that must be named), by what, and what would be right."""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The three files, copied and pointed at each other, and a new outage made of them."""
    for name, shipped in FILES.items():
        text = (shipped_folder() / f"{shipped}.yaml").read_text(encoding="utf-8")
        for old, new in EDITS[name]:
            assert old in text, old
            text = text.replace(old, new)
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lint(capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, list[str]]:
    status = main(["scenarios", "lint", *more, *(f"{name}.yaml" for name in FILES)])
    out, err = capsys.readouterr()
    return status, [line for line in (out + err).splitlines() if line]


def test_the_fourth_outage_passes_also_when_it_is_played(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lint(capsys, "--deep") == (0, [])


@pytest.mark.parametrize("name", MISTAKES)
def test_a_typical_mistake_is_one_line_that_says_what_would_be_right(
    name: str, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, old, new, right = MISTAKES[name]
    path = mine / f"{file}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old.replace("§", "") in text
    path.write_text(text.replace(old.replace("§", ""), new, 1), encoding="utf-8")
    status, (line,) = lint(capsys)
    assert status in (1, 2)
    assert right in line
    where, number, column = line.split(":")[:3]
    assert where == f"{file}.yaml"
    assert int(column) > 0
    if "§" in old:
        before = text[: text.index(old.replace("§", "")) + old.index("§")]
        assert int(number) == before.count("\n") + 1


def test_what_only_a_play_shows_is_one_line_as_well(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A diagnosis that was forgotten when the fault was changed."""
    path = mine / "runbook.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("failure=answers-4xx", "failure=refuses"), encoding="utf-8")
    assert lint(capsys) == (0, [])
    status, (line,) = lint(capsys, "--deep")
    assert status == 1
    assert "does not meet diagnosis-correct with seed 1, 2, 3, 4, 5 (" in line
    assert line.endswith("; fix the runbook, or require less")
