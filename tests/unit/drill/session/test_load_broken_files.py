"""Broken scenario files, as a person sees them: one line with its position, status 2, no traceback."""

from pathlib import Path

import pytest

from sim.kernel.shipped_folder import shipped_folder
from tui.cli import main

SHIPPED = (shipped_folder() / "outages" / "exchange-down.yaml").read_text(encoding="utf-8")
ORGANISATION = (shipped_folder() / "organisations" / "harbour-1000.yaml").read_text(encoding="utf-8")

FAULT = "    at: T+1h12m\n"
AIM = "    targets: [{ measure: needless-actions, at_most: 0, failed_beyond: 1 }]\n"

# What is replaced, by what (§ marks the place that must be named), what the line says.
MISTAKES = {
    "unknown key": ("title: Exch", "§titel: Exch", "unknown key `titel`; did you mean `title`?"),
    "unknown key below": (
        FAULT,
        f"{FAULT}    §severity: 3\n",
        "unknown key `timeline.0.severity`; known here: id, at",
    ),
    "wrong type": ("id: exchange-down\n", "id: §7\n", "`id` is 7; input should be a valid string"),
    "missing id": ("§id: exchange-down\n", "", "`id` is missing; add it"),
    "missing version": ("§mxdrill: 1\n", "", "`mxdrill` is missing; add `mxdrill: 1`"),
    "old version": ("mxdrill: 1\n", "mxdrill: §0\n", "`mxdrill` is 0; input should be 1"),
    "newer version": ("mxdrill: 1\n", "mxdrill: §3\n", "format version 3 is newer than this mxdrill"),
    "a plan": ("mxdrill: 1\n", "mxdrill: §2\n", "a continuity plan (version 2); use `mxdrill check`"),
    "negative duration": ("    for: 31h", "    for: §-31h", "'-31h' is negative"),
    "duration without unit": ("    for: 31h", "    for: §31", "'31' is not a duration"),
    "unknown fault": (
        "fault: mail-server refuses",
        "fault: §the dog ate it",
        "input should be 'mail-server refuses'",
    ),
    "fault at no time": ("at: T+1h12m", "at: §alert.first + 1m", "must be counted from the start; write T+"),
    "unknown zone": (
        "starts: 2026-03-02T08:00 Europe/London",
        "starts: §2026-03-02T08:00 Europe/Lndon",
        "is not a time zone",
    ),
    "skipped time": ("2026-03-02T08:00", "§2026-03-29T01:30", "does not exist in Europe/London"),
    "unknown milestone": (
        "outage.start + 18m",
        "§outage.strat + 18m",
        "there is no milestone 'outage.strat'; did you mean outage.start?",
    ),
    "unknown milestone in a deadline": (
        "{ alert.first: 10m }",
        "{ §alert.last: 10m }",
        "there is no milestone 'alert.last'",
    ),
    "list for mapping": ("ends:\n  when: recovered and drained\n", "§ends: [now]\nx_:\n", "`ends` is a list"),
    "same id twice": (
        "  - id: server-back\n",
        "  - id: §outbox-asks\n",
        "has the id 'outbox-asks' twice",
    ),
    "id with blanks": (
        "- id: outbox-asks",
        "- id: §an outbox",
        "'an outbox'; write lower-case letters, digits, dots and",
    ),
    "duplicate key": ("title: Exch", "§id: y\ntitle: Exch", "not YAML: found duplicate key"),
    "tab": ("  when: recovered", "§\twhen: recovered", "not YAML: found character '\\t'"),
    "unclosed bracket": ("[users.told, server.reported-back]", "[users.told", "not YAML: "),
    "wrong include": (
        "include: organisations/harbour-1000.yaml",
        "include: §organisations/none.yaml",
        "no such file; give a file in",
    ),
    "wrong include name": (
        "include: organisations/harbour-1000.yaml",
        "include: §harbour-100",
        "did you mean harbour-1000?",
    ),
    "include of a list": (
        "include: organisations/harbour-1000.yaml",
        "§include: [a]",
        "`include` is not text",
    ),
    "key beside include": (
        "{ include: organisations",
        "{ §users: 5, include: organisations",
        "cannot be used together with `include`",
    ),
    "default out of range": (
        "default: 1000, min: 10",
        "default: 5, min: 10",
        "`default` is out of range; write 10 to 200000",
    ),
    "default of another kind": (
        "default: 1000, min: 10",
        "default: 5h, min: 10",
        "are of different kinds; write a number",
    ),
    "changes nothing": (
        "changes: organisation.users",
        "changes: §organisation.people",
        "is not in this scenario",
    ),
    "default differs": (
        "default: 31h",
        "default: §30h",
        "default of `outage` is 30h, but `timeline.exchange-stops.for` is 31h",
    ),
    "objective without aim": (AIM, "", "has neither `met` nor `never`"),
    "no sources": ("sources:\n", "§sources: []\nx_:\n", "`sources` has too few entries; write at least 1"),
}


