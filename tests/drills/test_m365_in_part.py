"""Microsoft 365 now and then, and in part: what leaks through, who is hit, and when it may be ended."""

import numpy as np
import pytest

from sim.drill.scenario.scenario import Scenario
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.debrief import debrief
from tests.drills.played import SEEDS, reference, run, scenario, steps, waiting, well, without

PARTIAL, FLICKERING = "m365-partial", "m365-intermittent"
ONSET_MS = 90 * MINUTE_MS


@pytest.mark.parametrize("seed", SEEDS)
def test_a_partial_failure_of_the_tenant_with_the_reference_and_without_action(seed: int) -> None:
    assert set(well(PARTIAL, seed).objectives.values()) == {"met"}
    lost, won = waiting(PARTIAL, seed), well(PARTIAL, seed)
    assert {"failed"} < set(lost.objectives.values())
    assert won.outcome.people.user_hours_without_mail < 0.3 * lost.outcome.people.user_hours_without_mail
    assert won.outcome.timing.late.count < 0.3 * lost.outcome.timing.late.count
    assert won.outcome.people.calls <= lost.outcome.people.calls


def test_only_the_mail_of_those_who_are_hit_waits_and_only_they_are_without() -> None:
    session = waiting(PARTIAL).session.fork(ONSET_MS + 6 * HOUR_MS)
    users = session.drill.world.users
    hit = users.absences.lost
    assert 20 <= int(hit.sum()) <= 50
    waiting_now = session.drill.world.cloud.live()
    assert len(waiting_now) > 100
    assert hit[waiting_now.user[waiting_now.failed]].all()
    now_ms = session.now_ms
    assert session.true_series("without_mail", now_ms, now_ms, 1)[0] == int(hit.sum())
    assert waiting(PARTIAL).outcome.people.user_hours_without_mail == 9 * int(hit.sum())
    before = session.drill.world.queue.delivered.between(ONSET_MS, session.now_ms)
    assert before > len(waiting_now), "everybody else gets theirs"


def test_those_who_are_hit_send_nothing_until_they_are_back() -> None:
    session = waiting(PARTIAL).session.fork(ONSET_MS + 6 * HOUR_MS)
    outbox = session.drill.world.writers.unsent(1)
    hit = int(session.drill.world.users.absences.lost.sum())
    expected = scenario(PARTIAL).organisation.traffic.outbound_per_user_workday * hit
    assert 0.3 * expected < outbox < expected
    session.advance(ONSET_MS + 9 * HOUR_MS + 6 * MINUTE_MS)
    assert session.drill.world.writers.unsent(1) == 0


def test_a_continuity_event_lets_affected_users_read_and_send() -> None:
    quiet, spoken = waiting(PARTIAL), well(PARTIAL)
    at_ms = ONSET_MS + 6 * HOUR_MS
    without_mail = [
        played.session.true_series("without_mail", at_ms, at_ms, 1)[0] for played in (quiet, spoken)
    ]
    assert without_mail[1] < 0.3 * without_mail[0]


def test_affected_users_are_in_every_group_and_an_event_for_one_group_leaves_others_without_mail() -> None:
    """A part of a tenant is a matter of its servers, and not of who works where."""
    book = without(reference(PARTIAL), "declare")
    given = [(step.at.text, step.do) for step in book.steps if not step.every_ms]
    one = ("outage.start + 25m", "continuity start group=clinics for=16h via=console")
    narrow = run(scenario(PARTIAL), steps(PARTIAL, *given, one)).outcome
    assert narrow.people.user_hours_without_mail > 1.5 * well(PARTIAL).outcome.people.user_hours_without_mail
    assert narrow.timing.late.count > well(PARTIAL).outcome.timing.late.count


@pytest.mark.parametrize("seed", SEEDS)
def test_intermittent_mail_with_the_reference_and_without_action(seed: int) -> None:
    assert set(well(FLICKERING, seed).objectives.values()) == {"met"}
    lost, won = waiting(FLICKERING, seed), well(FLICKERING, seed)
    assert won.outcome.timing.late.count < lost.outcome.timing.late.count / 3
    assert lost.outcome.backlog.drained_after_ms is not None
    assert won.outcome.backlog.drained_after_ms is not None
    assert won.outcome.backlog.drained_after_ms < lost.outcome.backlog.drained_after_ms


def test_users_with_a_mailbox_but_late_mail_need_an_update_each_half_day() -> None:
    silent = run(scenario(FLICKERING), without(reference(FLICKERING), "tell-users-again"))
    assert silent.objectives["nobody-left-waiting"] == "failed"
    assert silent.objectives["users-told"] == "met", "they were told once"
    lost = waiting(FLICKERING).objectives
    assert (lost["senders-served"], lost["partners-told"]) == ("failed", "failed")


def test_each_new_alert_is_acknowledged_or_repeats_all_day() -> None:
    """The number on retry falls below the threshold at night and is above it on the next morning."""
    book = reference(FLICKERING)
    well_told = well(FLICKERING).session.drill.alerting.texts
    once = run(scenario(FLICKERING), without(book, "acknowledge-next")).session.drill.alerting.texts
    assert 3 <= well_told <= 8
    assert once > 60


