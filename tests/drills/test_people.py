"""The people's rows of the outages, played the right way and the wrong way: the figures differ."""

from functools import cache

import pytest

from sim.drill.scenario.runbook import Runbook
from sim.drill.scenario.scenario import Scenario
from sim.drill.scoring.objectives import verdicts_of
from sim.drill.session.load import load_scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.conductor import FOREVER_MS
from sim.kernel.duration import HOUR_MS
from sim.report.findings.people_findings import people_findings
from sim.report.outcome import outcome
from tests.drills.played import run, steps

USERS = "60"


@cache
def scenario(name: str, outage: str) -> Scenario:
    return load_scenario(name, {"users": USERS, "outage": outage})


def played(
    name: str, outage: str, *steps: tuple[str, str], seed: int = 1, hours: float | None = None
) -> Session:
    """Commands at their anchors, to the end of the drill, or so many hours after the onset."""
    rows = [{"id": f"s{n}", "at": at, "do": do} for n, (at, do) in enumerate(steps)]
    book = Runbook.model_validate({"mxdrill": 1, "id": "r", "scenario": name, "steps": rows})
    one = scenario(name, outage)
    session = Session(one, seed, None)
    play(session, book, FOREVER_MS if hours is None else one.outage_start_ms + int(hours * HOUR_MS))
    assert session.complete or hours is not None
    return session


def said(session: Session, verb: str) -> list[str]:
    return [event.text for event in session.events() if event.kind == "done" and event.ref.startswith(verb)]


def state(session: Session, objective: str) -> str:
    return next(one.state for one in verdicts_of(session.drill) if one.id == objective)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_announcing_over_dead_mail_spares_nobody(seed: int) -> None:
    start = ("outage.start + 15m", "continuity start for=12h via=console")
    sms = played(
        "exchange-down", "8h", start, ("outage.start + 20m", "notify users via=sms state=down"), seed=seed
    )
    mail = played(
        "exchange-down", "8h", start, ("outage.start + 18m", "notify users via=email state=down"), seed=seed
    )
    nobody = played("exchange-down", "8h", start, seed=seed)
    assert outcome(sms).people.user_hours_without_mail < 0.7 * outcome(mail).people.user_hours_without_mail
    assert outcome(sms).people.calls < outcome(mail).people.calls
    assert outcome(mail).people.user_hours_without_mail <= outcome(nobody).people.user_hours_without_mail
    assert outcome(mail).people.calls >= 0.8 * outcome(nobody).people.calls


def test_internal_email_works_when_only_the_gateway_is_down_and_mail_to_partners_does_not() -> None:
    session = played(
        "gateway-down",
        "6h",
        ("outage.start + 20m", "notify users via=email state=down"),
        ("outage.start + 30m", "notify executives via=email state=down"),
        ("outage.start + 40m", "notify partners via=email state=down"),
        ("outage.start + 50m", "notify partners via=phone state=down"),
        hours=3,
    )
    users, executives, mailed, phoned = said(session, "notify")
    assert users == "users notified by email; no read receipts"
    assert executives == "executives notified by email; no read receipts"
    assert mailed == "partners notified by email; no read receipts", "it waits, unknown to all"
    assert [one.reached for one in session.snapshot().room.said] == [None, None, None, 1]
    told_ms = [session.drill.milestones[f"{who}.told"] for who in ("executives", "partners")]
    assert told_ms[1] - told_ms[0] > 15 * 60_000, "by the call, not by the mail"
    assert phoned == "partners notified by phone"
    wasted, *phoned_us = people_findings(session)
    assert all(" phoned " in text for text in phoned_us)
    assert wasted == "1 of 4 updates reached no one: partners by email."


@pytest.mark.parametrize("kept", [True, False])
def test_a_promised_update_is_sent_or_fails_its_objective(kept: bool) -> None:
    first = ("outage.start + 20m", "notify users via=sms cause=mail-server next=1h")
    second = ("outage.start + 75m", "notify users via=sms state=down")
    session = played("exchange-down", "4h", first, *([second] if kept else []))
    assert state(session, "words-kept") == ("met" if kept else "failed")
    assert people_findings(session)[0].startswith(f"{int(kept)} of 1 promised updates were sent on time")


def test_who_promises_nothing_is_judged_by_what_was_said() -> None:
    def judged(*words: tuple[str, str]) -> str:
        return state(played("exchange-down", "4h", *words), "words-kept")

    true = ("outage.start + 20m", "notify users via=sms cause=mail-server")
    assert judged() == "open", "silence keeps no word"
    assert judged(true) == "met"
    assert judged(true, ("outage.start + 30m", "notify executives via=phone cause=gateway")) == "failed"


def test_a_word_that_says_nothing_is_not_given_and_back_tells_of_no_outage() -> None:
    def told(word: str) -> list[str]:
        session = played("exchange-down", "4h", ("outage.start + 20m", word))
        return [name for name in session.drill.milestones if name.endswith(".told")]

    assert told("notify users via=phone") == []
    assert told("notify users via=phone state=back") == []
    assert told("notify executives via=phone state=back") == []
    assert told("notify users via=phone state=down") == ["users.told"]
    assert told("notify executives via=phone text=The server is down.") == ["executives.told"]


@pytest.mark.parametrize(("users", "told"), [(100, True), (101, False)])
def test_a_thousand_people_are_not_phoned(users: int, told: bool) -> None:
    book = steps("exchange-down", ("outage.start + 20m", "notify users via=phone state=down"))
    one = run(load_scenario("exchange-down", {"users": str(users), "outage": "2h"}), book)
    assert ("users.told" in one.milestones) is told
    assert (
        any("101 people cannot all be phoned (at most 100); write via=sms" in t for t in one.said("refused"))
        != told
    )


