"""A scenario as a list: kinds, seats, contingencies, and times that are known without plays."""

from sim.drill.session.load import load_scenario
from sim.table.msel.of_scenario import CONTINGENCY, EXPECTED, FAULT, INJECT, rows_of
from tests.plays import small
from tests.scenario_files import with_injects


def test_an_action_names_the_contingency_that_comes_without_it() -> None:
    scenario = with_injects(
        small(),
        nudge={"when": "not users.told by alert.first + 40m and queue > 5"},
        other={"when": "queue > 50"},
        fixed={"at": "outage.start + 5m"},
    )
    rows = {row.id or row.milestone: row for row in rows_of(scenario)}
    assert rows["nudge"].kind == CONTINGENCY
    assert (rows["other"].kind, rows["fixed"].kind) == (INJECT, INJECT)
    assert rows["users.told"].contingency == rows["nudge"].number
    assert rows["executives.told"].contingency == ""
    assert (rows["other"].time, rows["other"].trigger) == ("", "queue > 50")
    assert (rows["fixed"].time, rows["fixed"].elapsed) == ("2026-03-02 09:17", "T+1h17m")
    numbers = [int(row.number) for row in rows_of(scenario)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_each_row_is_for_the_seat_that_gets_it_or_does_it() -> None:
    rows = rows_of(load_scenario("gateway-down", {"users": "20"}))
    to = {row.milestone: row.to for row in rows if row.kind == EXPECTED}
    assert (to["users.told"], to["mx.decided"], to["mx.restored"]) == ("comms", "lead", "dns")
    assert {row.to for row in rows if row.kind == INJECT} <= {
        "messaging",
        "helpdesk",
        "lead",
        "comms",
        "server",
    }
    assert [row.to for row in rows if row.kind == FAULT] == [""]
