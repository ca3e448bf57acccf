"""Decisions are scored on what was known; what came of them stands beside it, and may be luck."""

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.organisation.shipped_files import shipped_names
from sim.drill.scenario.runbook import load_runbook
from sim.drill.scenario.scenario import Scenario
from sim.drill.scoring.objectives import verdicts_of
from sim.report.debrief import debrief
from sim.report.decisions.decision_findings import decision_findings
from sim.report.decisions.turned_out import turned_out
from sim.report.document.run_document import document
from sim.report.outcome import outcome
from tests.drills.played import Played, lasting, reference, run, scenario, shipped, steps
from tests.kept import kept

USERS = 100
ASKED = "decided-on-what-was-known"


@kept
def played(name: str, runbook: str = "reference", outage: str = "") -> Played:
    if not outage:
        return shipped(name, runbook, USERS)
    book = reference(name) if runbook == "reference" else load_runbook(runbook, parse)
    return run(lasting(name, USERS, outage), book)


def score(one: Played) -> str:
    return {verdict.id: verdict.state for verdict in verdicts_of(one.session.drill)}[ASKED]


def mx(one: Played) -> tuple[str, bool, bool]:
    """The first decision about the MX: answer, right by what was known, turned out well."""
    first = next(judged for judged in one.session.drill.room.judged if judged.about == "mx")
    return first.answer, first.sound, turned_out(one.session, first).well


@pytest.mark.parametrize("name", shipped_names("outages"))
def test_the_references_decide_rightly(name: str) -> None:
    judged = played(name).session.drill.room.judged
    assert judged
    assert [one for one in judged if not one.sound] == []


def test_if_waiting_was_best_waiting_is_right_and_a_change_is_wrong() -> None:
    waited, changed = played("gateway-back-soon"), played("gateway-back-soon", "gateway-down")
    assert (mx(waited), score(waited)) == (("no", True, True), "met")
    assert (mx(changed), score(changed)) == (("yes", False, False), "failed")


def test_the_timeline_has_the_words_by_which_decisions_are_judged() -> None:
    """The time that the vendor names, by email, and that it is back; its texts, and each monitor's emails."""
    one = played("gateway-back-soon").session
    lines = debrief(one, outcome(one)).timeline
    said = {
        inject.id: f"to the {inject.to.replace('-', ' ')}: {inject.text}" for inject in one.scenario.injects
    }
    for name in ("vendor-vague", "vendor-restored"):
        assert [line.decision for line in lines if line.text == said[name]] == [False]
    texted = [(event.source, event.text) for event in one.events() if event.kind == "sms"]
    assert [line for line in lines if (line.who, line.text) in texted]
    alerted = played("exchange-down").session
    told = [line for line in debrief(alerted, outcome(alerted)).timeline if line.who.endswith("Monitor")]
    texts = [event.text for event in alerted.events() if event.kind == "monitor"]
    assert [line.text for line in told] == texts, "the SMS of each is not told again"


def test_waiting_for_an_estimate_that_is_missed_is_right_and_turns_out_badly() -> None:
    """The vendor names one o'clock; it takes until after midnight. The decision scores as it did."""
    unlucky = played("gateway-back-soon", outage="14h")
    assert (mx(unlucky), score(unlucky)) == (("no", True, False), "met")
    assert unlucky.objectives["senders-served"] == "failed"
    assert any(
        text.startswith("Right given the information available, but it turned out badly: mx no")
        and "recovery was expected in 1 h 28 min" in text
        for text in decision_findings(unlucky.session)
    )


def test_a_change_despite_an_estimate_that_is_then_missed_is_wrong_and_turns_out_well() -> None:
    lucky = played("gateway-back-soon", "gateway-down", "14h")
    assert (mx(lucky), score(lucky)) == (("yes", False, True), "failed")
    assert any("but it turned out well: mx yes" in text for text in decision_findings(lucky.session))


def test_waiting_without_an_estimate_is_wrong_even_if_the_gateway_is_back_at_once() -> None:
    given = (
        ("outage.start + 5m", "probe mx all"),
        ("outage.start + 10m", "diagnose component=gateway failure=refuses"),
        ("outage.start + 20m", "decide mx no"),
    )
    lucky = run(scenario("gateway-down", USERS, "1h"), steps("gateway-down", *given))
    assert (mx(lucky), score(lucky)) == (("no", False, True), "failed")


