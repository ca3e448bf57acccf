"""The outside organisations that write to this one: platform, share of the traffic, phase of their scans."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from sim.kernel.draws import I64, below, mix, mix_one
from sim.kernel.frozen import frozen
from sim.mail.message.receiver_draws import Sharers
from sim.mail.platforms.platform import Platform

ZIPF_UNIT = 1_000_000


@frozen
class CorrespondentTable:
    """Outside organisations, numbered from 0 and grouped by platform.

    Messages are spread over the platforms by `share_percent` and, within one, over its organisations
    by Zipf's law: the k-th in proportion to 1 / k ** `zipf_exponent`.
    """

    seed: int
    platforms: tuple[Platform, ...]
    share_percent: tuple[int, ...]
    counts: tuple[int, ...]
    """Number of organisations on each platform, at least one."""
    zipf_exponent: int
    per_network: int = 1
    """Average number of organisations on one platform that share a block of sending addresses."""

    def __len__(self) -> int:
        return sum(self.counts)

    def platform_of(self, number: int) -> Platform:
        """The platform of correspondent `number`."""
        return self.platforms[_with_platform(self.counts)[number]]

    def of(self, ids: I64) -> I64:
        """The sender of each message: a pure function of the message."""
        if len(self) == 1:
            return np.zeros(len(ids), dtype=np.int64)
        platform = self._platform_of(ids)
        upto, before, total = _by_platform(self.counts, self.zipf_exponent)
        drawn = below(mix(self.seed, "correspondent", ids), total[platform])
        return upto.searchsorted(before[platform] + drawn, side="right").astype(np.int64)

    def _platform_of(self, ids: I64) -> I64:
        by_draw = _by_draw(self.share_percent)
        return by_draw[below(mix(self.seed, "sending platform", ids), len(by_draw))]

    def groups(self, ids: I64, of: Sharers) -> I64:
        """The number of each message's sender or, with `of` networks or platforms, the number of its
        network or platform.
        """
        if of == "platforms":
            return self._platform_of(ids)
        return self.networks(self.of(ids)) if of == "networks" else self.of(ids)

    def networks(self, numbers: I64) -> I64:
        """The network of each correspondent, drawn from the networks of its platform."""
        platform = np.array(_with_platform(self.counts), dtype=np.int64)[numbers]
        many = np.array([max(1, count // self.per_network) for count in self.counts], dtype=np.int64)
        before = np.cumsum(many) - many
        return before[platform] + below(mix(self.seed, "network", numbers), many[platform])

    def by_platform(self, ids: I64) -> I64:
        """The number of these messages that each platform sends."""
        return np.bincount(self._platform_of(ids), minlength=len(self.platforms)).astype(np.int64)

    def weights(self) -> I64:
        """Each correspondent's share of the messages, in parts per million; because of rounding, the sum
        is slightly less than a million.
        """
        parts = []
        for percent, count in zip(self.share_percent, self.counts, strict=True):
            zipf = _weights(count, self.zipf_exponent)
            parts.append(zipf * (percent * 10_000) // zipf.sum())
        return np.concatenate(parts)

    def scan_phase_ms(self, number: int) -> int:
        """The time at which correspondent `number` first scans its queue; 0 for platforms without scans."""
        platform = self.platform_of(number)
        if not platform.scans:
            return 0
        every_ms = platform.roles.duration("scan")
        return mix_one(self.seed, "scan phase", number) % every_ms if every_ms else 0


def _weights(count: int, zipf_exponent: int) -> I64:
    rank = np.arange(1, count + 1, dtype=np.int64)
    return np.maximum(ZIPF_UNIT // rank**zipf_exponent, 1)


@lru_cache(maxsize=16)
def _by_draw(shares: tuple[int, ...]) -> I64:
    """A table from a draw to the index of a share: each index occurs as often as its share is large."""
    return np.repeat(np.arange(len(shares), dtype=np.int64), shares)


@lru_cache(maxsize=16)
def _with_platform(counts: tuple[int, ...]) -> tuple[int, ...]:
    """The number of each organisation's platform."""
    return tuple(number for number, count in enumerate(counts) for _ in range(count))


@lru_cache(maxsize=16)
def _by_platform(counts: tuple[int, ...], zipf_exponent: int) -> tuple[I64, I64, I64]:
    """Running sums of all organisations' weights; and for each platform, the sum before it, and its own
    sum.
    """
    weights = [_weights(count, zipf_exponent) for count in counts]
    total = np.array([some.sum() for some in weights], dtype=np.int64)
    return np.cumsum(np.concatenate(weights)), np.cumsum(total) - total, total


def correspondents(
    seed: int, platforms: Sequence[tuple[Platform, int]], count: int, zipf_exponent: int, per_network: int = 1
) -> CorrespondentTable:
    """`count` organisations (or, if there are more platforms, one for each) that send with `platforms`.

    `platforms`: each with its percentage of the messages; the percentages sum to 100.
    """
    shares = tuple(percent for _, percent in platforms)
    counts = tuple(max(1, count * percent // 100) for percent in shares)
    used = tuple(platform for platform, _ in platforms)
    return CorrespondentTable(seed, used, shares, counts, zipf_exponent, per_network)
