"""Sizes of messages: by the organisation's table, one for each identity, drawn only where somebody asks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.drill.instruments.gateway_console import queue_bytes
from sim.drill.services.real_mail import Letter
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.draws import I64
from sim.kernel.duration import HOUR_MS
from sim.kernel.quantities import GB, MB
from sim.mail.message.sizes import MessageSizes
from sim.mail.message.traffic import REAL_MAIL
from tests.plays import ONSET_MS

TABLE = load_scenario("exchange-down").organisation.sizes.quantiles_bytes
IDS: I64 = np.arange(200_000, dtype=np.int64)


def test_a_message_has_one_size_whoever_asks_and_in_whatever_company() -> None:
    sizes = MessageSizes(3, TABLE)
    whole = sizes.of(IDS)
    assert (sizes.of(IDS[::-1]) == whole[::-1]).all()
    assert sizes.total(IDS[500:700]) == int(whole[500:700].sum())
    assert (MessageSizes(4, TABLE).of(IDS) != whole).mean() > 0.9


def test_messages_are_drawn_once_while_a_queue_only_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, drawn, of = MessageSizes(3, TABLE), list[int](), MessageSizes.of

    def noting(self: MessageSizes, ids: I64) -> I64:
        drawn.append(len(ids))
        return of(self, ids)

    monkeypatch.setattr(MessageSizes, "of", noting)
    queues = [IDS[:500], IDS[:700], IDS[:700], IDS[100:800], IDS[100:700], IDS[:0], IDS[:9]]
    for queue in queues:
        assert sizes.total(queue) == int(of(sizes, queue).sum())
    assert drawn == [500, 200, 0, 700, 600, 0, 9]


def test_sizes_follow_the_published_sample_and_the_mean_of_the_audit() -> None:
    """Facts: 24 % below 2 KB, 49 % 4 KB, 68 % 8 KB, 85 % 32 KB, 97 % 512 KB; mean 50 to 60 kB."""
    found = MessageSizes(1, TABLE).of(IDS)
    for share, below in ((24, 2_000), (49, 4_000), (68, 8_000), (85, 32_000), (97, 512_000)):
        assert abs(100 * (found < below).mean() - share) < 1.5
    assert abs(found.mean() - 60_000) < 1_500
    assert TABLE[0] <= found.min() <= found.max() <= TABLE[-1]


def test_a_table_of_two_points_is_uniform() -> None:
    """By hand: uniform in 0 to 1,000: mean 500, the sum of 200,000 within 3 sigma of 100 million."""
    sizes = MessageSizes(1, (0, 1_000))
    assert sizes.mean_bytes == 500
    assert abs(sizes.total(IDS) - 100 * MB) < 3 * 289 * 448


@given(st.integers(0, 99), st.integers(1, 3_000), st.integers(0, 400 * MB))
def test_what_is_said_to_fit_without_drawing_fits(seed: int, count: int, room_bytes: int) -> None:
    sizes = MessageSizes(seed, TABLE)
    if sizes.surely_within(count, room_bytes):
        assert sizes.total(IDS[:count]) <= room_bytes


def test_a_day_of_mail_is_said_to_fit_where_it_does_with_a_quarter_to_spare() -> None:
    """40,000 messages of 60 kB are 2.4 GB."""
    sizes = MessageSizes(1, TABLE)
    assert sizes.surely_within(40_000, 33 * GB // 10)
    assert not sizes.surely_within(40_000, 24 * GB // 10)


def test_a_real_message_is_as_large_as_it_is() -> None:
    sizes = MessageSizes(1, TABLE)
    sizes.received(REAL_MAIL, 4_711)
    drawn = MessageSizes(1, TABLE).of(np.array([5, REAL_MAIL + 1], dtype=np.int64)).tolist()
    assert sizes.of(np.array([5, REAL_MAIL, REAL_MAIL + 1], dtype=np.int64)).tolist() == [
        drawn[0], 4_711, drawn[1],
    ]  # fmt: skip


def test_the_gateway_shows_how_large_its_queue_is() -> None:
    session = Session.start(load_scenario("exchange-down", {"users": "200"}), 1)
    session.advance(ONSET_MS + 3 * HOUR_MS)
    letter = Letter("a@example.test", ("b@harbour.example",), "Plans", 25_000_000, "spool")
    before, members = queue_bytes(session.drill.world), session.drill.world.cloud.members()
    assert before == int(MessageSizes(1, TABLE).of(members.id).sum())
    assert len(members) * 30_000 < before < len(members) * 100_000
    session.receive(letter)
    session.advance(session.now_ms + 1)
    assert session.snapshot().queue.size_bytes == queue_bytes(session.drill.world)
    assert queue_bytes(session.drill.world) - before >= 25_000_000
    session.dispatch("status check gateway")
    session.advance(session.now_ms + HOUR_MS)
    told = [event.text for event in session.events() if event.kind == "report"][-1]
    assert " in the inbound queue, " in told
    assert told.split(" in the inbound queue, ")[1].split(",")[0].endswith(("MB", "GB"))


def test_a_table_that_falls_is_refused() -> None:
    organisation = load_scenario("exchange-down").organisation
    with pytest.raises(ValueError, match="must be in ascending order; sort the numbers"):
        type(organisation.sizes)(source="x", confidence="assumed", quantiles_bytes=(5, 4))
