"""Files of a check for other programs: JUnit for pipelines, CSV with a row for each run, Markdown."""

import csv
import io
from collections.abc import Iterable
from xml.etree import ElementTree

from sim.kernel.duration import SECOND_MS, in_words
from sim.study.check import Check, Checked
from sim.study.documents.check_text import first_line, no_main_cause, quantile_text, share, wanted
from sim.study.paired import Paired
from sim.study.statistics.order_statistics import NEVER
from sim.study.why import why


def junit(check: Check) -> str:
    """One test case for each promise: a failure if it fails, an error if it is undecided."""
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
        told = f"{first_line(one)}; {_probability(one)}"
        if one.verdict == "fails":
            ElementTree.SubElement(case, "failure", {"message": told, "type": "fails"}).text = _detail(one)
        elif one.verdict == "undecided":
            told = f"undecided after {one.last.runs} runs; {told}"
            ElementTree.SubElement(case, "error", {"message": told, "type": "undecided"}).text = _detail(one)
        ElementTree.SubElement(case, "system-out").text = told
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
    head += [f"{name}.done_s" for name in steps] + [f"{name}_s" for name in drawn]
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(head)
    for index, run in enumerate(check.runs):
        row: list[object] = [run.number, run.seed]
        for one in check.promises:
            given = one.answers[index]
            value = given.value if one.promise.figure else given.value / SECOND_MS
            row += ["" if not given.applies or value == NEVER else f"{value:g}", int(given.kept)]
            if not given.applies:
                row[-1] = ""
        for name in steps:
            done_ms = run.moment(f"{name}.done")
            row.append("" if done_ms is None else (done_ms - run.onset_ms) / SECOND_MS)
        row += ["" if name not in run.drawn else run.drawn[name] / SECOND_MS for name in drawn]
        out.writerow(row)
    return text.getvalue()


def markdown(check: Check, against: Iterable[tuple[str, Paired]] = ()) -> str:
    """A table for a merge request: a row for each promise; if plans are compared, the effect of the edit."""
    loaded = check.study.loaded
    lines = [
        f"### {_cell(loaded.plan.title or loaded.plan.id)}: {check.verdict}",
        "",
        f"`{loaded.plan.id}` on `{loaded.scenario.id}`, {len(check.runs)} runs, seed {check.study.seed}",
        "",
        "| promise | verdict | probability | wanted | P50 | P90 | mostly decided by |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in check.promises:
        reasons = why(check, one)
        found = reasons.drivers
        by = no_main_cause(reasons) or (f"{found[0].name} ({share(found[0].share)})" if found else "")
        cells = (
            one.promise.says or one.promise.id,
            one.verdict,
            _probability(one),
            wanted(one.promise),
            quantile_text(one, one.quantiles["p50"]),
            quantile_text(one, one.quantiles["p90"]),
            by,
        )
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
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
                f"| {_cell(name)} | {share(pair.before)} | {share(pair.after)} "
                f"| {pair.difference * 100:+.0f} points | {low} to {high} | {pair.p:.3g} |"
            )
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _probability(one: Checked) -> str:
    return f"{share(one.last.probability)} ({share(one.last.low)} to {share(one.last.high)})"


def _detail(one: Checked) -> str:
    promise = one.promise
    aim = f"wanted {wanted(promise)}"
    if promise.within_ms is not None:
        aim += f" within {in_words(promise.within_ms)}"
    told = ", ".join(f"{name.upper()} {quantile_text(one, q)}" for name, q in one.quantiles.items())
    return f"{aim}; {told}"
