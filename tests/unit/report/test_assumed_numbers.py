"""What share of the numbers that a run rests on is assumed: nothing left out, nothing counted twice."""

from typing import Any

import pytest

from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS
from sim.mail.platforms.platform import read_platform
from sim.report.assumed_numbers import assumed_numbers
from sim.report.debrief import debrief
from sim.report.outcome import outcome
from tests.shipped import FILES


def found_in(name: str, *commands: str, hours: int = 2) -> tuple[Session, dict[str, Any]]:
    session = Session.start(load_scenario(name, {"users": "20"}), 1)
    session.advance(90 * 60_000)
    for text in commands:
        session.dispatch(text)
    session.advance(session.now_ms + hours * HOUR_MS)
    return session, assumed_numbers(session.drill)


def test_spans_lists_and_rules_count_and_what_is_published_is_not_named() -> None:
    names = found_in("exchange-down")[1]["names"]
    for name in (
        "correspondents.mix", "gateway.alerting.sms_delay", "gateway.retention_case.takes",
        "gateway.bounce_at", "gateway.while_paused", "gateway.continuity_monitor.threshold",
        "channels.0.acts_after_minutes",
        "server.disk.size_gb", "zone.mta_sts.honoured_by", "platforms/exchange-server.parameters.expiry",
        "vendors/microsoft.updates.every_minutes", "servers/exchange-server.back_pressure.works_for",
        "house/rules.probe.waits", "house/rules.probe.slow_minutes", "house/rules.outbound.restored_permille",
        "vendors/gateway-vendor.phone.talk_minutes", "vendors/gateway-vendor.console.slow_times",
        "vendors/gateway-vendor.console.times_out_percent",
        "vendors/gateway-vendor.console.carried_out_percent",
        "vendors/gateway-vendor.console.stale", "vendors/gateway-vendor.console.refresh",
    ):  # fmt: skip
        assert name in names
    for name in (
        "gateway.continuity_monitor.window",
        "gateway.platform",
        "users",
        "gateway.alerting.link_valid",
    ):
        assert name not in names


@pytest.mark.parametrize("name", ["exchange-down", "gateway-down", "m365-offline"])
def test_every_number_is_counted_once(name: str) -> None:
    found = found_in(name)[1]
    assert len(set(found["names"])) == len(found["names"]) == found["numbers"] < found["of"]


def test_only_files_that_the_run_has_used_are_counted() -> None:
    def places(*given: Any) -> set[str]:
        return {name.partition(".")[0] for name in found_in(*given)[1]["names"] if "/" in name}

    inside, outside = places("exchange-down"), places("gateway-down")
    assert "platforms/gmail" in outside - inside
    asked = found_in("gateway-down", "ttl set mx 300")[1]["of"]
    assert asked > found_in("gateway-down")[1]["of"], "resolvers count once a record has been changed"


def test_a_platform_s_assumed_facts_are_those_of_its_file() -> None:
    names = found_in("gateway-down")[1]["names"]
    for platform in ("postfix", "gmail", "exim"):
        facts = [
            place for place, fact in read_platform(FILES, platform).facts if fact.confidence == "assumed"
        ]
        mine = [name for name in names if name.startswith(f"platforms/{platform}.")]
        assert {name.partition(".")[2] for name in mine} == set(facts)


def test_a_debrief_tells_the_share() -> None:
    session, found = found_in("exchange-down")
    told = debrief(session, outcome(session)).assumed
    assert (
        f"This run uses {found['of']:,} numbers and rules, of which {found['numbers']:,} are unpublished"
        in told
    )
