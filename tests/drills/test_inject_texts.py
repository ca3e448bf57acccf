"""What shipped scenarios have people say: what is so at that moment, and what whoever says it can know."""

import re
from collections.abc import Iterator

import pytest

from sim.drill.organisation.shipped_files import shipped_names
from sim.drill.scenario.anchor import Since
from sim.drill.scenario.fault import Fault
from sim.drill.scenario.scenario import Inject, Scenario
from sim.drill.session.load import load_scenario

NAMES = shipped_names("outages")
OVER = {"outage.end", "server.reported-back"}
OF_THE_GATEWAYS_PAGES = re.compile(r"\blinks?\b|secure-message portal", re.I)
TRUTH = re.compile(
    r"\b[45]\d\d\b|%|percent|\b\d+ ?(?:h|hours|days)\b|\b(?:hours?|days?) (?:more|left)\b"
    r"|\brefuses|\btimes out|\bintermittent|\bpartial|\baccepts and holds|\ba third of\b|\bhalf of\b",
    re.I,
)
"""A code, a share, a length, or the very words of a fault: who calls has none of them."""


def told(scenario: Scenario) -> Iterator[Inject]:
    """What people say of an outage that goes on, and that is nobody's report of the return."""
    yield from (one for one in scenario.injects if not one.marks and "outage.start" in one.at.milestones)


def after_onset_ms(one: Inject) -> int:
    return max(moment.offset_ms for moment in one.at.moments if isinstance(moment, Since))


def at_that_moment(scenario: Scenario, one: Inject) -> list[Fault]:
    moment_ms = scenario.outage_start_ms + after_onset_ms(one)
    return [fault for fault in scenario.timeline if fault.at_ms <= moment_ms < fault.until_ms]


@pytest.mark.parametrize("name", NAMES)
def test_nobody_complains_of_what_is_over_in_a_shorter_outage(name: str) -> None:
    parameter = load_scenario(name).parameters["outage"]
    shortest = load_scenario(name, {"outage": str(parameter.min)})
    lasts_ms = shortest.outage_end_ms - shortest.outage_start_ms
    for one in told(shortest):
        if after_onset_ms(one) >= lasts_ms:
            assert OVER & {*one.unless}, f"{one.id} comes all the same"


def test_some_complaints_would_come_after_a_shorter_outage() -> None:
    late = []
    for name in NAMES:
        shortest = load_scenario(name, {"outage": str(load_scenario(name).parameters["outage"].min)})
        lasts_ms = shortest.outage_end_ms - shortest.outage_start_ms
        late += [one for one in told(shortest) if after_onset_ms(one) >= lasts_ms]
    assert len(late) > 5


@pytest.mark.parametrize("name", NAMES)
def test_links_and_portal_are_complained_of_where_they_are_out_of_reach(name: str) -> None:
    scenario = load_scenario(name)
    for one in told(scenario):
        if OF_THE_GATEWAYS_PAGES.search(one.text):
            states = {fault.console_state for fault in at_that_moment(scenario, one)}
            assert "unreachable" in states, one.id


def test_where_they_are_out_of_reach_somebody_complains() -> None:
    for name in ("gateway-down", "gateway-down-drops", "gateway-down-m365"):
        assert any(OF_THE_GATEWAYS_PAGES.search(one.text) for one in told(load_scenario(name)))


@pytest.mark.parametrize("name", NAMES)
def test_who_calls_names_no_code_no_share_no_length_and_no_fault(name: str) -> None:
    assert TRUTH.search("451 for a third of us, three hours more")
    for one in told(load_scenario(name)):
        assert not TRUTH.search(one.text), f"{one.id}: {one.text}"
        if one.back_by is None:
            assert not re.search(r"\b(?:back|over|due) (?:by|at|in)\b", one.text), one.id