def test_a_pause_in_an_outage_of_hours_is_wrong_by_what_was_known() -> None:
    name = "exchange-down"
    early = run(scenario(name, USERS), steps(name, ("outage.start + 2h", "deliveries pause inbound")))
    (one,) = early.session.drill.room.judged
    assert (one.sound, turned_out(early.session, one).well, score(early)) == (False, False, "failed")
    needed = played("m365-offline", outage="120h").session  # no vendor names a time
    pause = next(one for one in needed.drill.room.judged if one.about == "pause")
    assert (pause.sound, turned_out(needed, pause).well) == (True, True)


def test_a_run_tells_each_decision_with_both_judgements() -> None:
    rows = document(played("gateway-back-soon", outage="14h").session, "reference", 1.0)["decisions"]
    assert [(row["about"], row["answer"], row["sound"], row["turned_out_well"]) for row in rows] == [
        ("mx", "no", True, False),
        ("outbound", "no", True, False),
    ]


def test_the_judgement_is_that_of_the_moment_however_time_was_cut() -> None:
    whole = played("gateway-down").session
    forked = whole.fork(whole.now_ms)
    assert forked.drill.room.judged == whole.drill.room.judged


def test_what_is_on_its_way_does_not_wait() -> None:
    """Only access is gone, mail is taken as it comes: no message in the queue can grow old."""
    (found,) = [one for one in played("m365-access-only").session.drill.room.judged if one.about == "pause"]
    assert found.why.startswith("nothing was queued; the chance of reaching the limit of 4 d was 0 %")


def test_a_wrong_diagnosis_does_not_justify_an_mx_change_against_the_alerts() -> None:
    """The gateway says by its alerts that the tenant takes nothing; a probe may stay away for that."""
    looked = (("outage.start + 20m", "status check probe"),)
    given = (
        *looked,
        ("outage.start + 35m", "diagnose component=gateway failure=refuses"),
        ("outage.start + 40m", "approve mx emergency=yes because=now"),
        ("outage.start + 50m", "mx set server"),
    )
    led = run(scenario("m365-offline", USERS), steps("m365-offline", *given))
    assert mx(led) == ("yes", False, False)
    assert any("its own alert of Tue 10:" in text for text in decision_findings(led.session))
    right = (*looked, ("outage.start + 50m", "decide mx no"))
    left = run(scenario("m365-offline", USERS), steps("m365-offline", *right))
    assert mx(left)[:2] == ("no", True)


def outbound(one: Played) -> tuple[bool, bool, str]:
    """The change of the connector: right by what was known, turned out well, what came."""
    first = next(judged for judged in one.session.drill.room.judged if judged.about == "outbound")
    came = turned_out(one.session, first)
    return first.sound, came.well, came.text


def test_an_outbound_route_on_which_dmarc_fails_is_wrong_and_turns_out_badly() -> None:
    """The look-up says so before: SPF fail, nobody signs, p=reject."""
    book = reference("gateway-down")
    (change,) = [step for step in book.steps if step.id == "connector"]
    direct = change.model_copy(update={"do": "connector set outbound direct"})
    others = [step for step in book.steps if step.id != "readiness"]
    wrong = book.model_copy(update={"steps": tuple(direct if one is change else one for one in book.steps)})
    blind = book.model_copy(update={"steps": tuple(others)})
    right = played("gateway-down")
    assert outbound(right)[:2] == (True, True)
    assert "0 were permanently rejected" in outbound(right)[2]
    led = run(scenario("gateway-down", USERS), wrong)
    sound, well, came = outbound(led)
    assert (sound, well, score(led)) == (False, False, "failed")
    refused = led.outcome.outbound.rejected
    assert refused > 100
    assert f"{refused:,} were permanently rejected" in came
    unseen = run(scenario("gateway-down", USERS), blind)
    assert outbound(unseen)[:2] == (False, True), "luck"