def test_an_intermittent_fault_raises_one_alert() -> None:
    """Where little mail comes, a monitor that forgets at once begins a new one after each quiet window."""
    content = scenario(FLICKERING, 20).content()
    monitor = content["organisation"]["gateway"]["continuity_monitor"]
    texts = {}
    for rearm in ("0", monitor["rearm"]):
        monitor["rearm"] = rearm
        played = run(Scenario.model_validate(content), reference(FLICKERING))
        texts[rearm] = played.session.drill.alerting.texts
    assert texts["0"] > 3 * texts["1h"]


def test_retries_leak_through_so_that_few_bounce_where_a_dead_server_returns_thousands() -> None:
    played = waiting(FLICKERING)
    generated = played.outcome.inbound.generated
    assert played.outcome.lost.bounced < generated // 1000
    delays = played.session.drill.world.ledger
    half, most = delays.delay_ms(0, 50), delays.delay_ms(0, 95)
    assert half is not None
    assert most is not None
    assert half < 2 * HOUR_MS < most < 48 * HOUR_MS
    dead = run(scenario("m365-offline", outage="108h"), None)
    assert dead.outcome.lost.bounced > generated // 10


def test_pausing_holds_back_mail_that_would_have_got_through() -> None:
    paused = run(
        scenario(FLICKERING),
        steps(
            FLICKERING,
            ("outage.start + 3h", "deliveries pause inbound"),
            ("server.reported-back + 2m", "deliveries resume inbound"),
        ),
    )
    assert paused.outcome.lost.bounced == 0
    assert paused.outcome.timing.late.count > 1.5 * waiting(FLICKERING).outcome.timing.late.count


def test_an_event_ended_at_the_first_success_leaves_four_days_uncovered() -> None:
    book = reference(FLICKERING)
    rest = without(book, *(step.id for step in book.steps if step.id.startswith("extend")), "end-event")
    given = [(step.at.text, step.do) for step in rest.steps]
    early = run(scenario(FLICKERING), steps(FLICKERING, *given, ("outage.start + 3h", "continuity end")))
    assert early.objectives["event-kept"] == "failed"
    assert early.outcome.timing.late.count > 5 * well(FLICKERING).outcome.timing.late.count


def test_the_last_error_identifies_the_fault_and_other_diagnoses_are_wrong() -> None:
    look = run(scenario(FLICKERING), steps(FLICKERING, ("outage.start + 40m", "status check gateway")))
    assert any("451 4.3.2 temporary server error" in text for text in look.said("report"))
    wrong = run(
        scenario(FLICKERING),
        steps(FLICKERING, ("outage.start + 40m", "diagnose component=mail-server failure=refuses")),
    )
    assert "diagnosis.stated" in wrong.milestones
    assert "diagnosis.correct" not in wrong.milestones
    assert "diagnosis.correct" in well(FLICKERING).milestones


def test_users_who_are_hit_differ_between_drills() -> None:
    hits = {
        seed: waiting(PARTIAL, seed).session.fork(ONSET_MS + HOUR_MS).drill.world.users.absences.lost
        for seed in (1, 2)
    }
    assert not np.array_equal(hits[1], hits[2])


def test_in_an_outage_of_five_days_a_longer_retention_keeps_what_a_pause_would_hold_from_the_others() -> None:
    one, book = scenario("m365-partial", 100, "120h"), reference("m365-partial")
    kept, not_kept = run(one, book), run(one, without(book, "keep-longer"))
    assert set(kept.objectives.values()) == {"met"}
    assert kept.outcome.lost.bounced == 0
    assert not_kept.outcome.lost.bounced > 500
    assert not_kept.objectives["no-bounce"] == "failed"


def test_in_four_days_of_it_some_few_fail_every_try_and_a_longer_retention_keeps_them() -> None:
    one, book = scenario(FLICKERING, 300), reference(FLICKERING)
    kept, not_kept = run(one, book), run(one, without(book, "keep-longer", "keep-longer-still"))
    assert set(kept.objectives.values()) == {"met"}
    assert (kept.outcome.lost.bounced, kept.outcome.internal.returned) == (0, 0)
    judged = {(one.about, one.answer): one.sound for one in kept.session.drill.room.judged}
    assert judged["retention", "yes"]
    lost = {id_ for id_, state in not_kept.objectives.items() if state != "met"}
    assert lost == {"no-bounce"}
    assert (not_kept.outcome.lost.bounced, not_kept.outcome.internal.returned > 0) == (0, True)
    told = debrief(not_kept.session, kept.outcome).findings
    (found,) = (line for line in told if line.startswith("The gateway did not bounce inbound mail."))
    assert f"colleagues: {not_kept.outcome.internal.returned} messages; without any action, 0." in found
    assert not any("so it bounced none" in line for line in told)


def test_where_some_mail_gets_through_the_debrief_advises_no_pause() -> None:
    one, book = scenario(PARTIAL, 100, "120h"), without(reference(PARTIAL), "keep-longer")
    told = debrief(run(one, book).session, run(one, None).outcome).findings
    assert any(
        "A longer retention before the oldest message was 3 d old would have kept them; a pause would also"
        in line
        for line in told
    ), told
