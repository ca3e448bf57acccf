"""Durations that differ from run to run, as a plan writes them. Pure.

15m always the same 5m..15m uniform pert(5m, 12m, 45m) PERT: minimum, most likely, maximum
lognormal(median=6h, p90=30h) log-normal, by its median and its 90 % quantile samples(durations.csv, minutes)
measured durations, one of them in each run
"""

import csv
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from statistics import NormalDist

import numpy as np

from sim.kernel.duration import MINUTE_MS, SECOND_MS, parse_duration
from sim.kernel.file_bounds import OutOfBounds, read_bounded
from sim.kernel.frozen import frozen

FORMS = "15m, 5m..15m, pert(5m, 12m, 45m), lognormal(median=6h, p90=30h), or samples(file.csv, column)"

PERT_CELLS, LOGNORMAL_CELLS = 1024, 4096
_GRID = 1 << 14
"""Number of points at which the density of a beta distribution is summed."""
_P90 = NormalDist().inv_cdf(0.9)
_CALL = re.compile(r"(pert|lognormal|samples)\s*\((.*)\)", re.DOTALL)
_COLUMN_MS = {"ms": 1, "s": SECOND_MS, "min": MINUTE_MS, "minutes": MINUTE_MS, "seconds": SECOND_MS}
LONGEST_MS = 1 << 39
"""Seventeen years, in ms. With longer durations, the points of the tables would not be exact."""


class BadSpread(ValueError):
    """A duration that cannot be read; one line with the correct form."""


@frozen
class Spread:
    """A duration's distribution: equally spaced quantiles in ms, from 0 % to 100 %."""

    text: str
    """The duration as written in the file."""
    table: tuple[int, ...]
    planned_ms: int
    """The time that a planner would write down: the most likely time, or the median."""
    measured: bool = False
    """True if the table is a sample: then only its entries are drawn, and no values between them."""

    @property
    def drawn(self) -> bool:
        """True if the duration differs from run to run."""
        return self.table[0] != self.table[-1]

    def at(self, bits: int) -> int:
        """The duration for 64 random bits, ms. Monotonic in `bits`; integers only."""
        if self.measured:
            return self.table[(bits >> 32) * len(self.table) >> 32]
        position = (bits >> 32) * (len(self.table) - 1)
        index, fraction = position >> 32, (position >> 12) & 0xFFFFF
        return self.table[index] + ((self.table[index + 1] - self.table[index]) * fraction >> 20)


