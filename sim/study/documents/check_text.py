"""The result of a check for a reader at a terminal."""

from collections.abc import Iterator

from sim.drill.plan.fields import percent
from sim.kernel.duration import MINUTE_MS, in_words
from sim.kernel.plural import counted
from sim.study.check import Check, Checked
from sim.study.order_statistics import NEVER, Quantile

WORDS = {"holds": "HOLDS", "fails": "FAILS", "undecided": "UNDECIDED"}


def check_text(check: Check) -> str:
    """Several lines: the verdict on each promise, its times, and where to look."""
    return "\n".join(_lines(check))


def _lines(check: Check) -> Iterator[str]:
    loaded = check.study.loaded
    title = f": {loaded.plan.title}" if loaded.plan.title else ""
    yield f"{loaded.plan.id}{title}"
    yield f"{counted(len(check.runs), 'run')} of {loaded.scenario.id}, seed {check.study.seed}"
    for one in check.promises:
        yield ""
        yield from _promise(one)


def _promise(one: Checked) -> Iterator[str]:
    promise, last = one.promise, one.last
    yield f"{WORDS[one.verdict]:<9}  {promise.id}" + (f": {promise.says}" if promise.says else "")
    if not last.runs:
        yield f"           never applied: in no run did {promise.from_.text} come"
        return
    yield f"           {first_line(one)}"
    yield (
        f"           {share(last.probability)} of {counted(last.runs, 'run')}"
        f" ({share(last.low)} to {share(last.high)}), wanted {percent(promise.sure)}"
    )
    if one.applies < len(one.answers):
        yield f"           applies to {last.runs} of {len(one.answers)} runs; the others are left out"
    told = ", ".join(f"{name.upper()} {quantile_text(one, q)}" for name, q in one.quantiles.items())
    yield f"           {told}"


def first_line(one: Checked) -> str:
    """`your planned 1 h is the P23`."""
    promise, place = one.promise, round(one.last.probability * 100)
    if promise.figure is not None:
        limit = (
            f"at most {promise.at_most}" if promise.at_most is not None else f"at least {promise.at_least}"
        )
        return f"{promise.figure} is {limit} in {place} of 100 runs"
    assert promise.within_ms is not None
    planned = in_words(promise.within_ms)
    if place == 0:
        return f"your planned {planned} is shorter than in every run"
    if place == 100:
        return f"your planned {planned} is longer than in every run"
    return f"your planned {planned} is the P{place}"


def quantile_text(one: Checked, quantile: Quantile) -> str:
    """A quantile and its interval."""
    return f"{value_text(one, quantile.value)} ({value_text(one, quantile.low)} to {_upper(one, quantile)})"


def _upper(one: Checked, quantile: Quantile) -> str:
    seen = [given.value for given in one.answers if given.applies and given.value != NEVER]
    if quantile.high != NEVER or not seen:
        return value_text(one, quantile.high)
    return f"more than {value_text(one, max(seen))}"


def value_text(one: Checked, value: float) -> str:
    """A time in words, or a figure's number; `never` if it did not come."""
    if value == NEVER:
        return "never"
    return f"{value:,.0f}" if one.promise.figure is not None else in_words(int(value), MINUTE_MS)


def share(probability: float) -> str:
    """`93 %`, and one decimal at the edges, where it matters."""
    shown = probability * 100
    if 0 < shown < 1 or 99 < shown < 100:
        return f"{shown:.1f} %"
    return f"{shown:.0f} %"
