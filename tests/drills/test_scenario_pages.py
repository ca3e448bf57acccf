"""Figures on the pages of `gateway-down` and `m365-offline`: those of runs with `--set users=100`, seed 1."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.drill.instruments.unapproved_time import total_ms, unapproved_spans
from sim.drill.scoring.bypass_costs import prices
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.drills.played import Played, shipped

PAGES = Path(__file__).parents[2] / "docs" / "scenarios"
USERS = 100


def refused(one: Played) -> float:
    return one.outcome.lost.rejected


def in_junk(one: Played) -> float:
    return one.outcome.protection.junked


def unwanted(one: Played) -> float:
    return prices(one.session.drill).by_the_backup


def unsigned_h(one: Played) -> float:
    return total_ms(unapproved_spans(one.session.drill)) / HOUR_MS


def late(one: Played) -> float:
    return one.outcome.timing.late.count


def returned(one: Played) -> float:
    return one.outcome.lost.at_senders.count


def calls(one: Played) -> float:
    return one.outcome.people.calls


def user_hours(one: Played) -> float:
    return one.outcome.people.user_hours_without_mail


def outbound_min(one: Played) -> float:
    return (one.milestones["outbound.restored"] - one.milestones["outage.start"]) / MINUTE_MS


def on_hold_min(one: Played) -> float:
    return sum(hold.until_ms - hold.from_ms for hold in one.session.drill.room.phone.holds) / MINUTE_MS


PUT_OFF = "gateway-down-4xx"
DEAD = "gateway-down-continuity-on-the-dead-gateway"
GATEWAY, M365, RULE, OFFLINE = "gateway-down", "gateway-down-m365", "gateway-down-m365-rule", "m365-offline"


@pytest.mark.parametrize(
    ("page", "pattern", "name", "runbook", "figure"),
    [
        (
            GATEWAY,
            r"`gateway-down-mx-before-unlock` \| ([\d,]+)",
            GATEWAY,
            f"{GATEWAY}-mx-before-unlock",
            refused,
        ),
        (GATEWAY, r"4xx`\) \| ([\d,]+) late messages", PUT_OFF, f"{GATEWAY}-dead-host-first", late),
        (GATEWAY, r"4xx`\) \| [\d,]+ late messages instead of ([\d,]+),", PUT_OFF, "reference", late),
        (GATEWAY, r"([\d,]+) bounced at the sender", PUT_OFF, f"{GATEWAY}-dead-host-first", returned),
        (GATEWAY, r"bounced at the sender instead of ([\d,]+), because", PUT_OFF, "reference", returned),
        (GATEWAY, r"and ([\d,]+) min on hold", GATEWAY, DEAD, on_hold_min),
        (GATEWAY, r"restored after ([\d,]+) min", GATEWAY, DEAD, outbound_min),
        (GATEWAY, r"restored after [\d,]+ min instead of ([\d,]+)", GATEWAY, "reference", outbound_min),
        (GATEWAY, r"([\d,]+) calls to the helpdesk", GATEWAY, f"{GATEWAY}-direct-without-readiness", calls),
        (GATEWAY, r"calls to the helpdesk instead of ([\d,]+)", GATEWAY, "reference", calls),
        (GATEWAY, r"`gateway-down-all-at-once` \| ([\d,]+)", GATEWAY, f"{GATEWAY}-all-at-once", refused),
        (GATEWAY, r"nobody-asked` .* open for ([\d,]+) h", GATEWAY, f"{GATEWAY}-nobody-asked", unsigned_h),
        (GATEWAY, r"m365-mx-before-unlock` \| ([\d,]+)", M365, f"{M365}-mx-before-unlock", refused),
        (GATEWAY, r"filter-off` \| ([\d,]+)", M365, f"{M365}-filter-off", in_junk),
        (GATEWAY, r"filter-off` .*then ([\d,]+) unwanted", M365, f"{M365}-filter-off", unwanted),
        (GATEWAY, r"rule-mx-before-unlock` \(.*\) \| ([\d,]+)", RULE, f"{RULE}-mx-before-unlock", in_junk),
        (OFFLINE, r"1\), there are ([\d,]+) user-hours", OFFLINE, "reference", user_hours),
        (
            OFFLINE,
            r"1\), there are [\d,]+ user-hours\swithout\smail\sinstead of\s([\d,]+), ",
            OFFLINE,
            "none",
            user_hours,
        ),
        (OFFLINE, r"instead of\s[\d,]+, ([\d,]+) late messages", OFFLINE, "reference", late),
        (OFFLINE, r"late messages instead of\s([\d,]+)", OFFLINE, "none", late),
        (OFFLINE, r"([\d,]+) calls\sinstead", OFFLINE, "reference", calls),
        (OFFLINE, r"calls\sinstead of ([\d,]+)", OFFLINE, "none", calls),
    ],
)
def test_a_page_tells_what_the_run_gives(
    page: str, pattern: str, name: str, runbook: str, figure: Callable[[Played], float]
) -> None:
    found = re.search(pattern, (PAGES / f"{page}.md").read_text("utf-8"))
    assert found is not None
    assert int(found[1].replace(",", "")) == round(figure(shipped(name, runbook, USERS)))
