"""The result of a check as one HTML page: inline SVG, no script, no external request."""

import re
from collections.abc import Iterator
from functools import partial

from sim.kernel.plain_line import in_markup
from sim.kernel.quantities import counted
from sim.study.check import Check, Checked
from sim.study.documents.charts import chain_bars, s_curve, tornado, week_map
from sim.study.documents.check_text import OVERLAP, run_command
from sim.study.documents.promise_words import (
    first_line,
    never_applied,
    not_counted,
    probability_text,
    quantile_text,
    wanted,
)
from sim.study.documents.step_bars import step_bars
from sim.study.documents.svg_shapes import on_each_screen
from sim.study.surroundings import circular
from sim.study.weather import Weather
from sim.study.why import Why, why

STYLE = """
:root { color-scheme: light dark; --ink: #1c2733; --soft: #5b6b7b; --line: #d5dde5; --paper: #fff;
  --bar: #2f6f9f; --bar2: #b9d3e6; --good: #1d7a46; --bad: #b3261e; --open: #8a6100; --target: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --soft: #9db0c2; --line: #37424e;
  --paper: #12181f; --bar: #6fb1e0; --bar2: #2b4a63; --good: #58c98a; --bad: #ff8a80; --open: #e0b64a;
  --target: #ff8a80; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .3rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .2rem; } p { margin: .3rem 0; } .soft { color: var(--soft); }
.verdict { font-weight: 700; } .holds { color: var(--good); } .fails { color: var(--bad); }
.undecided { color: var(--open); }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .3rem .6rem .3rem 0;
  border-bottom: 1px solid var(--line); vertical-align: top; }
.wide { overflow-x: auto; } svg { max-width: 100%; height: auto; }
.phone { display: none; } .phone svg { width: 100%; max-width: 30rem; }
@media screen and (max-width: 46rem) { .phone { display: block; } .desktop { display: none; } }
@media screen and (max-width: 30rem) { table { font-size: .875rem; } td, th { padding-right: .35rem; } }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg .soft { fill: var(--soft); } svg .axis { stroke: var(--line); }
svg .curve { stroke: var(--bar); fill: none; stroke-width: 2; }
svg .bar { fill: var(--bar); } svg .bar2 { fill: var(--bar2); }
svg .target { stroke: var(--target); stroke-dasharray: 4 3; } svg .targettext { fill: var(--target); }
code { font-size: .9em; overflow-wrap: anywhere; }
"""

NO_BREAK = "\N{NO-BREAK SPACE}"
"""Space between a number and its per cent sign, so that no line begins with the sign."""
_PER_CENT = re.compile(r"(?<=\d) %")


def page(check: Check, weather: Weather | None = None) -> str:
    """The page's HTML; with a map of the week if `weather` is given."""
    return _PER_CENT.sub(NO_BREAK + "%", "\n".join(_lines(check, weather))) + "\n"


def _lines(check: Check, weather: Weather | None) -> Iterator[str]:
    plan, scenario = check.study.loaded.plan, check.study.loaded.scenario
    title = in_markup(plan.title or plan.id)
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield (
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
    )
    yield f"<title>{title}: {check.verdict}</title><style>{STYLE}</style></head><body>"
    yield f"<h1>{title}</h1>"
    runs = f"{counted(len(check.runs), 'run')} of {in_markup(scenario.id)}, seed {check.study.seed}"
    yield f'<p class="soft">{in_markup(plan.id)}, {runs}</p>'
    yield '<div class="wide"><table><tr><th>Promise</th><th>Verdict</th>'
    yield "<th>Probability</th><th>Wanted</th></tr>"
    for one in check.promises:
        says = in_markup(one.promise.says or one.promise.id)
        yield (
            f'<tr><td><a href="#{in_markup(one.promise.id)}">{says}</a></td><td>{_verdict(one)}</td>'
            f"<td>{probability_text(one)}</td><td>{wanted(one.promise)}</td></tr>"
        )
    yield "</table></div>"
    for one in check.promises:
        yield from _promise(check, one, why(check, one))
    yield "<h2>The steps over all runs</h2>"
    bars = "Time since the onset: pale from P10 to P90, dark from the median start to the median end"
    edge = "A pale bar that reaches the right edge: not done in more than one run in ten"
    share = "the percentages are the shares of runs in which the step was done, and in which it was critical"
    ends = "A run ends once all promises are decided, so later steps are not done in it"
    chain = (
        "Critical: on the chain of causes of at least one promise; a run in which the promised moment was "
        "not reached, or did not last, has no chain"
    )
    yield f'<p class="soft">{bars}; {share}. {chain}. {edge}. {ends}.</p>'
    yield on_each_screen(partial(step_bars, check))
    if weather is not None:
        yield "<h2>Plan weather</h2>"
        runs = counted(weather.runs, "run")
        told = f"Percentage of {runs} in which all promises are kept, by the local hour of the onset."
        yield f'<p class="soft">{told}</p>'
        yield on_each_screen(partial(week_map, weather))
    circles = circular(check)
    if circles:
        yield "<h2>Circular dependencies</h2><ul>"
        for circle in circles:
            met = f"met in {circle.runs} runs" if circle.runs else "in the files only; no run met it"
            told = f"{circle.step} needs {circle.needs}: {circle.because} ({met})"
            yield f"<li>{in_markup(told)}</li>"
        yield "</ul>"
    yield '<p class="soft">Made by mxdrill, a simulator: no production system was touched.</p>'
    yield "</body></html>"


def _promise(check: Check, one: Checked, reasons: Why) -> Iterator[str]:
    promise = one.promise
    yield f'<h2 id="{in_markup(promise.id)}">{in_markup(promise.says or promise.id)}</h2>'
    if not one.last.runs:
        yield f"<p>{_verdict(one)}: {in_markup(never_applied(one))}.</p>"
        return
    probability = f"{probability_text(one)}, wanted {wanted(promise)}"
    yield f"<p>{_verdict(one)}: {in_markup(first_line(one))}; {probability}</p>"
    told = ", ".join(f"{name.upper()} {quantile_text(one, q)}" for name, q in one.quantiles.items())
    yield f'<p class="soft">{in_markup(told)}</p>'
    if one.applies < len(one.answers):
        applies = f"Applies to {one.applies} of {len(one.answers)} runs; not counted: {not_counted(one)}."
        yield f'<p class="soft">{in_markup(applies)}</p>'
    yield on_each_screen(partial(s_curve, one))
    if reasons.drivers:
        yield "<h3>What drives it</h3>"
        what = "Share of the variance that each duration explains; longer is later, unless marked as earlier."
        if reasons.overlap:
            what += f" The {OVERLAP}."
        yield f'<p class="soft">{what}</p>'
        yield on_each_screen(partial(tornado, reasons))
    if reasons.critical:
        yield "<h3>Where the time goes</h3>"
        yield '<p class="soft">Parts of the chain of causes: share of its time over all runs.</p>'
        yield on_each_screen(partial(chain_bars, reasons))
    for what, found in (("Never", reasons.never), ("Ended too early", reasons.too_early)):
        for text, runs in found:
            yield f"<p>{what} in {counted(runs, 'run')}: {in_markup(text)}</p>"
    if reasons.bad_run and one.verdict != "holds" and one.last.kept < one.last.runs:
        command = run_command(check, reasons.bad_run)
        yield f"<p>At most one run in ten is worse than this one: <code>{in_markup(command)}</code></p>"


def _verdict(one: Checked) -> str:
    return f'<span class="verdict {one.verdict}">{one.verdict}</span>'