@pytest.mark.parametrize(
    ("claim", "falsehoods"),
    [
        ("cause=gateway until=8h", 0),
        ("cause=unknown", 0),
        ("cause=mail-server", 1),
        ("cause=gateway until=2h", 1),
        ("state=back", 1),
    ],
)
def test_false_statements_are_found_afterwards(claim: str, falsehoods: int) -> None:
    said = ("outage.start + 30m", f"notify users via=sms {claim}")
    session = played("gateway-down", "6h", said, hours=9)
    assert sum("False statement" in line for line in people_findings(session)) == falsehoods


def _not_true(name: str, *given: tuple[str, str]) -> list[str]:
    """What was not true of what was said, where nobody reports it back."""
    whole = scenario(name, "4h")
    silent = tuple(inject for inject in whole.injects if inject.marks != "server.reported-back")
    session = Session(whole.model_copy(update={"injects": silent}), 1, None)
    play(session, steps(name, *given))
    return [
        line.partition(": ")[2] for line in people_findings(session) if line.startswith("False statement")
    ]


@pytest.mark.parametrize("name", ["exchange-down", "gateway-down"])
def test_after_a_successful_check_reporting_recovery_is_true_and_reporting_an_outage_is_false(
    name: str,
) -> None:
    probe, early = ("outage.end + 1m", "status check probe"), ("outage.start + 3h", "status check probe")
    back, down = (("outage.end + 12m", f"notify users via=sms state={state}") for state in ("back", "down"))
    assert _not_true(name, probe, back) == []
    assert _not_true(name, probe, down) == [
        "it reported email down after a check had shown that email worked."
    ]
    assert _not_true(name, early, down) == [], "nobody could know better"
    assert _not_true(name, early, back) == ["it reported email back before a check or report had shown this."]


def test_pilot_users_show_that_people_can_sign_in_again_but_a_probe_does_not() -> None:
    sign_in = ("outage.start + 9m", "signin break-glass")
    event = ("outage.start + 26m", "continuity start group=all for=8h via=console")
    probe, pilots = ("outage.end + 1m", "status check probe"), ("outage.end + 1m", "continuity test")
    back = ("outage.end + 12m", "notify users via=sms state=back")
    guess = ["it reported email back before a check or report had shown this."]
    assert _not_true("m365-access-only", sign_in, event, probe, back) == guess
    assert _not_true("m365-access-only", sign_in, event, pilots, back) == []


def test_an_mx_change_needs_approval_or_a_recorded_emergency() -> None:
    change = ("outage.start + 70m", "mx set backup ttl=300")
    refused = played("gateway-down", "6h", change, hours=3)
    assert "mx.approved" not in refused.drill.milestones
    assert [e.kind for e in refused.events() if e.ref.startswith("mx set")] == ["refused"]
    asked = played(
        "gateway-down", "6h",
        ("outage.start + 17m", "diagnose component=gateway failure=refuses"),
        ("outage.start + 20m", "approve mx because=no estimate"),
        ("mx.approved + 1m", "mx set backup ttl=300"),
        hours=3,
    )  # fmt: skip
    assert len(said(asked, "mx set")) == 1
    assert not any("Done without approval" in line for line in people_findings(asked))
    alone = played(
        "gateway-down", "6h",
        ("outage.start + 20m", "approve mx emergency=yes because=nobody answers"),
        ("mx.approved + 1m", "mx set backup ttl=300"),
        hours=3,
    )  # fmt: skip
    assert len(said(alone, "mx set")) == 1
    assert any("Done without approval at Wed 11:05: mx" in line for line in people_findings(alone))


def test_a_forgotten_opening_fails_its_objective() -> None:
    there = (
        ("outage.start + 20m", "approve mx emergency=yes"),
        ("outage.start + 30m", "mx set backup ttl=3600"),
    )
    back = (
        ("server.reported-back + 1h", "mx set gateway ttl=3600"),
        ("server.reported-back + 2h", "openings prove backup-mx"),
    )
    left = played("gateway-down", "6h", *there)
    assert state(left, "openings-closed") == "failed"
    assert any("backup-mx, still open" in line for line in people_findings(left))
    closed = played("gateway-down", "6h", *there, *back)
    assert state(closed, "openings-closed") == "met"
    assert "openings.closed" in closed.drill.milestones
    unproven = played("gateway-down", "6h", *there, back[0])
    assert state(unproven, "openings-closed") == "failed"
    assert any("closed, but not proven closed by a test" in line for line in people_findings(unproven))


def test_a_diagnosis_from_the_green_page_is_wrong_and_one_from_the_probe_is_right() -> None:
    page = played(
        "gateway-down",
        "6h",
        ("outage.start + 20m", "diagnose component=mail-server failure=refuses"),
        hours=3,
    )
    probe = played(
        "gateway-down", "6h",
        ("outage.start + 10m", "status check probe"),
        ("outage.start + 22m", "diagnose component=gateway failure=refuses"),
    )  # fmt: skip
    assert state(page, "diagnosis-correct") == "failed"
    assert state(probe, "diagnosis-correct") == "met"
    (found,) = [e.text for e in probe.events() if e.kind == "report"]
    assert "mx-a.gateway.example: connection refused; mx-b.gateway.example: connection refused" in found
