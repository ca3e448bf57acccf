"""Files of a check for other programs: JUnit for pipelines, CSV with a row for each run, Markdown."""

import csv
import io
from collections.abc import Iterable
from xml.etree import ElementTree

from sim.kernel.duration import SECOND_MS, in_words
from sim.kernel.plain_line import in_markdown
from sim.kernel.quantities import counted
from sim.study.check import Check, Checked
from sim.study.documents.check_text import no_main_cause, why_lines
from sim.study.documents.promise_words import (
    first_line,
    never_applied,
    not_counted,
    probability_text,
    quantile_text,
    share,
    wanted,
)
from sim.study.paired import Paired
from sim.study.promises import PromiseResult
from sim.study.statistics.order_statistics import UNKNOWN
from sim.study.why import why


def junit(check: Check) -> str:
    """One test case for each promise: a failure if it fails, an error if it is undecided.

    The test's name is the promise's id, which stays the same if the sentence is reworded; the sentence is the
    first line of its output, and begins the message of a failure or error.
    """
    verdicts = [one.verdict for one in check.promises]
    name = check.study.loaded.plan.id
    counts = {
        "name": name,
        "tests": str(len(verdicts)),
        "failures": str(verdicts.count("fails")),
        "errors": str(verdicts.count("undecided")),
    }
    suites = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(suites, "testsuite", counts | {"skipped": "0"})
    for one in check.promises:
        case = ElementTree.SubElement(suite, "testcase", {"classname": name, "name": one.promise.id})
        says, told = one.promise.says or one.promise.id, _told(one)
        if one.verdict != "holds":
            message = {"message": f"{says}: {told}", "type": one.verdict}
            found = ElementTree.SubElement(case, "failure" if one.verdict == "fails" else "error", message)
            lines = (line.strip() for line in why_lines(one, why(check, one), check))
            found.text = "\n".join([_detail(one), *_left_out(one), *lines])
        ElementTree.SubElement(case, "system-out").text = f"{says}\n{told}"
    ElementTree.indent(suites)
    text: str = ElementTree.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def rows(check: Check) -> str:
    """CSV: a row for each run, with each promise's value and the draws, in seconds."""
    steps = [step.id for step in check.study.loaded.plan.steps]
    drawn = sorted({name for run in check.runs for name in run.drawn})
    promises = [one.promise for one in check.promises]
    head = ["run", "seed"]
    for promise in promises:
        head += [promise.id if promise.figure else f"{promise.id}_s", f"{promise.id}_kept"]
        head.append(f"{promise.id}_why_not")
    head += [f"{name}.done_s" for name in steps] + [f"{name}_s" for name in drawn]
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(head)
    for index, run in enumerate(check.runs):
        row: list[object] = [run.number, run.seed]
        for one in check.promises:
            given = one.answers[index]
            row += [_value(one, given), int(given.kept) if given.applies else ""]
            row.append("too early" if given.unknown else given.why_not)
        for name in steps:
            done_ms = run.moment(f"{name}.done")
            row.append("" if done_ms is None else (done_ms - run.onset_ms) / SECOND_MS)
        row += ["" if name not in run.drawn else run.drawn[name] / SECOND_MS for name in drawn]
        out.writerow(row)
    return text.getvalue()


def markdown(check: Check, against: Iterable[tuple[str, Paired]] = ()) -> str:
    """A table for a merge request: a row for each promise; if two plans are compared, also the effect of
    the edit.
    """
    loaded, runs = check.study.loaded, counted(len(check.runs), "run")
    lines = [
        f"### {in_markdown(loaded.plan.title or loaded.plan.id)}: {check.verdict}",
        "",
        f"`{loaded.plan.id}` on `{loaded.scenario.id}`, {runs}, seed {check.study.seed}",
        "",
        "| promise | verdict | probability | wanted | P50 | P90 | mostly decided by |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in check.promises:
        reasons = why(check, one)
        found = reasons.drivers
        by = no_main_cause(reasons) or (f"{found[0].name} ({share(found[0].share)})" if found else "")
        by = by or (reasons.never[0][0] if reasons.never else "")
        cells = (
            one.promise.says or one.promise.id,
            one.verdict,
            probability_text(one),
            wanted(one.promise),
            *(quantile_text(one, one.quantiles[name]) if one.last.runs else "" for name in ("p50", "p90")),
            by,
        )
        lines.append("| " + " | ".join(in_markdown(cell) for cell in cells) + " |")
    compared = list(against)
    if compared:
        lines += [
            "",
            "| promise | before | after | difference | 95 % interval | p |",
            "|---|---|---|---|---|---|",
        ]
        for name, pair in compared:
            low, high = f"{pair.low * 100:+.0f}", f"{pair.high * 100:+.0f}"
            lines.append(
                f"| {in_markdown(name)} | {share(pair.before)} | {share(pair.after)} "
                f"| {pair.difference * 100:+.0f} points | {low} to {high} | {pair.p:.3g} |"
            )
    return "\n".join(lines) + "\n"


def _value(one: Checked, given: PromiseResult) -> object:
    """A figure, or a time in whole seconds; empty if it was not reached or is unknown, or if the run does not
    count.
    """
    if not given.applies or given.value >= UNKNOWN:
        return ""
    return int(given.value) if one.promise.figure else int(given.value) // SECOND_MS


def _told(one: Checked) -> str:
    if not one.last.runs:
        return never_applied(one)
    told = f"{first_line(one)}; {probability_text(one)}"
    return f"undecided after {counted(one.last.runs, 'run')}; {told}" if one.verdict == "undecided" else told


def _left_out(one: Checked) -> list[str]:
    return [f"not counted: {not_counted(one)}"] if 0 < one.applies < len(one.answers) else []


def _detail(one: Checked) -> str:
    promise = one.promise
    aim = f"wanted {wanted(promise)}"
    if promise.within_ms is not None:
        aim += f" within {in_words(promise.within_ms)}"
    if not one.last.runs:
        return aim
    told = ", ".join(f"{name.upper()} {quantile_text(one, q)}" for name, q in one.quantiles.items())
    return f"{aim}; {told}"