def parse_spread(text: str, folder: Path | None = None) -> Spread:
    """The distribution written as `text`; `folder`: the folder of the files named in `samples`. Raises
    BadSpread.
    """
    words = " ".join(text.split())
    if call := _CALL.fullmatch(words):
        return _CALLED[call[1]](words, [part.strip() for part in call[2].split(",")], folder)
    low, dots, high = words.partition("..")
    if not dots:
        length_ms = _duration(words)
        return Spread(words, (length_ms, length_ms), length_ms)
    low_ms, high_ms = _duration(low), _duration(high)
    if low_ms > high_ms:
        raise BadSpread(f"{words!r}: the minimum is above the maximum; write {high.strip()}..{low.strip()}")
    return Spread(words, (low_ms, high_ms), (low_ms + high_ms) // 2)


def fixed(length_ms: int) -> Spread:
    """A duration that is the same in every run."""
    return Spread(f"{length_ms}ms", (length_ms, length_ms), length_ms)


def quantiles(text: str, minutes: Sequence[int]) -> Spread:
    """The distribution with those equally spaced quantiles in minutes, as organisations' files write it."""
    table = tuple(minute * MINUTE_MS for minute in minutes)
    return Spread(text, table, table[len(table) // 2])


def _pert(words: str, parts: list[str], _folder: Path | None) -> Spread:
    if len(parts) != 3:
        raise BadSpread(f"{words!r}: write minimum, most likely, maximum: pert(5m, 12m, 45m)")
    low_ms, likely_ms, high_ms = map(_duration, parts)
    if not low_ms <= likely_ms <= high_ms:
        raise BadSpread(f"{words!r}: out of order; write minimum, most likely, maximum: pert(5m, 12m, 45m)")
    if low_ms == high_ms:
        return Spread(words, (low_ms, low_ms), low_ms)
    return Spread(words, _pert_table(low_ms, likely_ms, high_ms), likely_ms)


@lru_cache(maxsize=1024)
def _pert_table(low_ms: int, likely_ms: int, high_ms: int) -> tuple[int, ...]:
    """Quantiles of low + (high - low) Beta(1 + 4m, 5 - 4m), where m is the relative position of the most
    likely value.
    """
    mode = (likely_ms - low_ms) / (high_ms - low_ms)
    x = np.linspace(0.0, 1.0, _GRID + 1)
    density = x ** (4 * mode) * (1 - x) ** (4 - 4 * mode)
    mass = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    at = np.interp(np.linspace(0.0, 1.0, PERT_CELLS + 1), mass / mass[-1], x)
    return tuple(int(one) for one in np.rint(low_ms + at * (high_ms - low_ms)))


def _lognormal(words: str, parts: list[str], _folder: Path | None) -> Spread:
    given = {name.strip(): value.strip() for name, _, value in (part.partition("=") for part in parts)}
    if set(given) != {"median", "p90"} or len(parts) != 2:
        raise BadSpread(f"{words!r}: write the median and the 90 % quantile: lognormal(median=6h, p90=30h)")
    median_ms, p90_ms = _duration(given["median"]), _duration(given["p90"])
    if not 0 < median_ms <= p90_ms:
        raise BadSpread(
            f"{words!r}: out of order; the median must be above zero, and p90 must not be below it"
        )
    if p90_ms > 100 * median_ms:
        raise BadSpread(f"{words!r}: p90 is more than a hundred medians; write a narrower distribution")
    return Spread(words, _lognormal_table(median_ms, p90_ms), median_ms)


@lru_cache(maxsize=1024)
def _lognormal_table(median_ms: int, p90_ms: int) -> tuple[int, ...]:
    """Quantiles of a log-normal distribution; the first and last point represent the outer eighths of
    their cells.
    """
    normal, sigma = NormalDist(), np.log(p90_ms / median_ms) / _P90
    outer = 1 / (8 * LOGNORMAL_CELLS)
    shares = np.clip(np.linspace(0.0, 1.0, LOGNORMAL_CELLS + 1), outer, 1 - outer)
    z = np.array([normal.inv_cdf(float(share)) for share in shares])
    return tuple(min(int(one), LONGEST_MS) for one in np.rint(median_ms * np.exp(sigma * z)))


def _samples(words: str, parts: list[str], folder: Path | None) -> Spread:
    if len(parts) != 2 or not all(parts):
        raise BadSpread(f"{words!r}: write the file and its column: samples(durations.csv, minutes)")
    path, column = (folder or Path()) / parts[0], parts[1]
    try:
        rows = list(csv.DictReader(read_bounded(path).decode("utf-8-sig").splitlines()))
    except (OSError, OutOfBounds, UnicodeDecodeError, csv.Error):
        raise BadSpread(f"{words!r}: {parts[0]} cannot be read; name a CSV file next to the plan") from None
    if not rows:
        raise BadSpread(f"{words!r}: {parts[0]} has no row below its header; write at least two")
    if column not in rows[0]:
        there = ", ".join(filter(None, rows[0]))
        how = "; separate columns by commas" if ";" in there else ""
        raise BadSpread(f"{words!r}: {parts[0]} has no column {column!r}; there is {there:.200}{how}")
    for number, row in enumerate(rows, 1):
        # csv stores surplus cells under the key None; spreadsheets may write empty ones
        if any(cell.strip() for cell in row.get(None, ())):
            what = f"row {number} below the header of {parts[0]} has more cells than the header"
            raise BadSpread(f"{words!r}: {what}; write decimals with a point, as in 7.5")
    values = sorted(_sample(row[column], column, words) for row in rows if (row[column] or "").strip())
    if len(values) < 2:
        raise BadSpread(f"{words!r}: fewer than two values; write at least two measured durations")
    return Spread(words, tuple(values), values[len(values) // 2], measured=True)


def _sample(cell: str, column: str, words: str) -> int:
    """A cell of the table: a duration with its unit, or a number in the unit that ends the column's name
    (`takes_s`).
    """
    cell, unit = cell.strip(), _COLUMN_MS.get(re.split(r"[_\s-]", column)[-1])
    if unit and re.fullmatch(r"\d+(\.\d+)?", cell, re.ASCII):
        length_ms = float(cell) * unit
        if length_ms > LONGEST_MS:
            raise BadSpread(f"{words!r}: {_too_long(cell)}")
        return int(length_ms)
    try:
        return _duration(cell)
    except BadSpread as error:
        raise BadSpread(f"{words!r}: {error}, or end the column's name in _s or _min") from None


def _duration(text: str) -> int:
    text = text.strip()
    if text.startswith("-"):
        raise BadSpread(f"{text!r} is negative; a duration is zero or more, such as 15m")
    try:
        length_ms = parse_duration(text)
    except ValueError:
        raise BadSpread(f"{text!r} is not a duration; write {FORMS}") from None
    if length_ms > LONGEST_MS:
        raise BadSpread(_too_long(text))
    return length_ms


def _too_long(text: str) -> str:
    return f"{text!r:.40} is longer than seventeen years; write a shorter one"


_CALLED = {"pert": _pert, "lognormal": _lognormal, "samples": _samples}
