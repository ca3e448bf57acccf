"""Mail that does not go out: what is paused and forgotten shows in every figure; no test calls it well."""

from functools import cache

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.scenario.runbook import Runbook, load_runbook
from sim.drill.scoring.decision_reviews import judged_by_now
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.debrief import debrief
from sim.report.decisions.outage_span import TurnedOut
from sim.report.decisions.turned_out import turned_out
from sim.report.outcome import verdicts
from tests.drills.played import Played, reference, run, scenario, steps, waiting, well


def with_steps(name: str, *given: tuple[str, str]) -> Runbook:
    """The reference with more steps at its end."""
    book = reference(name)
    return book.model_copy(update={"steps": (*book.steps, *steps(name, *given).steps)})


@cache
def played(name: str, *given: tuple[str, str]) -> Played:
    return run(scenario(name), with_steps(name, *given))


def told(one: Played) -> str:
    return " ".join(debrief(one.session, waiting(one.session.scenario.id).outcome).findings)


PAUSED = ("server.reported-back + 30m", "deliveries pause outbound")
RESUMED = ("server.reported-back + 24h", "deliveries resume outbound")


def test_a_pause_left_after_the_recovery_counts_and_a_lifted_one_does_not() -> None:
    """Nothing waits in the queue by which the drill counts as drained: it comes after that."""
    right, wrong, lifted = (
        well("gateway-down"),
        played("gateway-down", PAUSED),
        played("gateway-down", PAUSED, RESUMED),
    )
    assert (right.outcome.outbound.queued, right.objectives["all-sent"]) == (0, "met")
    assert wrong.outcome.outbound.queued > 1000
    assert wrong.objectives["all-sent"] == "failed"
    assert wrong.outcome.outbound.delay_ms > 48 * HOUR_MS > right.outcome.outbound.delay_ms
    assert lifted.objectives["all-sent"] == "met"
    assert lifted.outcome.outbound.queued == 0
    assert 12 * HOUR_MS < lifted.outcome.outbound.delay_ms < 24 * HOUR_MS
    assert "Outbound deliveries were never resumed: " in told(wrong)
    assert "never resumed" not in told(lifted) + told(right)


def test_a_paused_queue_does_not_send_test_messages() -> None:
    right, wrong = well("gateway-down"), played("gateway-down", PAUSED)
    proofs = [
        [text for text in one.said("report") if text.startswith("connector: ")] for one in (right, wrong)
    ]
    assert [len(texts) for texts in proofs] == [1, 1]
    assert proofs[0][0].endswith("proven closed")
    assert proofs[1][0].endswith("it has not arrived within 5 minutes; this does not prove anything")
    assert wrong.objectives["openings-closed"] == "failed"
    assert right.objectives["openings-closed"] == "met"
    by_gateway = [text for text in wrong.said("report") if text.startswith("test to gmail via gateway")]
    assert by_gateway == [
        "test to gmail via gateway: the gateway accepted the test with 250, but it has not arrived within "
        "5 minutes"
    ]


@pytest.mark.parametrize("name", ["exchange-down", "m365-offline"])
def test_a_pause_left_from_an_outage_of_the_mail_server_counts_too(name: str) -> None:
    """What is sent in continuity stays at the gateway: longer than doing nothing keeps it in Outboxes."""
    wrong, right = played(name, ("outage.start + 2h40m", "deliveries pause outbound")), well(name)
    assert wrong.objectives["all-sent"] == "failed"
    assert right.objectives["all-sent"] == "met"
    assert wrong.outcome.outbound.queued > 1000
    assert wrong.outcome.outbound.delay_ms > waiting(name).outcome.outbound.delay_ms
    assert "outbound deliveries were paused" in told(wrong)
    assert "outbound deliveries were paused" not in told(right)


def test_an_unreachable_mail_server_does_not_send_test_messages() -> None:
    dead, alive = (
        run(scenario("exchange-down"), steps("exchange-down", (at, "connector test to=gmail")))
        for at in ("outage.start + 16m", "server.reported-back + 16m")
    )
    assert dead.said("report") == [
        "test to gmail via gateway: the test stays in the Outbox because your own mail client cannot connect"
    ]
    assert "delivered to the inbox" in alive.said("report")[0]


BACK_TOO_SOON = ("outbound.restored + 12m", "connector set outbound gateway")
PROVEN = ("outbound.restored + 60m", "openings prove connector")


def test_moving_the_connector_back_to_a_dead_gateway_is_wrong_and_proves_nothing() -> None:
    right, wrong = well("gateway-down"), played("gateway-down", BACK_TOO_SOON, PROVEN)
    assert (right.objectives["all-sent"], wrong.objectives["all-sent"]) == ("met", "failed")
    assert wrong.outcome.outbound.delay_ms > 10 * HOUR_MS > right.outcome.outbound.delay_ms
    proofs = [text for text in wrong.said("report") if text.startswith("connector: ")]
    assert "last error: connection refused; this does not prove anything" in proofs[0]
    judged = {one.t_ms: one for one in judged_by_now(wrong.session.drill) if one.about == "outbound back"}
    first = judged[min(judged)]
    assert not first.sound
    assert first.why == "the recovery of the gateway had not been reported"
    assert [one.sound for one in judged_by_now(right.session.drill) if one.about == "outbound back"] == [True]
    lost = next(one for one in verdicts(wrong.session) if one.id == "all-sent")
    restored_ms = wrong.milestones["outbound.restored"]
    assert lost.at_ms is not None
    assert restored_ms + 42 * MINUTE_MS < lost.at_ms < restored_ms + 75 * MINUTE_MS, (
        "half an hour without a way"
    )
    text = told(wrong)
    assert "outbound back yes" in text
    assert "turned out badly: outbound back" in text


def test_an_event_ended_while_mail_is_paused_turns_out_badly_and_after_the_backlog_well() -> None:
    """The mailbox is open, and the mail of two days is in it or is not."""
    book = load_runbook("exchange-down-never-resumed", parse)
    ended = steps("exchange-down", ("server.reported-back + 30m", "continuity end"))
    wrong = run(scenario("exchange-down"), book.model_copy(update={"steps": (*book.steps, *ended.steps)}))
    right = well("exchange-down")
    first, ends = (
        [one for one in judged_by_now(one_play.session.drill) if one.about == "continuity end"]
        for one_play in (wrong, right)
    )
    assert [turned_out(right.session, one) for one in ends] == [TurnedOut(True, "the outage was over")]
    there = wrong.session.fork(first[0].t_ms).drill.world.queue.depth()
    assert there > 1000
    assert turned_out(wrong.session, first[0]) == TurnedOut(
        False,
        f"the outage was over, and {there:,} messages waited at the gateway, where users could not read "
        "them, all of them to the end of the drill",
    )
