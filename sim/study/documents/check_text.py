"""The result of a check for a reader at a terminal."""

from collections.abc import Iterator, Sequence
from shlex import quote

from sim.kernel.duration import in_words
from sim.kernel.quantities import counted
from sim.study.cause_walk import ChainLink
from sim.study.check import Check, Checked
from sim.study.documents.promise_words import (
    decided_earlier,
    first_line,
    look_in_words,
    never_applied,
    not_counted,
    quantile_text,
    share,
    shown_unit_ms,
    too_few_runs,
    wanted,
)
from sim.study.looks import fewest
from sim.study.surroundings import circular
from sim.study.why import MOST_LINKS, Why, why

WORDS = {"holds": "HOLDS", "fails": "FAILS", "undecided": "UNDECIDED"}

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
    unit_ms = shown_unit_ms(sum(link.ms for link in links))
    shown = [f"{link.name} {in_words(link.ms, unit_ms)}" for link in links if link.ms >= least_ms]
    return " › ".join(shown)


def _promise(one: Checked) -> Iterator[str]:
    promise, last, sure = one.promise, one.last, one.sure
    yield f"{WORDS[one.verdict]:<9}  {promise.id}" + (f": {promise.says}" if promise.says else "")
    if not last.runs:
        yield f"           {never_applied(one)}"
        return
    yield f"           {first_line(one)}"
    found = look_in_words(last, sure, f" of {counted(last.runs, 'run')}")
    yield f"           {found}, wanted {wanted(promise)}"
    if earlier := decided_earlier(one):
        yield f"           {earlier}"
    if one.applies < len(one.answers):
        yield f"           applies to {last.runs} of {len(one.answers)} runs; not counted: {not_counted(one)}"
    if one.verdict == "undecided" and (why_not := too_few_runs(last.runs, fewest(sure, 1 - one.level))):
        yield f"           {why_not}"
    told = ", ".join(f"{name.upper()} {quantile_text(one, q)}" for name, q in one.quantiles.items())
    yield f"           {told}"
