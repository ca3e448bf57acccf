"""Drivers of a promise: the share of the variance of its times that each duration explains. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.study.statistics.order_statistics import UNKNOWN

F64 = NDArray[np.float64]
FEWEST = 30
"""Number of runs below which drivers cannot be distinguished from noise."""
ABOVE_NOISE = 4.0
"""Number of standard deviations of pure noise that a share has to exceed."""
LEAST_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Driver:
    """A duration, and the share of the variance that it explains."""

    name: str
    share: float
    sign: int
    """1 if a longer duration makes the moment later, -1 if it makes it earlier, 0 if it does neither."""


def drivers(
    values: Sequence[float], drawn: Sequence[Mapping[str, int]], names: Sequence[str] | None = None
) -> list[Driver]:
    """The drivers above the noise, the largest first. `drawn`: by run, each duration by its name.

    A driver's share is the correlation ratio: the variance of the means of about 1.2 n^(1/3) equally filled
    bins, as a share of the whole variance, less the part that chance would give. Runs without a duration do
    not count for that duration. If some moments were never reached or are UNKNOWN, ranks are compared
    instead of times.
    """
    if len(values) < FEWEST:
        return []
    y = _comparable(values)
    if float(y.var()) == 0.0:
        return []
    known = names if names is not None else sorted({name for row in drawn for name in row})
    found = []
    for name in known:
        present = np.array([name in row for row in drawn])
        if present.sum() < FEWEST:
            continue
        x = np.array([row[name] for row in drawn if name in row], dtype=np.float64)
        share, noise = _ratio(x, y[present])
        part = float(((y[present] - y[present].mean()) ** 2).sum() / ((y - y.mean()) ** 2).sum())
        if share > ABOVE_NOISE * noise and share * part >= LEAST_SHARE:
            found.append(Driver(name, share * part, _sign(x, y[present])))
    return sorted(found, key=lambda one: (-one.share, one.name))


def explained(values: Sequence[float], drawn: Sequence[Mapping[str, int]], names: Sequence[str]) -> float:
    """Share of the variance that these durations explain together, 0 to 1, less the part that chance would
    give.

    The share comes from an additive model over the bins of `drivers`. A run without a duration counts as the
    mean of the runs with that duration, because its absence explains nothing. Shares of correlated durations
    overlap, so they add up to more than the result.
    """
    y = _comparable(values)
    total = float(((y - y.mean()) ** 2).sum()) if len(y) else 0.0
    if not names or total == 0.0:
        return 0.0
    columns = [np.ones(len(y)), *(column for name in names for column in _indicators(name, drawn))]
    table = np.array(columns).T
    fitted, _, rank, _ = np.linalg.lstsq(table, y, rcond=None)
    within, left = float(((y - table @ fitted) ** 2).sum()), len(y) - int(rank)
    if left <= 0:
        return 1.0
    return min(max(1 - within * (len(y) - 1) / (left * total), 0.0), 1.0)


def _indicators(name: str, drawn: Sequence[Mapping[str, int]]) -> list[F64]:
    """A column of 0 and 1 for each bin of a duration except the first."""
    present = np.array([name in row for row in drawn])
    bins = np.full(len(drawn), -1, dtype=np.int64)
    bins[present] = _bins(np.array([row[name] for row in drawn if name in row], dtype=np.float64))
    columns = [(bins == one).astype(np.float64) for one in np.unique(bins[present])[1:]]
    return [np.where(present, column - column[present].mean(), 0.0) for column in columns]


def _comparable(values: Sequence[float]) -> F64:
    y = np.array(values, dtype=np.float64)
    if (y >= UNKNOWN).any():
        return np.array([float((y < one).sum() + (y <= one).sum()) for one in y])
    return y


def _ratio(x: F64, y: F64) -> tuple[float, float]:
    """The corrected correlation ratio, and the standard deviation that it would have by chance."""
    bins = _bins(x)
    groups = [y[bins == one] for one in np.unique(bins)]
    n, k = len(y), len(groups)
    if k < 2 or n <= k or float(y.var()) == 0.0:
        return 0.0, 1.0
    total = float(((y - y.mean()) ** 2).sum())
    within = float(sum(((group - group.mean()) ** 2).sum() for group in groups))
    share = (total - within - (k - 1) * within / (n - k)) / total
    return max(share, 0.0), float(np.sqrt(2 * (k - 1)) / n)


def _bins(x: F64) -> NDArray[np.int64]:
    """A bin for each value; bins are about equally filled, and equal values stay together."""
    count, kinds = max(2, round(1.2 * len(x) ** (1 / 3))), np.unique(x)
    if len(kinds) <= count:
        return np.searchsorted(kinds, x).astype(np.int64)
    edges = np.quantile(x, np.linspace(0, 1, count + 1)[1:-1])
    return np.searchsorted(np.unique(edges), x, side="left").astype(np.int64)


def _sign(x: F64, y: F64) -> int:
    if x.std() == 0 or y.std() == 0:
        return 0
    slope = float(np.corrcoef(x, y)[0, 1])
    return 0 if abs(slope) < 0.05 else 1 if slope > 0 else -1
