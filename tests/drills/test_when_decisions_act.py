"""A decision is judged once, when it acts; its result does not contradict the objectives."""

import pytest

from sim.drill.room.decisions import Judged
from sim.drill.scoring.decision_reviews import counted
from sim.drill.scoring.objectives import verdicts_of
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.decisions.decision_findings import decision_findings
from sim.report.decisions.turned_out import decision_rows
from tests.drills.played import reference, run, scenario, shipped, steps

USERS = 100


def judged(t_ms: int, about: str, answer: str, *, deed: bool, sound: bool) -> Judged:
    return Judged(t_ms, about, answer, f"{about} {answer}", deed, sound, "why")  # type: ignore[arg-type]


WRITTEN = judged(1, "mx", "yes", deed=False, sound=False)
DEED = judged(2, "mx", "yes", deed=True, sound=True)
BACK = judged(3, "mx back", "yes", deed=True, sound=True)
NO = judged(4, "mx", "no", deed=False, sound=True)


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        ((WRITTEN, DEED), [DEED]),
        ((DEED, WRITTEN), [DEED]),
        ((WRITTEN,), [WRITTEN]),
        ((WRITTEN, NO, DEED), [WRITTEN, NO, DEED]),
        ((DEED, BACK, WRITTEN), [DEED, BACK, WRITTEN]),
        ((NO, WRITTEN, DEED), [NO, DEED]),
    ],
)
def test_a_record_and_the_deed_that_carries_it_out_are_one_decision(
    given: tuple[Judged, ...], counts: list[Judged]
) -> None:
    assert list(counted(given)) == counts


MORNING_MS = 79_000_000
"""Before the reference probes the hosts for the failback."""


def test_probe_probe_and_change_in_a_row_is_judged_when_the_change_acts() -> None:
    """The probes return after the change is typed, and before it acts."""
    session = Session(scenario("gateway-down", USERS), 1, None)
    play(session, reference("gateway-down"), MORNING_MS)
    for text in ("probe mx gateway-1", "probe mx gateway-2", "mx set gateway ttl=3600"):
        session.dispatch(text)
    typed_ms = session.now_ms
    session.advance(typed_ms + 2 * HOUR_MS)
    back = next(one for one in session.drill.room.judged if one.about == "mx back")
    assert back.sound, back.why
    assert back.t_ms > typed_ms


def test_time_that_passes_while_a_change_propagates_does_not_make_it_right() -> None:
    """The named time, one o'clock, passes between the submission and the effect."""
    changed = shipped("gateway-back-soon", "gateway-down", USERS)
    (deed,) = [one for one in changed.session.drill.room.judged if one.about == "mx" and one.deed]
    assert not deed.sound
    assert deed.why.startswith("recovery was expected in")


def test_one_decision_has_one_judgement_in_the_debrief_and_in_the_document() -> None:
    session = shipped("gateway-down", "reference", USERS).session
    rows = [row for row in decision_rows(session) if row.about == "mx"]
    assert [(row.command.split()[0], row.counted) for row in rows] == [("decide", False), ("mx", True)]
    assert len([line for line in decision_findings(session) if ": mx yes" in line]) == 1


def test_what_failed_an_objective_has_not_turned_out_well() -> None:
    """The lock is closed soon after the failback: few messages are rejected, and none may be."""
    book, early = reference("gateway-down"), steps("gateway-down", ("mx.restored + 20m", "lock close"))
    both = book.model_copy(update={"steps": (*book.steps, *early.steps)})
    one = run(scenario("gateway-down", USERS), both)
    row = next(row for row in decision_rows(one.session) if row.about == "mx back")
    (lost,) = [verdict for verdict in verdicts_of(one.session.drill) if verdict.id == "no-own-goals"]
    assert lost.state == "failed"
    assert "lock closed at" in lost.cause
    assert "while some senders still used the old MX" in lost.cause
    assert row.turned_out_well is False
    assert row.came.endswith("for which `no-own-goals` failed")


READY_FOR_A_ROUTE = (
    ("outage.start + 5m", "diagnose component=gateway failure=refuses"),
    ("outage.start + 6m", "probe mx all"),
    ("outage.start + 20m", "approve outbound"),
    ("outage.start + 21m", "readiness show"),
)


