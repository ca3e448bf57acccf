"""Lint: what an objective asks for can be seen to be needed, and done; and playing shows that it pays."""

from pathlib import Path

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.lint.lint import lint_file
from sim.drill.lint.objectives import need_of, needs
from sim.drill.lint.plays import plays
from sim.drill.organisation.shipped_files import shipped_names
from sim.drill.scenario.milestones import MILESTONES
from sim.drill.scenario.objective import Deadline, Objective
from sim.drill.scenario.runbook import Runbook
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS
from sim.kernel.shipped_folder import shipped_folder
from tests.drills.played import shipped

HAPPEN = {
    "outage.start",
    "outage.end",
    "alert.first",
    "alert.queue",
    "bounce.first",
    "queue.drained",
    "queue.short",
    "openings.closed",
}
"""Milestones that come by themselves, or of many deeds; and one that an inject or look brings."""


def asks_for(name: str, milestone: str, within: str = "outage.start") -> list[str]:
    """Findings if the shipped scenario `name` asked for `milestone`."""
    asked = Objective(
        id="asked",
        learns="x",
        met=(Deadline.model_validate({"milestone": milestone, "within": {within: "4h"}}),),
        source="test",
    )
    scenario = load_scenario(name).model_copy(update={"objectives": (asked,)})
    return [text for _loc, text in needs(scenario, parse)]


def test_every_milestone_that_people_bring_about_has_its_commands() -> None:
    scenario = load_scenario("gateway-down")
    unknown = {name for name in MILESTONES if need_of(scenario, name) is None}
    assert unknown == (HAPPEN - {"alert.first", "alert.queue"}) | {"server.reported-back"}
    for name in set(MILESTONES) - unknown - {"alert.first", "alert.queue", "inbound.moved"}:
        need = need_of(scenario, name)
        assert need is not None
        assert need.by
        for text in need.by:
            parse(text)  # raises for what is no command


@pytest.mark.parametrize(
    ("name", "milestone", "told"),
    [
        ("m365-access-only", "alert.acknowledged", "monitors do not detect these faults, so an alert"),
        ("gateway-down", "alert.acknowledged", "monitors do not detect these faults"),
        ("m365-access-only", "deliveries.paused", "none of the faults delays mail at the gateway"),
        ("exchange-down", "mx.changed", "the gateway does not stop inbound mail"),
        ("exchange-down", "mx.restored", "the gateway does not stop inbound mail"),
        ("exchange-down", "outbound.restored", "the gateway does not stop outbound mail"),
        ("gateway-down", "continuity.active", "needs the gateway console, which is unreachable"),
        ("gateway-down", "continuity.verified", "needs the gateway console, which is"),
        ("gateway-down-m365", "mta-sts.published", "is refused: the domain does not publish an MTA-STS"),
    ],
)  # fmt: skip
def test_what_cannot_be_seen_or_done_is_found(name: str, milestone: str, told: str) -> None:
    (finding,) = asks_for(name, milestone)
    assert finding.startswith(f"asked asks for {milestone}: ")
    assert told in finding


@pytest.mark.parametrize(
    ("name", "milestone"),
    [
        ("exchange-down", "alert.acknowledged"),
        ("exchange-down", "deliveries.paused"),
        ("exchange-down", "continuity.verified"),
        ("gateway-down", "inbound.moved"),
        ("gateway-down", "mta-sts.published"),
        ("gateway-grey", "continuity.active"),
        ("gateway-down", "lock.proven"),
        ("m365-offline", "users.told"),
    ],
)
def test_what_can_be_seen_and_done_is_not(name: str, milestone: str) -> None:
    assert asks_for(name, milestone) == []


def test_an_anchor_that_never_comes_is_found() -> None:
    (finding,) = asks_for("m365-access-only", "users.told", "alert.first")
    assert finding.startswith("asked asks for alert.first: monitors do not detect these faults")


def test_nobody_to_do_it_and_no_channel_that_reaches_them() -> None:
    scenario = load_scenario("exchange-down")
    organisation = scenario.organisation
    staff = tuple(one for one in organisation.staff if one.role != "communications")
    staff = tuple(one.model_copy(update={"also": ()}) for one in staff)
    email = tuple(one for one in organisation.channels if one.via == "email")
    for changes, told in (
        ({"staff": staff}, "needs the role communications, which is unassigned; add a person"),
        ({"channels": email}, "this organisation does not have a command that reaches it"),
    ):
        one = scenario.model_copy(update={"organisation": organisation.model_copy(update=changes)})
        found = [text for _loc, text in needs(one, parse)]
        assert any(text.startswith("users-told asks for users.told: ") and told in text for text in found)