def shown(file: Path, capsys: pytest.CaptureFixture[str], *more: str) -> list[str]:
    status = main(["scenarios", "show", str(file), *more])
    out, err = capsys.readouterr()
    assert status == 2
    assert out == ""
    assert "Traceback" not in err
    return err.splitlines()


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_with_its_position(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, what = MISTAKES[name]
    assert SHIPPED.count(old.replace("§", "")) >= 1
    marked = SHIPPED.replace(old.replace("§", ""), new, 1)
    file = tmp_path / "broken.yaml"
    file.write_text(marked.replace("§", ""), encoding="utf-8")
    lines = shown(file, capsys)
    right = [line for line in lines if what in line]
    assert len(right) == 1, lines
    assert right[0].count("; ") >= 1  # what would be right
    position = right[0].removeprefix(f"{file}:").split(":", 2)[:2]
    assert all(number.isdigit() and int(number) > 0 for number in position), right
    if "§" in marked:
        before = marked[: marked.index("§")]
        assert position == [str(before.count("\n") + 1), str(len(before) - before.rfind("\n"))]
    # Nothing else is reported but what follows from the same edit.
    assert len(lines) == 1 + ("\nx_:" in new)


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n\x00\x00", b"- a\n", b"Dear all,\nmail is down\n", b"\xff\xfeM\x00"]
)
def test_what_is_no_scenario_at_all_is_one_line(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "broken.yaml"
    file.write_bytes(content)
    (line,) = shown(file, capsys)
    assert line.startswith(f"{file}:1:")


def test_a_wrong_setting_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for setting in ("users=5", "users", "user=50", "outage=1"):
        (line,) = shown(Path("exchange-down"), capsys, "--set", setting)
        assert line.startswith("--set user") or line.startswith("--set outage")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (
            "  hours_permille: [4, ",
            "  hours_permille: [5, ",
            "`hours_permille` adds up to 1001; it must be 1000",
        ),
        ("share_percent: 55", "share_percent: 56", "`apps`: the shares add up to 101 %"),
        ("share_permille: 880", "share_permille: 881", "`useful_life`: the shares add up to 1001"),
        (
            "platform: gmail, share_percent: 20",
            "platform: gmail, share_percent: 19",
            "the shares of `mix` add up to 99 %",
        ),
        ("falls_back_to: portal", "falls_back_to: post", "falls back to 'post'"),
        ("    polls: 3m\n", "", "`polls` (such as 3m) belongs to `continuity: polls`"),
        ("least: 10s, most: 2m", "least: 10m, most: 2m", "`least` is longer than `most`"),
        ("    assumed: [threshold, rearm] ", "    assumed: [treshold, rearm] ", "`assumed` names 'treshold'"),
        ("harbour.example", "harbour.com", "ends in .test or .example, such as harbour.example"),
        ("role: helpdesk", "role: gardener", "input should be 'messaging-admin'"),
        ("confidence: derived", "confidence: sure", "input should be 'vendor'"),
        (
            "per_message: 1s",
            "per_message: 0s",
            "`server.per_message` is '0s'; input should be greater than or equal to 1",
        ),
        ("id: okafor", "id: rahman", "`staff`: has the id 'rahman' twice"),
    ],
)
def test_a_mistake_in_the_organisation_is_one_line(
    old: str, new: str, what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert old in ORGANISATION
    scenario, included = tmp_path / "mine.yaml", tmp_path / "organisation.yaml"
    scenario.write_text(SHIPPED.replace("organisations/harbour-1000.yaml", "organisation.yaml"))
    included.write_text(ORGANISATION.replace(old, new, 1))
    (line,) = shown(scenario, capsys)
    assert line.startswith(f"{included}:")
    assert what in line
