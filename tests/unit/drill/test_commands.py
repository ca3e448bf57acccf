"""Every command: when it is refused and why, whom it occupies for how long, and what it does."""

import re
from typing import get_args

import pytest

from sim.drill.commands.command import Command
from sim.drill.commands.command_facts import Where
from sim.drill.commands.dns.mta_sts import MtaStsId
from sim.drill.commands.outcome import Accepted, Refused
from sim.drill.commands.registry import COMMANDS
from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS
from sim.mail.message.traffic import real_number
from tests.given import accepted, done, refused
from tests.plays import LETTER, ONSET_MS, play

UP_MS = ONSET_MS + 2 * HOUR_MS


@pytest.mark.parametrize("kind", COMMANDS)
def test_every_command_is_somebodys_and_somewhere(kind: type) -> None:
    assert kind.facts.where in get_args(Where)
    assert kind.facts.role in {
        "messaging-admin",
        "incident-lead",
        "helpdesk",
        "communications",
        "server-team",
    }


@pytest.mark.parametrize("kind", COMMANDS)
def test_what_depends_on_the_arguments_is_told_in_the_help_and_the_reference(kind: type[Command]) -> None:
    """`status check peers` is anyone's, and once was the messaging admin's on the page."""
    facts = kind.facts
    assert bool(facts.anyone_for) == ("by_anyone" in vars(kind))
    assert bool(facts.elsewhere) == ("where" in vars(kind))
    if facts.anyone_for:
        assert (facts.anyone_for in facts.given_by, "anyone" in facts.given_by) == (True, True)
    assert facts.elsewhere in facts.given_at


@pytest.mark.parametrize("kind", [kind for kind in COMMANDS if kind.facts.result == "done"])
def test_a_command_that_changes_something_says_how_it_is_undone(kind: type[Command]) -> None:
    assert kind.facts.undo != "not needed" or kind is MtaStsId, "every id makes senders fetch the policy"


def test_one_person_does_one_thing_at_a_time_in_the_order_given() -> None:
    session = play("2h", [], ONSET_MS)
    first, second = accepted(session, "deliveries pause inbound"), accepted(session, "status check server")
    other = accepted(session, "notify users via=sms state=down")
    assert (first.starts_ms, first.effective_ms) == (ONSET_MS, ONSET_MS + 3 * MINUTE_MS)
    assert (second.starts_ms, second.effective_ms) == (first.effective_ms, first.effective_ms + 4 * MINUTE_MS)
    assert other.starts_ms == ONSET_MS
    assert other.by != first.by
    busy = {person.name: person.doing for person in session.snapshot().people if person.doing}
    assert set(busy) == {first.by, other.by}
    assert busy[first.by] == "deliveries pause inbound"
    session.advance(first.effective_ms)
    assert {p.name: p.doing for p in session.snapshot().people}[first.by] == "status check server"


def test_the_journal_of_what_is_done_shows_command_and_effect() -> None:
    session = play("2h", [], ONSET_MS + MINUTE_MS)
    answer = accepted(session, "deliveries pause inbound")
    session.advance(answer.effective_ms + 1)
    kinds = [(e.kind, e.t_ms) for e in session.events() if e.ref == "deliveries pause inbound"]
    assert kinds == [("command", ONSET_MS + MINUTE_MS), ("done", answer.effective_ms)]


def test_what_can_no_longer_be_done_when_its_turn_comes_fails_with_a_reason() -> None:
    session = play("2h", [], ONSET_MS)
    accepted(session, "deliveries pause inbound")
    second = accepted(session, "deliveries pause inbound")
    session.advance(second.effective_ms + 1)
    failed = [event for event in session.events() if event.kind == "failed"]
    assert [event.t_ms for event in failed] == [second.effective_ms]
    assert "already paused" in failed[0].text


def test_pause_holds_and_resume_offers_everything() -> None:
    session = play("2h", [(ONSET_MS, "deliveries pause inbound")], ONSET_MS + HOUR_MS)
    attempts = session.drill.world.attempts()["inbound"]
    assert session.snapshot().queue.paused
    assert "already paused" in refused(session, "deliveries pause inbound")
    assert "are paused; `deliveries resume inbound`" in refused(session, "queue retry inbound")
    session.advance(UP_MS + HOUR_MS)
    waiting = session.snapshot().queue.depth
    assert waiting > 100
    assert session.drill.world.attempts()["inbound"] == attempts, "paused mail makes no attempts"
    assert done(session, "deliveries resume inbound").startswith("inbound deliveries resumed, ")
    session.advance(session.now_ms + 2 * MINUTE_MS)
    assert session.snapshot().queue.depth < 5, "20 messages a second"
    assert "are not paused" in refused(session, "deliveries resume inbound")


