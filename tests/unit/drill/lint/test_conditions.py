"""Lint of `when:`: a finding for each condition that cannot be true, at the position of the condition."""

from pathlib import Path

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.lint.lint import lint_file
from sim.kernel.document import BadFile
from sim.kernel.shipped_folder import shipped_folder

BASE = shipped_folder() / "outages" / "exchange-down.yaml"


def written(folder: Path, *rows: str) -> Path:
    """A scenario with an inject on each of `rows`; the first is on line 7."""
    path = folder / "mine.yaml"
    text = f"mxdrill: 1\nlike: {BASE}\nid: mine\ntitle: Mine\nreference: exchange-down\ninjects:\n"
    said = "kind: call, from: x, to: helpdesk, text: y"
    path.write_text(
        text + "".join(f"  - {{ id: asks-{n}, {said}, {row} }}\n" for n, row in enumerate(rows)),
        encoding="utf-8",
    )
    return path


NONSENSE = (
    ("when: T+30d", "can never arrive: the drill is over by T+30d"),
    ("when: queue > 5 and T+30d", "the drill is over by T+30d"),
    ("when: not users.told by T+30d", "the drill is over by T+30d"),
    ("when: T+30d or T+40d", "the drill is over by T+30d"),
    ("when: users without mail > 1000", "there are only 1,000 users"),
    ("when: users without mail > 100 %", "there are only 1,000 users"),
    ("when: queue < 0 and T+1h", "queue is never below zero"),
    ("when: queue > 50 and queue < 40", "two of its parts can never be true together"),
    ("when: oldest <= 1h and T+2h and oldest > 1h", "two of its parts can never be true together"),
    ("when: users.told and queue > 5 and not users.told", "two of its parts can never be true together"),
    ("unless: [users.told], when: users.told + 5m", "users.told is both in `when` and in `unless`"),
    ("unless: [users.told], when: users.told by T+2h", "users.told is both in `when` and in `unless`"),
    ("when: not users.told", "is true from the start of the drill"),
    ("when: queue < 100", "is true from the start of the drill"),
    ("when: diagnosis.correct and queue > 5", "only the debrief shows diagnosis.correct"),
)
SENSE = (
    "when: queue > 5000",
    "when: T+30d or queue > 5",
    "when: oldest > 1h and oldest < 2h",
    "when: not users.told by T+2h",
    "when: not users.told and alert.first + 30m",
    "when: users without mail > 30 % and not T+30d",
)


def test_only_conditions_that_make_no_sense_are_found_at_their_position(tmp_path: Path) -> None:
    path = written(tmp_path, *(row for row, _what in NONSENSE), *SENSE)
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [one for one in lint_file(str(path), parse) if "that runbook is for" not in one]
    for number, (row, what) in enumerate(NONSENSE, 7):
        column = lines[number - 1].index("when:") + len("when: ") + 1
        mine = [one for one in found if one.startswith(f"{path}:{number}:{column}: ")]
        assert any(what in one for one in mine), (row, found)
    assert not [one for one in found if int(one.split(":")[1]) >= 7 + len(NONSENSE)]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("when: queue >> 5", "`: at character 1: queue is compared with a whole number, not with '> 5'"),
        ("when: quue > 5", "'quue' cannot be compared"),
        ("when: T+1h, at: T+1h", "has both `at` and `when`"),
        ("unless: [users.told]", "has neither `at` with a moment nor `when` with a condition"),
    ],
)
def test_a_condition_that_cannot_be_read(row: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"mine\.yaml:7:\d+: ") as found:
        lint_file(str(written(tmp_path, row)), parse)
    assert what in str(found.value)
