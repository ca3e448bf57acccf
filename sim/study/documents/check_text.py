"""The result of a check for a reader at a terminal."""

from collections import Counter
from collections.abc import Iterator, Sequence
from shlex import quote

from sim.drill.plan.fields import percent
from sim.drill.plan.promise import PlanPromise
from sim.kernel.duration import MINUTE_MS, SECOND_MS, in_words
from sim.kernel.quantities import counted
from sim.study.cause_walk import ChainLink
from sim.study.check import Check, Checked
from sim.study.looks import RunsLook, fewest
from sim.study.promises import WhyNot
from sim.study.statistics.order_statistics import NEVER, UNKNOWN, Quantile
from sim.study.surroundings import circular
from sim.study.why import MOST_LINKS, Why, why

WORDS = {"holds": "HOLDS", "fails": "FAILS", "undecided": "UNDECIDED"}

SECONDS_BELOW_MS = 10 * MINUTE_MS

OVERLAP = "shares overlap: they do not add up to 100 %"


def check_text(check: Check) -> str:
    """The result in several lines: the verdict on each promise, its times, and where to find more."""
    return "\n".join(_lines(check))


_REASONS_SHOWN = 3
_OTHER_REASONS = "other reasons; `--json` lists all of them"


def _lines(check: Check) -> Iterator[str]:
    loaded = check.study.loaded
    title = f": {loaded.plan.title}" if loaded.plan.title else ""
    yield f"{loaded.plan.id}{title}"
    yield f"{counted(len(check.runs), 'run')} of {loaded.scenario.id}, seed {check.study.seed}"
    for one in check.promises:
        yield ""
        yield from _promise(one)
        yield from why_lines(one, why(check, one), check)
    circles = circular(check)
    if circles:
        yield from ("", "Circular dependencies")
    for circle in circles:
        met = f"met in {counted(circle.runs, 'run')}" if circle.runs else "in the files only; no run met it"
        yield f"  {circle.step} needs {circle.needs}: {circle.because} ({met})"


def run_command(check: Check, number: int) -> str:
    """The command that opens run `number`, with the seed and the settings of its check."""
    study = check.study
    words = ["mxdrill", "play", "--run", f"{study.loaded.named}#{number}"]
    words += [] if study.seed == 1 else ["--seed", str(study.seed)]
    words += [word for name, value in study.loaded.given for word in ("--set", f"{name}={value}")]
    return " ".join(quote(word) if " " in word else word for word in words)


def why_lines(one: Checked, reasons: Why, check: Check) -> Iterator[str]:
    """Indented lines: the drivers, two chains, the reasons why the moment never came, and a run to open."""
    if reasons.drivers:
        told = [f"{driver.name} {share(driver.share)}" for driver in reasons.drivers]
        other = f", other {share(reasons.other)}" if reasons.other >= 0.005 else ""
        overlap = f" ({OVERLAP})" if reasons.overlap else ""
        many = f"{no_main_cause(reasons)}: " if no_main_cause(reasons) else ""
        yield f"           driven by {many}{', '.join(told)}{other}{overlap}"
    if reasons.median:
        yield f"           median run: {chain_text(reasons.median)}"
    late = one.last.kept < one.last.runs
    shown = bool(reasons.bad) and reasons.bad_run != reasons.median_run and late
    if shown:
        yield f"           one run in ten is later than run {reasons.bad_run}: {chain_text(reasons.bad)}"
    for what, found in (("never", reasons.never), ("ended too early", reasons.too_early)):
        for text, runs in found[:_REASONS_SHOWN]:
            yield f"           {what} in {counted(runs, 'run')}: {text}"
        if others := sum(runs for _text, runs in found[_REASONS_SHOWN:]):
            yield f"           {what} in {counted(others, 'run')}: {_OTHER_REASONS}"
    if one.verdict != "holds" and reasons.bad_run and late:
        it = "it" if shown else f"run {reasons.bad_run}"
        yield f"           to open {it}: {run_command(check, reasons.bad_run)}"


def no_main_cause(reasons: Why) -> str:
    """A remark, `several causes, each at most 12 %`, if the unexplained part is larger than that of any
    driver; otherwise empty.
    """
    most = max((driver.share for driver in reasons.drivers), default=1.0)
    return f"several causes, each at most {share(most)}" if reasons.other > most else ""


def chain_text(links: Sequence[ChainLink]) -> str:
    """The links of a chain in chronological order; a long chain is shown without its shortest links."""
    least_ms = sorted((link.ms for link in links), reverse=True)[:MOST_LINKS][-1]
    unit_ms = _unit(sum(link.ms for link in links))
    shown = [f"{link.name} {in_words(link.ms, unit_ms)}" for link in links if link.ms >= least_ms]
    return " › ".join(shown)


def _promise(one: Checked) -> Iterator[str]:
    promise, last, sure = one.promise, one.last, one.sure
    yield f"{WORDS[one.verdict]:<9}  {promise.id}" + (f": {promise.says}" if promise.says else "")
    if not last.runs:
        yield f"           {never_applied(one)}"
        return
    yield f"           {first_line(one)}"
    found = _probability(last, sure, f" of {counted(last.runs, 'run')}")
    yield f"           {found}, wanted {wanted(promise)}"
    if earlier := decided_earlier(one):
        yield f"           {earlier}"
    if one.applies < len(one.answers):
        yield f"           applies to {last.runs} of {len(one.answers)} runs; not counted: {not_counted(one)}"
    if one.verdict == "undecided" and (why_not := too_few_runs(last.runs, fewest(sure, 1 - one.level))):
        yield f"           {why_not}"
    told = ", ".join(f"{name.upper()} {quantile_text(one, q)}" for name, q in one.quantiles.items())
    yield f"           {told}"


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
    return _probability(last, one.sure) + (f"; {earlier}" if earlier else "")


def decided_earlier(one: Checked) -> str:
    """`holds since the check after 50 runs: 100 % (91 % to 100 %)`, if the last check alone would not give
    the verdict; otherwise empty.
    """
    first = one.decided
    if first is None or one.last.verdict == first.verdict:
        return ""
    runs = counted(first.runs, "run")
    return f"{first.verdict} since the check after {runs}: {_probability(first, one.sure)}"


def _probability(look: RunsLook, sure: float, runs: str = "") -> str:
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
    unit_ms = _unit(limit_ms)
    told = in_words(int(value), unit_ms)
    if told != in_words(limit_ms, unit_ms):
        return told
    return f"just {'over' if value > limit_ms else 'under'} {in_words(limit_ms)}"


def _unit(length_ms: int) -> int:
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
