"""Objectives judged from milestones: met, failed, open; and when that was decided."""

import pytest
from pydantic import ValidationError

from sim.drill.scenario.objective import Objective
from sim.drill.scoring.verdicts import judge, limit_and_cause, limit_of
from sim.kernel.duration import HOUR_MS, MINUTE_MS

TOLD = {
    "id": "told",
    "learns": "tell",
    "source": "house",
    "met": [{"milestone": "users.told", "within": {"alert.first": "30m", "outage.start": "45m"}}],
    "failed": [{"milestone": "users.told", "within": {"alert.first": "60m"}}],
}
NO_BOUNCE = {"id": "whole", "learns": "keep", "source": "house", "never": ["bounce.first"]}
SHORT = {**TOLD, "unless": ["server.reported-back"]}
BACK = {
    **TOLD,
    "met": [{"milestone": "mx.restored", "within": {"mx.changed and server.reported-back": "30m"}}],
    "failed": [],
}
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
        (SHORT, {"alert_first": 10, "server_reported-back": 40}, 80, False, "open", None),
        (SHORT, {"alert_first": 10, "server_reported-back": 40}, 80, True, "open", None),
        (SHORT, {"alert_first": 10, "server_reported-back": 41}, 70, False, "late", 40),
        (SHORT, {"alert_first": 10, "server_reported-back": 41}, 80, True, "failed", 70),
        (SHORT, {"alert_first": 10, "server_reported-back": 20, "users_told": 39}, 80, True, "met", 39),
        (SHORT, {"alert_first": 10, "server_reported-back": 20, "users_told": 75}, 80, True, "open", None),
        (BACK, {"server_reported-back": 20}, 500, True, "open", None),
        (BACK, {"mx_changed": 20}, 500, True, "open", None),
        (BACK, {"mx_changed": 20, "server_reported-back": 100}, 131, False, "late", 130),
        (BACK, {"mx_changed": 150, "server_reported-back": 100}, 170, False, "open", None),
        (BACK, {"mx_changed": 20, "server_reported-back": 100, "mx_restored": 130}, 170, False, "met", 130),
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
        == "within 30 min of the first alert and within 45 min of the onset"
    )
    never = limit_of(Objective.model_validate(NO_BOUNCE))
    assert never == "must not happen: the gateway first bounces a message by itself"


def test_a_verdict_names_each_limit_once() -> None:
    few = {"targets": [{"measure": "bounced", "at_most": 0}]}
    in_time, counted = Objective.model_validate(TOLD), Objective.model_validate(NO_BOUNCE | few)
    figure = Objective.model_validate({key: NO_BOUNCE[key] for key in ("id", "learns", "source")} | few)
    told = {"alert.first": 0, "outage.start": 0, "users.told": MINUTE_MS}
    asked = "within 30 min of the first alert and within 45 min of the onset"
    label = "inbound messages bounced by the gateway"
    unwanted = "must not happen: the gateway first bounces a message by itself"

    def said(objective: Objective, ended: bool = True, bounced: int = 0) -> str:
        verdict = judge(objective, told, HOUR_MS, ended, {"bounced": bounced})
        return limit_and_cause(objective, verdict)

    assert said(in_time) == f"{asked}: in time"
    assert said(figure) == f"{label}: 0 (at most 0)"
    assert said(figure, bounced=2) == f"{label}: 2 (at most 0)"
    assert said(counted) == f"{unwanted}: it did not happen; {label}: 0 (at most 0)"
    assert said(counted, bounced=2) == f"{unwanted}; {label}: at most 0: {label}: 2 (at most 0)"
    assert said(figure, ended=False) == f"{label}: at most 0: not decided"


@pytest.mark.parametrize(
    ("late_ms", "told"),
    [
        (1, "1 s late"),
        (999, "1 s late"),
        (89_001, "1 min 29 s late"),
        (119_999, "1 min 59 s late"),
        (120_001, "2 min late"),
        (1_800_966, "30 min late"),
        (3_600_000, "1 h late"),
    ],
)
def test_lateness_is_told_to_the_second_like_the_clock_times_and_is_never_nothing(
    late_ms: int, told: str
) -> None:
    objective = Objective.model_validate({**TOLD, "failed": []})
    came = minutes(alert_first=10) | {"users.told": 40 * MINUTE_MS + late_ms}
    assert judge(objective, came, 200 * MINUTE_MS, ended=True).cause == told


def test_a_limit_beyond_the_drills_end_is_the_cause_of_an_open_verdict() -> None:
    """An outage of 31 h, and something asked within 72 h of its onset."""
    asked = {**TOLD, "met": [{"milestone": "users.told", "within": {"outage.start": "72h"}}], "failed": []}
    objective, came = Objective.model_validate(asked), minutes(outage_start=60, outage_end=32 * 60)
    assert judge(objective, came, 40 * HOUR_MS, ended=False).cause == "not decided"
    verdict = judge(objective, came, 40 * HOUR_MS, ended=True)
    assert (verdict.state, verdict.at_ms) == ("open", None)
    assert verdict.cause == "its limit, 3 d after the onset, is after the end of the drill"


def test_of_two_limits_the_nearer_one_is_named_and_one_that_never_began_to_run_is_too() -> None:
    objective = Objective.model_validate(TOLD)
    both = judge(objective, minutes(alert_first=10, outage_start=0), 20 * MINUTE_MS, ended=True)
    assert both.cause == "its limit, 30 min after the first alert, is after the end of the drill"
    none = judge(objective, {}, 20 * MINUTE_MS, ended=True)
    assert none.cause == "never happened: the first alert or the onset"


def test_what_a_short_outage_made_needless_is_named_with_its_cause() -> None:
    over = judge(
        Objective.model_validate(SHORT), minutes(alert_first=1, **{"server_reported-back": 9}), HOUR_MS, True
    )
    assert over.cause == "no longer required after the report of the recovery"


def test_a_limit_from_two_anchors_is_told_with_both() -> None:
    objective = Objective.model_validate(BACK)
    both = "the MX change and the report of the recovery"
    assert limit_of(objective) == f"within 30 min of {both}"
    assert judge(objective, minutes(mx_changed=1), HOUR_MS, True).cause == f"never happened: {both}"
    soon = minutes(mx_changed=1, **{"server_reported-back": 2})
    assert (
        judge(objective, soon, 3 * MINUTE_MS, True).cause
        == f"its limit, 30 min after {both}, is after the end of the drill"
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"met": [{"milestone": "users.told", "within": {"mx.changed and reported": "1h"}}]},
            "no milestone 'reported'",
        ),
        (
            {"met": [], "failed": [], "never": ["mx.changed"], "unless": ["mx.restored"]},
            "without a deadline in `met`",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Objective.model_validate({**TOLD, **change})
