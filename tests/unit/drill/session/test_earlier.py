"""An earlier moment is the drill as it was then, to the digest; the drill itself is not touched."""

import random

from sim.drill.session.earlier import Earlier, read_moment
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.plays import LETTER, ONSET_MS, play, small

GIVEN = (
    (ONSET_MS + 10 * MINUTE_MS, "alerts ack"),
    (ONSET_MS + 20 * MINUTE_MS, LETTER),
    (ONSET_MS + 30 * MINUTE_MS, "deliveries pause inbound"),
    (ONSET_MS + 31 * MINUTE_MS, "queue extend inbound 8d"),
    (ONSET_MS + 32 * MINUTE_MS, "cancel"),
)


def test_it_is_the_drill_as_it_was_at_any_moment_in_any_order() -> None:
    drill = play("2h", GIVEN, ONSET_MS + 6 * HOUR_MS)
    before = drill.digest()
    draw = random.Random(1)
    for _ in range(6):
        at_ms = draw.randrange(ONSET_MS + 6 * HOUR_MS)
        shown = Earlier(drill, at_ms).play()
        assert shown is not None
        then = play("2h", [one for one in GIVEN if one[0] <= at_ms], at_ms)
        assert (shown.now_ms, shown.digest()) == (at_ms, then.digest())
        moment = read_moment(shown)
        assert drill.events()[: moment.events] == shown.events(), "its events are the first ones of the drill"
        asked = ("queue", 0, at_ms, 20)
        assert drill.series(*asked, moment.plotted_ms) == shown.series(*asked)
    assert drill.digest() == before
    drill.advance(ONSET_MS + 8 * HOUR_MS)
    assert drill.digest() == play("2h", GIVEN, ONSET_MS + 8 * HOUR_MS).digest(), (
        "looking back changes nothing"
    )


def test_it_can_be_stopped_and_tells_how_far_it_is() -> None:
    session = Session.start(small(), 1)
    session.advance(5 * HOUR_MS)
    earlier = Earlier(session, 4 * HOUR_MS)
    earlier.stop()
    assert earlier.run() is None
    assert earlier.reached_ms == 0
    earlier = Earlier(session, 4 * HOUR_MS)
    earlier.run()
    assert earlier.reached_ms == 4 * HOUR_MS
