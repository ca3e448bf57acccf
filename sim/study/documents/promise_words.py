"""The result of one promise in words: the counts of runs, shares with intervals, and times."""

from collections import Counter

from sim.drill.plan.fields import percent
from sim.drill.plan.promise import PlanPromise
from sim.kernel.duration import MINUTE_MS, SECOND_MS, in_words
from sim.kernel.quantities import counted
from sim.study.check import Checked
from sim.study.looks import RunsLook
from sim.study.promises import WhyNot
from sim.study.statistics.order_statistics import NEVER, UNKNOWN, Quantile

SECONDS_BELOW_MS = 10 * MINUTE_MS


def never_applied(one: Checked) -> str:
    """`never applied: 40 runs did not reach mx.changed`: the reason why no run counts."""
    return f"never applied: {not_counted(one)}"


def not_counted(one: Checked) -> str:
    """`40 runs did not reach mx.changed`: for each reason why runs do not count, their number."""
    return "; ".join(f"{counted(runs, 'run')} {because}" for _why, because, runs in reasons_not_counted(one))


def reasons_not_counted(one: Checked) -> list[tuple[WhyNot, str, int]]:
    """Each reason why runs do not count: its name, the rest of a sentence about them, and their number."""
    promise, why = one.promise, Counter[WhyNot](given.why_not for given in one.answers)
    reasons: dict[WhyNot, str] = {
        "from": f"did not reach {promise.from_.text}",
        "unless": f"reached {' or '.join(promise.unless)} before the limit",
        "figure": f"had no value of {promise.figure}",
    }
    return [(name, because, why[name]) for name, because in reasons.items() if why[name]]


def probability_text(one: Checked) -> str:
    """`73 % (59 % to 84 %)`: the share of runs in which the promise was kept, with its interval, and with
    the earlier check that gave the verdict if this interval would not.
    """
    last = one.last
    if not last.runs:
        return "never applied"
    earlier = decided_earlier(one)
    return look_in_words(last, one.sure) + (f"; {earlier}" if earlier else "")


def decided_earlier(one: Checked) -> str:
    """`holds since the check after 50 runs: 100 % (91 % to 100 %)`, if the last check alone would not give
    the verdict; otherwise empty.
    """
    first = one.decided
    if first is None or one.last.verdict == first.verdict:
        return ""
    runs = counted(first.runs, "run")
    return f"{first.verdict} since the check after {runs}: {look_in_words(first, one.sure)}"


def look_in_words(look: RunsLook, sure: float, runs: str = "") -> str:
    """`73 % (59 % to 84 %)`: the share of one check, with its interval; `runs` stands before the interval."""
    low, high = share_beside(look.low, sure), share_beside(look.high, sure)
    return f"{share_beside(look.probability, sure)}{runs} ({low} to {high})"


def too_few_runs(runs: int, needed: int | None) -> str:
    """The reason why that number of runs cannot show that a promise holds; empty if it can."""
    if needed is None:
        return "no number of runs can show 100 %; promise a smaller share, such as `with: 99%`"
    return (
        f"{counted(runs, 'run')} cannot show that it holds; at least {needed} are needed"
        if runs < needed
        else ""
    )


def first_line(one: Checked) -> str:
    """The counts of the last check in words: `within the promised 1 h in 184 of 800 runs`."""
    promise, last = one.promise, one.last
    counts = f"in {last.kept} of {counted(last.runs, 'run')}"
    if last.unknown:
        early = f"{last.unknown} of these runs ended too early to tell"
        counts += f"; {early}, and only the upper limit counts them as kept"
    if promise.figure is not None:
        limit = (
            f"at most {promise.at_most}" if promise.at_most is not None else f"at least {promise.at_least}"
        )
        return f"{promise.figure} is {limit} {counts}"
    assert promise.within_ms is not None
    stays = f", and then for {in_words(promise.stays_ms)}," if promise.stays_ms else ""
    return f"within the promised {in_words(promise.within_ms)}{stays} {counts}"


def quantile_text(one: Checked, quantile: Quantile) -> str:
    """A quantile and its interval, marked as a bound if there are too few runs."""
    value, low, high = value_text(one, quantile.value), quantile.low, quantile.high
    if low == NEVER:
        return value
    few = f"from {counted(one.applies, 'run')}"
    early = high == UNKNOWN
    high = None if early else high
    if low is None and high is None:
        return f"{value} (no bounds {few})"
    if low is None:
        most = "" if high is None or high == NEVER else f", at most {value_text(one, high)}"
        return f"{value} (no lower bound {few}{most})"
    if high is None:
        most = f", no upper bound {few}"
        if early:
            most = "" if quantile.value == UNKNOWN else ", upper bound unknown"
        return f"{value} (at least {value_text(one, low)}{most})"
    return f"{value} ({value_text(one, low)} to {value_text(one, high)})"


def value_text(one: Checked, value: float) -> str:
    """A time in words, or a figure's number; `never` if it was not reached, `unknown` if runs ended too early
    to show it.

    A time that rounds to the limit but differs from it is `just over` or `just under` it.
    """
    if value == NEVER:
        return "never"
    if value == UNKNOWN:
        return "unknown"
    if one.promise.figure is not None:
        return f"{value:,.0f}"
    limit_ms = one.promise.within_ms or 0
    if value == limit_ms:
        return in_words(limit_ms)
    unit_ms = shown_unit_ms(limit_ms)
    told = in_words(int(value), unit_ms)
    if told != in_words(limit_ms, unit_ms):
        return told
    return f"just {'over' if value > limit_ms else 'under'} {in_words(limit_ms)}"


def shown_unit_ms(length_ms: int) -> int:
    """The smallest unit in which times of about that length are shown: seconds if it is under 10 minutes."""
    return SECOND_MS if length_ms < SECONDS_BELOW_MS else MINUTE_MS


def wanted(promise: PlanPromise) -> str:
    """The share of runs in which the promise has to be kept: `90 %`."""
    return percent(promise.sure).replace("%", " %")


def share(probability: float) -> str:
    """A share in words: `93 %`, with one decimal near 0 and 100, where it matters."""
    shown = probability * 100
    if 0 < shown < 0.05 or 99.95 <= shown < 100:
        return "under 0.1 %" if shown < 1 else "over 99.9 %"
    if 0 < shown < 1 or 99 < shown < 100:
        return f"{shown:.1f} %"
    return f"{shown:.0f} %"


def share_beside(probability: float, limit: float) -> str:
    """`probability` in words, with enough decimals to show on which side of `limit` it is: `94.96 %` if the
    limit is 95 %.
    """
    told, side = share(probability), _side(probability, limit)
    for places in range(1, 5):
        number = told.removesuffix(" %")
        if not number[0].isdecimal() or _side(float(number), limit * 100) == side:
            break
        told = f"{probability * 100:.{places}f} %"
    return told


def _side(one: float, limit: float) -> int:
    """-1 below the limit, 0 at it, 1 above it."""
    return 0 if abs(one - limit) < 1e-9 else 1 if one > limit else -1