@pytest.mark.parametrize(
    ("scenario_name", "runbook"),
    [
        ("gateway-down", "gateway-down-mx-before-unlock"),
        ("gateway-down-m365", "gateway-down-m365-mx-before-unlock"),
        ("gateway-down-m365-rule", "gateway-down-m365-rule-mx-before-unlock"),
    ],
)
def test_a_change_of_the_mx_that_loses_more_than_it_brings_has_not_turned_out_well(
    scenario_name: str, runbook: str
) -> None:
    """What the backup takes and the server then refuses, or puts aside, has not come."""
    assert mx(played(scenario_name)) == ("yes", True, True)
    assert mx(played(scenario_name, runbook)) == ("yes", True, False)


def test_a_lock_opened_soon_after_the_mx_was_changed_does_not_make_good_what_was_refused() -> None:
    """Far more comes than was refused in that time, which would have waited with its senders."""
    given = (
        ("outage.start + 10m", "diagnose component=gateway failure=refuses"),
        ("outage.start + 11m", "approve mx emergency=yes because=now"),
        ("outage.start + 12m", "approve exposure emergency=yes because=now"),
        ("outage.start + 13m", "backup set recipients=on"),
        ("outage.start + 25m", "mx set backup"),
        ("outage.start + 2h", "lock open backup"),
    )
    one = run(scenario("gateway-down", USERS), steps("gateway-down", *given))
    first = next(judged for judged in one.session.drill.room.judged if judged.about == "mx")
    came = turned_out(one.session, first)
    by_route, _, refused = came.text.partition("; ")[2].partition(", ")
    counts = [int(part.split()[0].replace(",", "")) for part in (by_route, refused)]
    assert counts[0] > 2 * counts[1] > 0, came.text
    assert not came.well


@pytest.mark.parametrize(("lasts", "well"), [("15m", False), ("16h", True)])
def test_an_event_that_is_over_at_once_has_not_turned_out_well(lasts: str, well: bool) -> None:
    start = ("outage.start + 12m", f"continuity start for={lasts}")
    one = run(scenario("exchange-down", USERS), steps("exchange-down", start))
    (judged,) = (one for one in one.session.drill.room.judged if one.about == "continuity")
    came = turned_out(one.session, judged)
    assert (judged.sound, came.well) == (True, well)
    assert came.text.startswith("it was needed for ")
    assert came.text.endswith(" and an event was in force for only 15 min of that") != well


@pytest.mark.parametrize(
    ("access", "says"), [("lost", "it was needed"), ("kept", "every user had a mailbox")]
)
def test_an_event_was_needed_only_where_somebody_was_without_a_mailbox(access: str, says: str) -> None:
    """A server that answers 4xx may leave people their mailboxes: then the event shows them what waits."""
    raw = scenario("exchange-down", 20, "2h").content()
    raw["timeline"][0] |= {"fault": "mail-server answers 4xx", "reply": "454 4.7.5 expired", "access": access}
    start = steps("exchange-down", ("outage.start + 12m", "continuity start for=16h"))
    one = run(Scenario.model_validate(raw), start)
    (judged,) = (one for one in one.session.drill.room.judged if one.about == "continuity")
    assert turned_out(one.session, judged).text.startswith(says)


def test_a_command_for_an_event_of_a_second_says_what_the_console_takes() -> None:
    one = run(
        scenario("exchange-down", USERS),
        steps("exchange-down", ("outage.start + 12m", "continuity start for=1s")),
    )
    (text,) = (text for text in one.said("refused") if "continuity" in text)
    assert text.endswith(": 1 s is too short for an event; write for=15m or more, and end the event by hand")
    assert "continuity.active" not in one.milestones


def test_what_the_way_back_refuses_is_its_own_and_not_that_of_the_change() -> None:
    """The lock closes while some still follow the old record: what the change of the MX brought stands."""
    one = played("gateway-down", "gateway-down-all-at-once").session
    judged = {each.about: turned_out(one, each) for each in one.drill.room.judged}
    assert (judged["mx"].well, judged["mx back"].well) == (True, False)
    assert ", 0 were permanently rejected" in judged["mx"].text
    refused = one.drill.world.custody()["inbound"]["rejected"]
    assert (
        f"{refused:,} messages that still used the other route were permanently rejected"
        in judged["mx back"].text
    )
    well = played("gateway-down").session
    assert [turned_out(well, each).well for each in well.drill.room.judged if each.about == "mx back"] == [
        True
    ]
