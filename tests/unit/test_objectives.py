"""Objectives judged from milestones: met, failed, open; and when that was decided."""

import pytest

from sim.drill.objectives import judge, limit_of
from sim.drill.scenario import Objective
from sim.kernel.duration import MINUTE_MS

TOLD = {
    "id": "told",
    "learns": "tell",
    "source": "house",
    "met": [{"milestone": "users.told", "within": {"alert.first": "30m", "outage.start": "45m"}}],
    "failed": [{"milestone": "users.told", "within": {"alert.first": "60m"}}],
}
NO_BOUNCE = {"id": "whole", "learns": "keep", "source": "house", "never": ["bounce.first"]}
BOTH = {**TOLD, "never": ["bounce.first"]}


def minutes(**came: int) -> dict[str, int]:
    return {name.replace("_", "."): at * MINUTE_MS for name, at in came.items()}


@pytest.mark.parametrize(
    ("objective", "came", "now", "ended", "state", "at"),
    [
        (TOLD, {}, 500, False, "open", None),
        (TOLD, {"alert_first": 10}, 39, False, "open", None),
        (TOLD, {"alert_first": 10, "users_told": 40}, 40, False, "met", 40),
        (TOLD, {"alert_first": 10, "users_told": 41}, 41, False, "late", 41),
        (TOLD, {"alert_first": 10, "users_told": 41}, 90, True, "late", 41),
        (TOLD, {"alert_first": 10, "outage_start": 0, "users_told": 45}, 45, True, "late", 45),
        (TOLD, {"alert_first": 10, "outage_start": 9, "users_told": 40}, 50, True, "met", 40),
        (TOLD, {"alert_first": 10}, 40, False, "open", None),
        (TOLD, {"alert_first": 10}, 70, False, "late", 40),
        (TOLD, {"alert_first": 10}, 71, False, "failed", 70),
        (TOLD, {"alert_first": 10, "users_told": 71}, 80, False, "failed", 70),
        (TOLD, {"alert_first": 10, "users_told": 70}, 80, False, "late", 70),
        (TOLD, {"users_told": 5}, 80, False, "met", 5),
        (TOLD, {}, 500, True, "open", None),
        (NO_BOUNCE, {}, 500, False, "open", None),
        (NO_BOUNCE, {}, 500, True, "met", 500),
        (NO_BOUNCE, {"bounce_first": 77}, 80, False, "failed", 77),
        (NO_BOUNCE, {"bounce_first": 77}, 80, True, "failed", 77),
        (BOTH, {"alert_first": 10, "users_told": 20}, 40, False, "open", None),
        (BOTH, {"alert_first": 10, "users_told": 20}, 40, True, "met", 20),
        (BOTH, {"alert_first": 10, "users_told": 20, "bounce_first": 30}, 40, True, "failed", 30),
    ],
)
def test_verdicts(
    objective: dict[str, object], came: dict[str, int], now: int, ended: bool, state: str, at: int | None
) -> None:
    verdict = judge(Objective.model_validate(objective), minutes(**came), now * MINUTE_MS, ended)
    assert (verdict.state, verdict.at_ms) == (state, None if at is None else at * MINUTE_MS)
    assert verdict.cause


def test_what_is_asked_is_said_in_words() -> None:
    assert (
        limit_of(Objective.model_validate(TOLD))
        == "within 30m of the first alert and within 45m of the onset"
    )
    assert limit_of(Objective.model_validate(NO_BOUNCE)) == "never: the gateway bounces its first message"