def test_the_finding_stands_at_the_objective(tmp_path: Path) -> None:
    text = (shipped_folder() / "outages" / "m365-access-only.yaml").read_text(encoding="utf-8")
    asked = "[{ milestone: users.told, within: { outage.start: 45m } }]"
    assert asked in text
    file = tmp_path / "mine.yaml"
    file.write_text(text.replace(asked, "[{ milestone: queue.extended, within: { outage.start: 45m } }]"))
    (finding,) = lint_file(str(file), parse)
    line = text[: text.index(asked)].count("\n") + 1
    assert finding.startswith(
        f"{file}:{line}:5: users-told asks for queue.extended: none of the faults delays mail"
    )


@pytest.mark.parametrize("name", shipped_names("outages"))
def test_what_ships_loses_when_nobody_acts_and_lets_every_inject_come(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One seed of `lint --deep`, with few users; drill tests play the reference with several seeds.

    Its two drills are those that other tests look at; the tests below let it play its own.
    """

    def drill(scenario: Scenario, runbook: Runbook | None, seed: int) -> Session:
        assert (scenario.id, seed) == (name, 1)
        return shipped(name, "none" if runbook is None else "reference").session

    if name == "gateway-back-soon":  # of its two hours, enough messages for a share
        assert list(plays(load_scenario(name, {"users": "150"}), parse, (1,))) == []
        return
    monkeypatch.setattr("sim.drill.lint.plays.played", drill)
    assert list(plays(load_scenario(name, {"users": "100"}), parse, (1,))) == []


def without_price(name: str, outage: str) -> list[str]:
    scenario = load_scenario(name, {"users": "60", "outage": outage})
    return [text for _loc, text in plays(scenario, parse, (1,))]


def test_an_outage_that_costs_nothing_and_a_lesson_that_is_not_so_are_found() -> None:
    told = without_price("gateway-down", "10m")
    assert any("loses no more mail and no more user-hours than the reference" in text for text in told)
    waits: Scenario = load_scenario("gateway-down", {"users": "60"}).model_copy(update={"waiting": "wins"})
    told = [text for _loc, text in plays(waits, parse, (1,))]
    assert any(text.startswith("`waiting: wins` is given, but waiting loses ") for text in told)


def test_an_objective_that_the_reference_leaves_open_is_found() -> None:
    scenario = load_scenario("gateway-back-soon", {"users": "150"})
    asked = next(one for one in load_scenario("gateway-down").objectives if one.id == "way-back")
    scenario = scenario.model_copy(update={"objectives": (*scenario.objectives, asked)})
    (finding,) = [text for _loc, text in plays(scenario, parse, (1,))]
    assert finding.startswith("the reference runbook does not meet way-back with seed 1")


def test_what_no_runbook_can_meet_is_told_with_what_would_be_right() -> None:
    """A server that answers 4xx leaves people their mailboxes: there is nobody to get into an event."""
    raw = load_scenario("exchange-down", {"users": "20", "outage": "2h"}).content()
    for access, nobody in ((None, True), ("lost", False)):
        raw["timeline"][0] |= {
            "fault": "mail-server answers 4xx",
            "reply": "454 4.7.5 expired",
            "access": access,
        }
        told = [text for _loc, text in plays(Scenario.model_validate(raw), parse, (1,))]
        able = [text for text in told if "does not meet users-able" in text]
        assert (able != []) is nobody
        assert all(
            "(users do not lose their mailboxes); write `access: lost` in the fault, or leave" in text
            for text in able
        )
        late = [text for text in told if "does not meet diagnosis-correct" in text]
        assert late, "its reference says that it refuses"
        assert all("fix the runbook, or require less" in text and " (" in text for text in late)


def test_an_inject_that_never_comes_is_found() -> None:
    scenario = load_scenario("exchange-down", {"users": "20", "outage": "2h"})
    late = scenario.injects[0].model_copy(update={"id": "late", "unless": ("users.told", "outage.end")})
    at = late.at.__class__("outage.start + 3h", tuple(
        moment.__class__("outage.start", 3 * HOUR_MS) for moment in late.at.moments[:1]
    ))  # fmt: skip
    scenario = scenario.model_copy(update={"injects": (late.model_copy(update={"at": at}),)})
    told = [text for _loc, text in plays(scenario, parse, (1,))]
    assert any(text.startswith("late fires neither without action") for text in told)


def test_a_reference_that_says_the_same_twice_within_minutes_is_found(tmp_path: Path) -> None:
    """Executives who are phoned at half past eleven are not phoned again at twelve, in the same words."""
    scenario = load_scenario("exchange-down", {"users": "60"})
    again = "{ id: again, at: executives.told + 105m, do: notify executives via=phone state=down }"
    (tmp_path / "mine.yaml").write_text(
        f"mxdrill: 1\nlike: exchange-down\nid: mine\nscenario: exchange-down\nsteps:\n  - {again}\n",
        encoding="utf-8",
    )
    mine = scenario.model_copy(update={"reference": str(tmp_path / "mine.yaml")})
    told = [text for loc, text in plays(mine, parse, (1,)) if loc == ("reference",)]
    assert len(told) == 1
    assert told[0].startswith("the reference runbook notifies executives by phone at Mon ")
    assert told[0].endswith(" before; remove one of the two")