def test_each_outbound_route_answers_for_the_mail_that_took_it() -> None:
    """Mail that left directly was rejected and junked; the secondary gateway, set later, lost none."""
    given = (
        *READY_FOR_A_ROUTE,
        ("outage.start + 1h10m", "connector set outbound direct"),
        ("outage.start + 1h30m", "connector set outbound secondary"),
    )
    one = run(scenario("gateway-down", USERS), steps("gateway-down", *given))
    direct, secondary = [row for row in decision_rows(one.session) if row.about == "outbound"]
    book = one.session.drill.world.custody()["outbound"]
    assert book["rejected"] > 0
    assert book["junked"] > 0
    assert direct.turned_out_well is False
    assert f"{book['rejected']:,} were permanently rejected, {book['junked']:,} were junked" in direct.came
    assert secondary.turned_out_well is True
    assert secondary.came.endswith(" messages left over the other route, 0 were permanently rejected")


def test_a_route_that_no_mail_took_has_not_turned_out_well() -> None:
    """It was replaced before a queued message had its next attempt."""
    given = (
        *READY_FOR_A_ROUTE,
        ("outage.start + 65m", "connector set outbound direct"),
        ("outage.start + 65m", "connector set outbound secondary"),
    )
    one = run(scenario("gateway-down", USERS), steps("gateway-down", *given))
    direct, secondary = [row for row in decision_rows(one.session) if row.about == "outbound"]
    assert direct.came.endswith("; no mail left over this route")
    assert (direct.turned_out_well, secondary.turned_out_well) == (False, True)


def test_each_change_of_the_mx_answers_for_the_mail_until_the_next_one() -> None:
    given = (
        ("outage.start + 5m", "diagnose component=gateway failure=refuses"),
        ("outage.start + 20m", "approve mx emergency=yes because=no time"),
        ("outage.start + 25m", "approve exposure emergency=yes because=no time"),
        ("outage.start + 40m", "lock open backup"),
        ("outage.start + 1h", "mx set backup ttl=300"),
        ("outage.start + 4h", "mx set gateway ttl=300"),
        ("outage.start + 7h", "mx set backup ttl=300"),
    )
    one = run(scenario("gateway-down", USERS), steps("gateway-down", *given))
    first, again = [row for row in decision_rows(one.session) if (row.about, row.answer) == ("mx", "yes")]
    came = [int(row.came.split("; ")[1].split()[0].replace(",", "")) for row in (first, again)]
    session = one.session
    whole = session.drill.world.relay.entered.between(0, session.scenario.outage_end_ms)
    assert 0 < came[0] < whole
    assert sum(came) == whole


def test_a_decision_recorded_after_the_change_counts_the_mail_from_then_on() -> None:
    """It was told that some -13,306 messages had arrived over the other route."""
    given = (
        ("outage.start + 5m", "diagnose component=gateway failure=refuses"),
        ("outage.start + 20m", "approve mx emergency=yes because=no time"),
        ("outage.start + 25m", "approve exposure emergency=yes because=no time"),
        ("outage.start + 40m", "lock open backup"),
        ("outage.start + 1h", "mx set backup ttl=300"),
        ("outage.start + 4h", "decide mx yes"),
    )
    one = run(scenario("gateway-down", USERS), steps("gateway-down", *given))
    session = one.session
    rows = [row for row in decision_rows(session) if (row.about, row.answer) == ("mx", "yes")]
    deed, record = (int(row.came.split("; ")[1].split()[0].replace(",", "")) for row in rows)
    recorded_ms = session.scenario.outage_start_ms + 4 * HOUR_MS + 2 * MINUTE_MS
    after = session.drill.world.relay.entered.between(recorded_ms, session.scenario.outage_end_ms)
    assert 0 < record < deed
    assert abs(record - after) <= 1


def test_a_command_that_failed_was_tried_and_not_carried_out() -> None:
    """An event that is started on a dead console."""
    given = ("outage.start + 10m", "continuity start for=8h")
    one = run(scenario("gateway-down", USERS), steps("gateway-down", given))
    assert [row.named for row in decision_rows(one.session)] == [
        "Attempted: continuity start (continuity yes)"
    ]


def test_a_missed_deadline_names_what_was_tried_and_when() -> None:
    given = [(f"outage.start + {minute}m", "continuity test") for minute in (60, 66, 90)]
    start = ("outage.start + 50m", "continuity start group=all for=8h")
    one = run(scenario("m365-offline", USERS), steps("m365-offline", start, *given))
    causes = {verdict.id: verdict.cause for verdict in verdicts_of(one.session.drill)}
    tried = "tried at Tue 11:10 and Tue 11:20 without success"
    assert causes["continuity-verified"] == f"too late: due by Tue 11:15, {tried}, never reached"
    assert causes["users-told"].endswith("due by Tue 10:45, never reached")
    assert "none to users from Tue 10:07 to" in causes["nobody-left-waiting"]
