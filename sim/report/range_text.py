"""Bands of figures in words, such as `0 to 3,500`, and the table of `--range`: a row for each assumption."""

from collections.abc import Callable

from sim.kernel.duration import MINUTE_MS, in_words
from sim.report.sender_ranges import Range, Ranges


def span(low: int | None, high: int | None) -> str:
    """A band in words: `0 to 3,500`; empty if only one mix is known.

    Rounded outwards to two digits, because a band is no more precise than that.
    """
    if low is None or high is None:
        return ""
    if low == high == 0:
        return "0"
    return f"{low // _unit(low) * _unit(low):,} to {-(-high // _unit(high)) * _unit(high):,}"


def _unit(count: int) -> int:
    """The place value of the second digit."""
    return int(10 ** max(0, len(str(count)) - 2))


def range_text(did: Ranges, nothing: Ranges) -> str:
    """The counts of both runs for each assumption, row by row; each count comes from a separate run."""
    lines = ["By assumption (one run for each value of an unpublished number)"]
    rows: list[tuple[str, Range, Range, Callable[[int | None], str]]] = [
        ("Bounced at the sender", did.gave_up, nothing.gave_up, _told),
        ("Messages too late to be useful", did.late, nothing.late, _told),
        ("Messages that arrived twice", did.copies, nothing.copies, _told),
    ]
    if did.backlog_ms is not None and nothing.backlog_ms is not None:
        rows.append(("Time to clear the backlog", did.backlog_ms, nothing.backlog_ms, _time))
    for head, mine, theirs, told in rows:
        lines += ["", f"{head:<42}{'this run':>18}{'doing nothing':>19}"]
        lines += [
            f"{name:<42}{told(count):>18}{told({**theirs.mixes, **theirs.assumed}[name]):>19}"
            for name, count in {**mine.mixes, **mine.assumed}.items()
        ]
        lines += [f"{'band':<42}{_band(mine, told):>18}{_band(theirs, told):>19}"]
    return "\n".join([*lines, "", did.covers])


def _band(found: Range, told: Callable[[int | None], str]) -> str:
    if found.low is None or found.high is None:
        return "unknown"
    if told is _told:
        return span(found.low, found.high).replace(" to ", "–")
    return told(found.low) if found.low == found.high else f"{told(found.low)}–{told(found.high)}"


def _told(count: int | None) -> str:
    return "unknown" if count is None else f"{count:,}"


def _time(span_ms: int | None) -> str:
    return "unknown" if span_ms is None else in_words(span_ms, MINUTE_MS)
