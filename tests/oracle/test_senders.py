"""The oracle alone: with one message it must tell the story that `probe retry` tells; and what is
documented of several messages and several hosts, in worlds small enough to be followed by hand.
"""

import pytest

from sim.mail.platform import load_platform, platform_ids
from sim.mail.probe_retry import ARRIVAL_MS, probe_retry
from sim.mail.retry.failure import Failure
from tests.oracle.destination import Host, Resolver, Timeline
from tests.oracle.senders import History, World, relay

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
SCAN_MS = 137_000
MX1 = Resolver(Timeline(((0, ("mx1",)),)))
BOTH = Resolver(Timeline(((0, ("mx1", "mx2")),)))


def play(
    platform: str,
    arrivals: list[int],
    *hosts: Host,
    until: int = 9 * DAY,
    mx: Resolver = MX1,
    **settings: str,
) -> History:
    return relay(World(load_platform(platform, settings), arrivals, hosts, mx, until, SCAN_MS))


def host(name: str, *spells: tuple[int, str], servers: int | None = None, service_ms: int = 0) -> Host:
    return Host(name, Timeline(spells), servers, service_ms)


@pytest.mark.parametrize("failure", list(Failure))
@pytest.mark.parametrize("platform_id", platform_ids())
def test_one_message_alone_fares_as_in_the_probe(platform_id: str, failure: Failure) -> None:
    for recovers_ms in (None, 10 * MINUTE + 1, 7 * HOUR + 123, 50 * HOUR):
        platform = load_platform(platform_id, scan_phase_ms=SCAN_MS)
        if failure in {Failure.REJECT, Failure.GREETING_5XX} and recovers_ms is None:
            continue
        probe = probe_retry(platform, failure, recovers_ms)
        spells = [(0, failure.value)] + ([(ARRIVAL_MS + recovers_ms, "up")] if recovers_ms else [])
        only = Host("mx1", Timeline(tuple(spells)))
        message = relay(World(platform, [ARRIVAL_MS], [only], MX1, 40 * DAY, SCAN_MS)).messages[0]
        if platform.file.fallback[failure.value].value == "bounce" and failure is Failure.GREETING_5XX:
            assert (message.fate, len(message.attempts)) == ("bounced", 1)
            continue
        ended_ms = probe.delivered_ms if probe.bounce_ms is None else probe.bounce_ms
        assert ended_ms is not None
        assert message.fate == ("delivered" if probe.bounce_ms is None else "bounced")
        assert [t - ARRIVAL_MS for t, _ in message.attempts] == list(probe.attempts_ms)
        assert [t - ARRIVAL_MS for t in message.notices] == list(probe.notices_ms)
        assert message.ended_ms == ARRIVAL_MS + ended_ms