def test_retry_tells_what_came_of_it() -> None:
    session = play("2h", [], ONSET_MS + HOUR_MS)
    depth = session.snapshot().queue.depth
    text = done(session, "queue retry inbound")
    colleagues = "mail between colleagues included"
    found = re.fullmatch(
        rf"retry forced for ([\d,]+) messages, {colleagues}: connection refused at Mon 10:17", text
    )
    assert found
    assert int(found.group(1)) > depth - 5
    assert session.snapshot().queue.depth >= depth
    session.advance(UP_MS + MINUTE_MS)
    assert done(session, "queue retry inbound").endswith(f"{colleagues}; the server is accepting mail")
    session.advance(session.now_ms + MINUTE_MS)
    assert session.snapshot().queue.depth < 5


def test_retention_grows_from_arrival_after_a_case_of_one_to_four_hours() -> None:
    session = play("2h", [], ONSET_MS)
    assert session.snapshot().queue.retention_ms == 96 * HOUR_MS
    assert refused(session, "queue extend inbound 96h") == "retention is already 4 d; ask for a longer one"
    assert "ask for at most 60d" in refused(session, "queue extend inbound 61d")
    answer = accepted(session, "queue extend inbound 8d")
    case_ms = answer.effective_ms - ONSET_MS - 15 * MINUTE_MS
    assert HOUR_MS <= case_ms <= 4 * HOUR_MS
    session.advance(answer.effective_ms)
    assert session.snapshot().queue.retention_ms == 96 * HOUR_MS
    session.advance(answer.effective_ms + 1)
    assert session.snapshot().queue.retention_ms == 8 * DAY_MS


def test_an_event_starts_grows_ends_and_lapses() -> None:
    session = play("2h", [], ONSET_MS)
    for text in ("continuity extend 1h", "continuity end"):
        assert refused(session, text).startswith("no continuity event is in force")
    assert "longer than 14 d" in refused(session, "continuity start for=15d")
    assert "no alert with a valid link" in refused(session, "continuity start via=sms")
    assert done(session, "continuity show") == "no continuity event is in force"
    started = accepted(session, "continuity start for=1h")
    session.advance(started.effective_ms)
    assert not session.snapshot().continuity.active
    session.advance(started.effective_ms + 4 * MINUTE_MS)
    view = session.snapshot().continuity
    assert (view.active, view.started_ms, view.ends_ms) == (
        True,
        started.effective_ms,
        started.effective_ms + HOUR_MS,
    )
    assert 5 <= view.users_in <= 19, "classic Outlook has switched over, nobody else has been told"
    assert "more than 14 d" in refused(session, "continuity extend 14d")
    done(session, "continuity extend 30m")
    assert session.snapshot().continuity.ends_ms == started.effective_ms + 90 * MINUTE_MS
    lapse_ms = started.effective_ms + 90 * MINUTE_MS
    session.advance(lapse_ms)
    assert session.snapshot().continuity.active is False
    session.advance(lapse_ms + 1)
    assert session.events()[-1].text == "the continuity event has lapsed"
    assert session.drill.milestones["continuity.ended"] == lapse_ms
    done(session, "continuity start")
    assert done(session, "continuity end") == "continuity event ended"
    assert session.snapshot().continuity.users_in == 0
    session.advance(UP_MS)
    assert sum(event.text == "the continuity event has lapsed" for event in session.events()) == 1


def test_the_link_of_an_alert_works_for_a_day() -> None:
    session = play("40h", [], ONSET_MS + HOUR_MS)
    link = next(alert.link_valid_until_ms for alert in session.snapshot().alerts if alert.link_valid_until_ms)
    came_ms = [e.t_ms for e in session.events() if (e.kind, e.source) == ("sms", "Continuity Monitor")]
    assert link == came_ms[-1] + 24 * HOUR_MS
    done(session, "alerts ack")
    session.advance(link - 1)
    assert isinstance(session.fork(link - 1).dispatch("continuity start via=sms"), Accepted)
    session.advance(link)
    assert "no alert with a valid link" in refused(session, "continuity start via=sms")


def test_alerts_are_acknowledged_once_somebody_has_got_one() -> None:
    session = play("2h", [], ONSET_MS)
    assert refused(session, "alerts ack").startswith("there is no open alert")
    while not any(event.kind == "monitor" for event in session.events()):
        session.advance(session.now_ms + 1000)
    assert "alert.first" not in session.drill.milestones, "the SMS takes longer than a second"
    assert refused(session, "alerts ack").endswith(
        "once its SMS has arrived, seconds to minutes after the alert"
    )
    while "alert.first" not in session.drill.milestones:
        session.advance(session.now_ms + MINUTE_MS)
    assert done(session, "alerts ack").endswith("acknowledged")
    monitors = [event.source for event in session.events() if event.kind == "monitor"]
    session.advance(UP_MS)
    after = [e for e in session.events() if e.kind == "monitor" and e.source in monitors]
    assert len(after) == len(monitors), "an acknowledged alert is not repeated"


