"""The gateway's other limit, thirty attempts: what spends them, and what an extension makes of them."""

import pytest

from sim.kernel.duration import DAY_MS, HOUR_MS
from sim.mail.platforms.platform import load_platform, offsets_ms
from sim.mail.queue.attempt_times import Slots
from tests.plays import ONSET_MS, play
from tests.shipped import FILES


def test_an_extension_raises_the_count_by_the_attempts_that_the_added_time_holds() -> None:
    """By the published table: 28 attempts lie within 96 h, the 28th at 90 h, then one every 8 h."""
    mimecast = load_platform(FILES, "mimecast")
    slots = Slots(
        lambda until: offsets_ms(mimecast, until), mimecast.expires_ms, False, mimecast.most_attempts
    )
    assert mimecast.most_attempts == 30
    assert [slots.most_attempts_with(hours * HOUR_MS) for hours in (96, 98, 99, 106, 107, 192)] == [
        30, 30, 31, 31, 32, 42,
    ]  # fmt: skip
    assert slots.most_attempts_with(14 * DAY_MS) == 30 + 30, "at 98 h, then every 8 h until 330 h"
    assert slots.most_attempts_with(60 * DAY_MS) == 30 + 168, "until 1,434 h"
    assert load_platform(FILES, "postfix").most_attempts is None


@pytest.mark.parametrize(("retries", "expires_h"), [(0, 96), (1, 96), (2, 90), (3, 82)])
def test_attempts_forced_while_the_server_is_down_are_spent(retries: int, expires_h: int) -> None:
    """Each forced attempt is one of the thirty: the third takes the one at 90 h away."""
    given = [(ONSET_MS + (60 + hour) * HOUR_MS, "queue retry inbound") for hour in range(retries)]
    session = play("98h", given, 100 * HOUR_MS)
    first_ms = session.drill.milestones["bounce.first"] - ONSET_MS
    assert expires_h * HOUR_MS <= first_ms < expires_h * HOUR_MS + HOUR_MS, first_ms / HOUR_MS


def test_what_is_kept_for_two_weeks_is_not_returned_for_its_attempts() -> None:
    """By the table, 30 + 18 attempts would have been made after 250 h."""
    given = [(ONSET_MS + HOUR_MS, "queue extend inbound 14d")]
    session = play("11d", given, ONSET_MS + 11 * DAY_MS)
    assert session.drill.world.custody()["inbound"]["gateway_queue"] > 0
    assert "bounce.first" not in session.drill.milestones
