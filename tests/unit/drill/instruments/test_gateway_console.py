"""What consoles count and alerts carry, at their edges."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.drill.commands.gateway.queue_report import LONGEST_ESTIMATE_MS, empty_in
from sim.drill.instruments import gateway_console
from sim.drill.instruments.gateway_console import _bands, per_minute, read
from sim.drill.scoring.exposure import _exposed
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.kernel.series import Times
from sim.mail.message.queue_counts import InQueue, QueuePart
from sim.mail.queue.delivery_queue import DeliveryQueue
from sim.mail.server.guard import Gates
from tests.plays import ONSET_MS, play


def test_a_message_of_five_minutes_is_in_the_second_band() -> None:
    ages_ms = [5 * MINUTE_MS - 1, 5 * MINUTE_MS, 15 * MINUTE_MS, 96 * HOUR_MS - 1, 96 * HOUR_MS]
    now_ms = 200 * HOUR_MS
    arrivals_ms = now_ms - np.array(ages_ms, dtype=np.int64)
    members = InQueue([QueuePart(arrivals_ms, arrivals_ms)])
    bands = {name: count for name, count in _bands(members, now_ms) if count}
    assert bands == {"< 5m": 1, "5-15m": 1, "15-60m": 1, "72-96h": 1, "> 96h": 1}


def test_a_rate_early_in_a_drill_is_of_the_time_there_was() -> None:
    times = Times()
    times.extend(np.arange(0, 2 * MINUTE_MS, 1_000, dtype=np.int64))
    assert per_minute(times, 2 * MINUTE_MS) == 60
    assert per_minute(times, 30_000) == 30, "half a minute counts as a whole one"
    assert per_minute(times, 10 * MINUTE_MS) == 0


def test_when_a_queue_will_be_empty_goes_by_how_fast_it_shrinks() -> None:
    reading = read(play("2h", [], ONSET_MS + 30 * MINUTE_MS).drill)

    def after(before: int, now: int) -> int | None:
        return empty_in(replace(reading, depth_before=before, depth=now))

    assert after(300, 200) == 10 * MINUTE_MS, "100 less in five minutes"
    assert [after(200, 200), after(200, 300), after(200, 0)] == [None] * 3
    most = LONGEST_ESTIMATE_MS // (5 * MINUTE_MS)
    assert after(most + 1, most) == LONGEST_ESTIMATE_MS
    assert after(most + 2, most + 1) is None


@pytest.mark.parametrize("after_ms", [90 * MINUTE_MS, 2 * HOUR_MS + 10 * MINUTE_MS])
def test_a_reading_copies_no_column_of_the_queue(after_ms: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The console reads the queue in each frame; copies of two columns of 2 million messages took 8 ms."""
    session = play("2h", [], ONSET_MS + after_ms)
    members = session.drill.world.cloud.members()

    def copied(_queue: DeliveryQueue, names: Sequence[str]) -> dict[str, Any]:
        raise AssertionError(names)

    monkeypatch.setattr(DeliveryQueue, "members", copied)
    reading = read(session.drill)
    assert reading.depth == len(members) > 10
    assert reading.oldest_ms == session.now_ms - members.arrival_ms.min()
    assert reading.queued[:2] == (reading.depth, 0), "only inbound mail is queued"


@pytest.mark.parametrize("seed", range(1, 9))
def test_a_text_takes_its_time_on_the_network_and_its_link_is_valid_from_then_on(seed: int) -> None:
    session = play("6h", [], ONSET_MS + 3 * HOUR_MS, seed=seed, users=60)
    rules = session.scenario.organisation.gateway.alerting
    spoke = [e.t_ms for e in session.events() if e.kind == "monitor" and "below" not in e.text]
    came = [e.t_ms for e in session.events() if e.kind == "sms"]
    assert len(came) >= 2
    for at_ms in came:
        assert any(rules.sms_delay.least_ms <= at_ms - said <= rules.sms_delay.most_ms for said in spoke)
    alerts = session.drill.alerting
    assert set(alerts.links) <= {at_ms + rules.link_valid_ms for at_ms in came}
    assert set(alerts.email_links) <= {at_ms + rules.link_valid_ms for at_ms in spoke}
    assert alerts.links


def test_what_stood_open_before_is_exposed_only_if_the_mx_leads_there() -> None:
    bare = Gates()
    assert bare.unfiltered("internet")
    assert not _exposed(bare, bare, ())
    assert not _exposed(bare, bare, ("gateway-1", "backup"))
    assert _exposed(bare, bare, ("gateway-1", "server"))
    shut = replace(bare, firewall=frozenset({"backup"}))
    assert _exposed(bare, shut, ()), "somebody has opened it"


@pytest.mark.parametrize("outage", ["exchange-down", "gateway-down"])
def test_subjects_are_made_for_listed_messages_only(outage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With 10,000 users half of a frame went into names and subjects that no pane showed."""
    session = Session(load_scenario(outage, {"users": "20"}), 1, None)
    session.advance(session.scenario.outage_start_ms + 2 * HOUR_MS)
    made: list[int] = []
    monkeypatch.setattr(
        gateway_console, "subject", lambda _seed, identity: (made.append(identity), "a subject")[1]
    )
    assert session.snapshot(0).mail == ()
    assert made == []
    listed = session.snapshot(3).mail
    assert len(listed) == len(made) <= 3
