"""How long a resolver does not query a dead authority, and the resulting delay until it notices the recovery.

Real servers were observed to behave in three ways: they query again for the next client (BIND, dnsmasq,
systemd-resolved, Knot); they pause for a fixed time after each failure (PowerDNS: throttle and failed answer,
60 s each); or their time-outs double until they send single probes, far apart (Unbound). Integer
milliseconds.
"""

from collections.abc import Iterator
from typing import Literal

import numpy as np

from sim.kernel.draws import U64, within
from sim.kernel.frozen import frozen

Manner = Literal["next-question", "rest", "doubling"]


@frozen
class Backoff:
    """How one resolver behaves when an authority does not answer.

    `slack_ms`: the longest time seen between the recovery and the first good answer for a busy name when
    nothing delays the resolver. `rest_ms`: the pause after a failure. `probe_ms`: the time-out from which on
    only one probe at a time is sent; time-outs double, so the first such time-out is anywhere in [probe_ms, 2
    probe_ms). `settle_ms`: added before the next probe is sent. `down_ms`: the time-out at which the host
    counts as down; after that it is probed every `host_ms`.
    """

    manner: Manner = "next-question"
    slack_ms: int = 1_300
    rest_ms: int = 0
    probe_ms: int = 0
    settle_ms: int = 0
    down_ms: int = 0
    host_ms: int = 0

    def answers_again_ms(self, failed_ms: int, back_ms: int) -> tuple[int, int]:
        """The earliest and the latest time of the first good answer after the recovery.

        `failed_ms`: the time at which a query first failed at the dead authority; `back_ms`: the time of its
        recovery.
        """
        if failed_ms >= back_ms:
            return back_ms, back_ms
        if self.manner == "rest":
            rests = -(-(back_ms - failed_ms) // self.rest_ms)
            earliest = failed_ms + rests * self.rest_ms
            return earliest, earliest + self.rest_ms
        if self.manner == "doubling":
            seen = list(self._answers_of_probes_ms(failed_ms, back_ms))
            return min(low for low, _ in seen), max(high for _, high in seen)
        return back_ms, back_ms + self.slack_ms

    def drawn_ms(self, bits: U64, failed_ms: int, back_ms: int) -> int:
        """One possible time of the first good answer, drawn with 64 random bits (an array of one, from
        `sim.kernel.draws.mix`).
        """
        if failed_ms >= back_ms:
            return back_ms
        if self.manner == "doubling":
            first = self.probe_ms + int(within(bits, self.probe_ms)[0])
            low, high = self._next_probe_ms(first, failed_ms, back_ms)
        elif self.manner == "rest":
            low, high = self.answers_again_ms(failed_ms, back_ms)
            return low if int(bits[0] >> np.uint64(63)) else high
        else:
            low, high = self.answers_again_ms(failed_ms, back_ms)
        return low + int(within(bits, max(high - low, 1))[0])

    def _answers_of_probes_ms(self, failed_ms: int, back_ms: int) -> Iterator[tuple[int, int]]:
        """The earliest and the latest first answer through probe 0, 1, 2, … and through a host that counts as
        down. Exact for the whole range of first probes.

        Probe k leaves at failed + 2^k first + k settle. Therefore, the first probes for which probe k gets
        the answer form a range of integers; its two ends give the earliest and the latest answer.
        """
        most, k = 2 * self.probe_ms - 1, 0
        while most >= self.probe_ms:
            settled_ms = failed_ms + k * self.settle_ms
            answered = -(-(back_ms - settled_ms) >> k)  # the lowest first probe for which probe k is answered
            down = -(-self.down_ms >> k)  # the lowest first probe for which probe k is the last
            if max(self.probe_ms, answered) <= most:
                yield settled_ms + (max(self.probe_ms, answered) << k), settled_ms + (most << k)
            most, k = min(most, answered - 1), k + 1
            if max(self.probe_ms, down) <= most:
                yield back_ms, back_ms + self.host_ms
            most = min(most, down - 1)

    def _next_probe_ms(self, first_ms: int, failed_ms: int, back_ms: int) -> tuple[int, int]:
        for probe in self._probes_ms(first_ms, failed_ms):
            if probe >= back_ms:
                return probe, probe
        return back_ms, back_ms + self.host_ms

    def _probes_ms(self, first_ms: int, failed_ms: int) -> Iterator[int]:
        """The times at which single probes leave: time-outs of first, 2 first, 4 first … lie between them."""
        timeout, at = first_ms, failed_ms + first_ms
        while timeout < self.down_ms:
            yield at
            at += timeout + self.settle_ms
            timeout *= 2
        yield at
