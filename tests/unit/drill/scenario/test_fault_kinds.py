"""A kind of fault is one record: what files, world, people and lint know of it follows from that."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.drill.scenario.fault_kinds import FAULT_KINDS, GRAVITY, FaultKind, kinds_with
from sim.kernel.shipped_folder import shipped_folder

ROOT = Path(__file__).resolve().parents[4]
ADDED = """    FaultKind(
        "mail-server drops one in four",
        "mail-server",
        "drops",
        means="a quarter of the attempts time out",
        answer="timeout",
        reply="lost connection",
        keys=frozenset({"reply", "share_percent"}),
        needs="share_percent",
    ),
)
FAULT_KINDS = """
PLAYED = """

from sim.drill.lint.json_schema import schemas
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS

assert "mail-server drops one in four" in schemas()["scenario.schema.json"]
content = load_scenario("exchange-down", {"users": "60", "outage": "6h"}).content()
content["timeline"][0] |= {"fault": "mail-server drops one in four", "share_percent": 25, "reply": None}
session = Session(Scenario.model_validate(content), 1, None)
drill, onset_ms = session.drill, session.scenario.outage_start_ms
session.advance(onset_ms + HOUR_MS)
session.dispatch("diagnose component=mail-server failure=drops")
session.advance(onset_ms + 3 * HOUR_MS)
assert "diagnosis.correct" in drill.milestones, drill.milestones
assert "alert.first" in drill.milestones, drill.milestones
assert drill.last_error().startswith("lost connection"), drill.last_error()
"""


def test_a_kind_that_is_one_more_record_is_known_everywhere(tmp_path: Path) -> None:
    """In a copy of the program: files may have it, attempts meet it, it is diagnosed, and monitors alert."""
    shutil.copytree(ROOT / "sim", tmp_path / "sim")  # with its bytecode, which fits what is not changed
    shutil.copytree(shipped_folder(), tmp_path / "scenarios")
    module = tmp_path / "sim/drill/scenario/fault_kinds.py"
    text = module.read_text(encoding="utf-8")
    assert text.count(")\nFAULT_KINDS = ") == 1
    module.write_text(text.replace(")\nFAULT_KINDS = ", ADDED), encoding="utf-8")
    played = subprocess.run(
        [sys.executable, "-c", PLAYED], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert played.returncode == 0, played.stderr


@pytest.mark.parametrize("kind", FAULT_KINDS.values(), ids=lambda kind: kind.name)
def test_a_record_does_not_contradict_itself(kind: FaultKind) -> None:
    assert kind.needs is None or kind.needs in kind.keys
    assert bool(kind.reply) == (kind.answer not in (None, "up")) == ("reply" in kind.keys)
    assert kind.takes_access or not kind.hits_users
    assert kind.name.startswith(kind.component)
    assert kind.disturbs


def test_the_gravest_kind_of_a_component_comes_first() -> None:
    """RFC 5321 §4.2.1: no answer is worse than a permanent one, that is worse than a temporary one."""
    grave = ["refused", "timeout", "reject", "defer", "up"]
    for component in ("mail-server", "gateway"):
        kinds = [one for one in FAULT_KINDS.values() if one.component == component and one.fails_attempts]
        answers = [grave.index(str(kind.answer)) for kind in sorted(kinds, key=lambda one: GRAVITY[one.name])]
        assert answers == sorted(answers)
        assert len(answers) > 3


def test_a_key_names_the_kinds_that_may_have_it() -> None:
    assert kinds_with("per_message") == ["mail-server is slow", "gateway is slow"]
    assert "gateway accepts and holds" not in kinds_with("share_percent")