def test_unacknowledged_alerts_are_repeated() -> None:
    session = play("2h", [], UP_MS)
    assert sum(event.kind == "sms" for event in session.events()) > 2


def test_a_look_tells_what_there_is_to_see() -> None:
    session = play("4h", [], HOUR_MS)
    assert done(session, "status check gateway").endswith("last error: no failed attempt")
    assert (
        done(session, "status check server") == "mail server: answers on port 25, a test message went through"
    )
    assert done(session, "status check gateway-vendor") == (
        "the gateway's vendor, public page: green, all services operational"
    )
    session.advance(ONSET_MS + 10 * MINUTE_MS)
    assert "no estimate yet" in done(session, "status check server")
    assert "connection refused at Mon 09:" in done(session, "status check gateway")
    session.advance(ONSET_MS + 121 * MINUTE_MS)
    said = done(session, "status check server")
    assert re.search(
        r"the server team's estimate of Mon 1[01]:\d\d: back at about Mon 1\d:\d\d, by ",
        said,
    )


@pytest.mark.parametrize(
    ("text", "says", "milestone"),
    [
        (
            "notify users via=sms state=down",
            r"users notified by sms: the update reaches 1\d of 20",
            "users.told",
        ),
        (
            "notify users via=email state=down",
            "users not notified: the message stays in the Outbox because your own mail client cannot connect",
            "",
        ),
        ("notify executives via=phone state=down", "executives notified by phone", "executives.told"),
        (
            "notify executives via=email state=down",
            "executives not notified: the message stays in the Outbox because your own mail client cannot "
            "connect",
            "",
        ),
        ("notify partners via=phone state=down", "partners notified by phone", "partners.told"),
        (
            "notify partners via=email state=down",
            "partners not notified: the message stays in the Outbox because your own mail client cannot "
            "connect",
            "",
        ),
    ],
)
def test_telling_people_works_over_what_works(text: str, says: str, milestone: str) -> None:
    session = play("2h", [], ONSET_MS + 20 * MINUTE_MS)
    before = set(session.drill.milestones)
    assert re.fullmatch(says, done(session, text))
    assert set(session.drill.milestones) - before == ({milestone} if milestone else set())


def test_a_note_is_kept_and_decides_nothing() -> None:
    session = play("2h", [], ONSET_MS)
    answer = accepted(session, "note no need to pause")
    assert (answer.effective_ms, answer.text) == (ONSET_MS, "no need to pause")
    assert "pause.decided" not in session.drill.milestones


@pytest.mark.parametrize(
    ("text", "milestone"),
    [
        ("decide pause no", "pause.decided"),
        ("notify executives via=phone state=down", "executives.told"),
        ("notify users via=phone state=down", "users.told"),
        ("diagnose component=mail-server failure=refuses", "diagnosis.stated"),
    ],
)
def test_what_is_said_or_decided_before_the_outage_does_not_count_for_it(text: str, milestone: str) -> None:
    session = play("2h", [], ONSET_MS - 30 * MINUTE_MS)
    done(session, text)
    session.advance(ONSET_MS + MINUTE_MS)
    assert milestone not in session.drill.milestones
    done(session, text)
    assert session.drill.milestones[milestone] > ONSET_MS


def test_after_the_end_nothing_is_done_any_more() -> None:
    session = play("30m", [], DAY_MS)
    assert session.ended
    digest = session.digest()
    answer = session.dispatch("queue retry inbound")
    assert answer == Refused("queue retry inbound", "the drill is over; see the debrief")
    session.advance(2 * DAY_MS)
    assert session.digest() == digest


def test_a_letter_is_in_the_queue_at_once_relayed_once_and_shifts_no_draw() -> None:
    session = play("2h", [], ONSET_MS + HOUR_MS)
    letters = [session.receive(LETTER), session.receive(LETTER)]
    assert [real_number(letter) for letter in letters] == [0, 1]
    plain = play("2h", [], ONSET_MS + HOUR_MS)
    assert session.drill.world.generated()[0] == plain.drill.world.generated()[0] + 2
    for one in (session, plain):
        one.advance(UP_MS + 6 * HOUR_MS)
    effects = session.effects()
    assert [(effect.kind, effect.message) for effect in effects] == [("relay", one) for one in letters]
    assert effects[0].n != effects[1].n
    theirs, others = session.drill.world.custody(), plain.drill.world.custody()
    assert theirs["outbound"] == others["outbound"]
    assert theirs["inbound"]["delivered"] == others["inbound"]["delivered"] + 2
    calls = [event.t_ms for event in session.events() if event.kind == "ticket"]
    assert calls == [event.t_ms for event in plain.events() if event.kind == "ticket"]
