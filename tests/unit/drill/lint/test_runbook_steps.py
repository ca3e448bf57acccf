"""Lint of a runbook: steps that this organisation refuses at any time, and steps that wait in vain."""

from pathlib import Path

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.commands.outcome import Refused
from sim.drill.commands.registry import COMMANDS
from sim.drill.lint.lint import lint_file
from sim.drill.lint.objectives import need_of
from sim.drill.scenario.milestones import MILESTONES
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session

BY_THEMSELVES = {
    "outage.start",
    "outage.end",
    "alert.first",
    "alert.queue",
    "server.reported-back",
    "outbound.restored",
    "bounce.first",
    "queue.drained",
    "queue.short",
}


def found(tmp_path: Path, scenario: str, *steps: tuple[str, str]) -> list[str]:
    rows = [f"  - {{ id: s{n}, at: {at}, do: {do} }}\n" for n, (at, do) in enumerate(steps)]
    file = tmp_path / "mine.yaml"
    file.write_text(f"mxdrill: 1\nid: mine\nscenario: {scenario}\nsteps:\n{''.join(rows)}", encoding="utf-8")
    return [line.removeprefix(f"{file}:") for line in lint_file(str(file), parse)]


def test_a_step_that_waits_for_an_open_alert_needs_a_monitor_that_sees_the_fault(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, "gateway-down", ("alert.open + 1m", "alerts ack"))
    assert "s0 waits for an alert, but monitors do not detect these faults" in finding
    assert found(tmp_path, "exchange-down", ("alert.open + 1m", "alerts ack")) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "continuity start for=12h via=sms",
            "the page behind the link offers 1h, 4h, 8h, 16h, 24h; choose one",
        ),
        (
            "continuity start for=12h via=email",
            "the page behind the link offers 1h, 4h, 8h, 16h, 24h; choose one",
        ),
        ("continuity start at=18:00 via=sms", "the page behind the link starts events at once"),
        ("continuity start for=15d", "15 d is longer than 14 d"),
        ("continuity start group=yard", "'yard' is not a group here; choose from all"),
        (
            "permissions set on app=phone",
            "'phone' is not an app here; choose from classic-outlook, online-outlook",
        ),
        ("permissions set on app=portal group=yard", "'yard' is not a group here"),
        ("handover helpdesk nobody", "'nobody' is not a person here; choose from rahman, okafor"),
        ("queue extend inbound 61d", "61 d is longer than support grants"),
        ("notify users via=sms next=8d", "a time more than 7 d away is not credible"),
    ],
)
def test_what_is_refused_at_any_time_is_found_and_refused_in_the_drill(
    tmp_path: Path, text: str, told: str
) -> None:
    (finding,) = found(tmp_path, "exchange-down", ("T+1h30m", text))
    assert finding.startswith("5:32: ")
    assert f"`{text}` is refused here: {told}" in finding
    answer = Session(load_scenario("exchange-down", {"users": "10"}), 1, None).dispatch(text)
    assert isinstance(answer, Refused)
    assert told in answer.reason


@pytest.mark.parametrize(
    "text",
    [
        "continuity start for=16h via=sms",
        "continuity start for=12h via=console",
        "permissions set on app=portal",
        "deliveries resume inbound",
        "phone gateway-vendor",
    ],
)
def test_what_can_be_right_at_some_time_is_not_found(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, "exchange-down", ("T+1h30m", text)) == []


@pytest.mark.parametrize(
    ("scenario", "at", "told"),
    [
        ("exchange-down", "mx.restored + 5m", "the runbook does not contain `mx set gateway`"),
        ("exchange-down", "09:30 and users.told", "the runbook does not contain `notify users`"),
        ("exchange-down", "deliveries.paused", "the runbook does not contain `deliveries pause inbound`"),
        ("exchange-down", "pause.decided + 5m", "the runbook does not contain `decide pause`"),
        (
            "m365-access-only",
            "alert.first + 5m",
            "monitors do not detect these faults; count from outage.start",
        ),
    ],
)
def test_a_step_that_waits_for_what_never_comes_is_found(
    tmp_path: Path, scenario: str, at: str, told: str
) -> None:
    (finding,) = found(tmp_path, scenario, (at, "note pausing is not needed"))
    assert finding.startswith("5:19: s0 waits for ")
    assert f"which never happens: {told}" in finding


@pytest.mark.parametrize(
    ("scenario", "at", "first"),
    [
        ("exchange-down", "mx.restored + 5m", "mx set gateway"),
        ("exchange-down", "alert.first + 5m", "note x"),
        ("exchange-down", "server.reported-back", "note x"),
        ("exchange-down", "deliveries.paused", "deliveries  pause  inbound"),
        ("m365-offline", "continuity.active + 5m", "note x"),  # a colleague may start one
    ],
)
def test_what_a_step_or_the_scenario_brings_may_be_waited_for(
    tmp_path: Path, scenario: str, at: str, first: str
) -> None:
    assert found(tmp_path, scenario, ("T+1h", first), (at, "continuity show")) == []


def test_another_mx_does_not_restore_the_old_one(tmp_path: Path) -> None:
    steps = ("T+3h", "mx set gateway+backup"), ("mx.restored", "note x"), ("mx.changed", "note x")
    (finding,) = found(tmp_path, "gateway-down", *steps)
    assert "s1 waits for mx.restored" in finding


def test_the_table_agrees_with_what_objectives_need() -> None:
    """Each milestone comes by itself or by commands, and by those at least that an objective may count on."""
    by_themselves = {name for name, one in MILESTONES.items() if not one.facts.brought_by}
    assert by_themselves == BY_THEMSELVES
    scenario = load_scenario("gateway-down-m365")
    for name, milestone in MILESTONES.items():
        beginnings = milestone.facts.brought_by
        for beginning in beginnings:
            words = beginning.split()
            assert any(kind.words[: len(words)] == tuple(words[: len(kind.words)]) for kind in COMMANDS), (
                beginning
            )
        need = need_of(scenario, name)
        for text in need.by if need is not None and beginnings else ():
            assert text.startswith(beginnings) or name == "mta-sts.published", (name, text)
