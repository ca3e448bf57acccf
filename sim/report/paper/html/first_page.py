"""The first page of a debrief: five numbers, scores, decisions, eight moments, the longest waits."""

from collections.abc import Sequence

from sim.kernel.duration import around_onset, in_words
from sim.report.decisions.turned_out import DecisionRow
from sim.report.paper.delays import LONGEST, MEANWHILE, NO_WAITS, SHOWN, LongWait, meanwhile
from sim.report.paper.facts import DebriefFacts
from sim.report.paper.html.markup import Markup, el
from sim.report.paper.html.worth import on_first_page
from sim.report.paper.moments import NO_MOMENTS, Moment
from sim.report.paper.tiles import Tile
from sim.report.scores import Score

STATES = {
    "met": ("✓ met", "good"),
    "late": ("! late", "warn"),
    "missed": ("! missed", "warn"),
    "failed": ("✗ failed", "bad"),
    "open": ("○ not judged", "soft"),
}
_COUNTS = (
    "no moment", "one moment", "two moments", "three moments", "four moments", "five moments", "six moments",
    "seven moments", "eight moments",
)  # fmt: skip
"""The symbols that number the moments on the page; there are at most eight moments."""


def state_of(state: str) -> Markup:
    """A verdict as a word with a sign and a colour."""
    word, colour = STATES[state]
    return el("span", word, class_=f"state {colour}")


def first_page(facts: DebriefFacts) -> Markup:
    """The whole first page, without its head."""
    return el(
        "section",
        el("div", [_tile(one) for one in facts.tiles], class_="tiles"),
        el(
            "div",
            el("div", _scores(facts.told.scores)),
            el("div", _quadrants(facts.decisions)),
            class_="pair",
        ),
        _moments(facts.moments),
        on_first_page(facts.worth),
        _delays(facts),
    )


def _tile(one: Tile) -> Markup:
    colour = "" if one.better is None else "good" if one.better else "bad"
    return el(
        "div",
        el("span", one.name, class_="name"),
        el("b", one.value, class_=colour or None),
        el("span", one.beside, class_="beside"),
        class_="tile",
    )


def _scores(scores: Sequence[Score]) -> list[Markup]:
    return [el("h3", "Scores (never added up)"), *(_score(one) for one in scores)] if scores else []


def _score(one: Score) -> Markup:
    parts = (
        ("met", one.met, "met"),
        ("short", one.short, "late or missed"),
        ("failed", one.failed, "failed"),
    )
    words = [f"{count} {word}" for _name, count, word in parts[1:] if count]
    words += [f"{one.open} not judged"] if one.open else []
    told = ", ".join([f"{one.met} of {one.asked} met", *words])
    bars = [
        el("i", class_=name, style=f"width:{100 * count / one.asked:.1f}%") for name, count, _word in parts
    ]
    return el(
        "div",
        el("div", el("strong", one.name), el("span", told, class_="soft"), class_="row"),
        el("div", bars, class_="bar", role="img", aria_label=told),
        class_="score",
    )


def _quadrants(decisions: Sequence[DecisionRow]) -> list[Markup]:
    """Decisions by the facts known, and separately by their results, so that luck is neither praised nor
    blamed.
    """
    counts = [one for one in decisions if one.counted]
    if not counts:
        return [el("h3", "Decisions and their results"), el("p", "No decision was judged.")]

    def cell(sound: bool, well: bool | None) -> Markup:
        return el("td", sum(one.sound == sound and one.turned_out_well == well for one in counts), class_="n")

    unknown = any(one.turned_out_well is None for one in counts)
    columns = [(True, "turned out well"), (False, "turned out badly"), *([(None, "not known yet")] * unknown)]
    return [
        el("h3", "Decisions and their results"),
        el(
            "table",
            el(
                "thead",
                el("tr", el("th", "on what was known"), [el("th", name, class_="n") for _, name in columns]),
            ),
            el(
                "tbody",
                el("tr", el("td", "right"), [cell(True, well) for well, _ in columns]),
                el("tr", el("td", "wrong"), [cell(False, well) for well, _ in columns]),
            ),
        ),
        el(
            "p",
            "A right decision may turn out badly, and a wrong one well. What counts is the first column.",
            class_="soft",
        ),
    ]


def _moments(found: Sequence[Moment]) -> list[Markup]:
    if not found:
        return [el("h3", "The moments"), el("p", NO_MOMENTS)]
    shown = [_moment(number, one) for number, one in enumerate(found, 1)]
    return [el("h3", f"The drill in {_COUNTS[len(found)]}"), el("ol", shown, class_="moments")]


def _moment(number: int, one: Moment) -> Markup:
    return el(
        "li",
        el("span", number, class_=f"no {one.kind}"),
        el("span", f"{one.local} · {one.elapsed}", class_="at"),
        el("span", one.text, el("span", one.more, class_="more") if one.more else None, class_="what"),
    )


def _delays(facts: DebriefFacts) -> list[Markup]:
    shown = facts.delays[:SHOWN]
    if not shown:
        return [el("h3", LONGEST), el("p", NO_WAITS)]
    return [
        el("h3", LONGEST),
        el("ol", [_delay(facts, one) for one in shown], class_="delays"),
        el("p", MEANWHILE, class_="soft"),
    ]


def _delay(facts: DebriefFacts, one: LongWait) -> Markup:
    length = in_words(one.span_ms)
    onset_ms = facts.onset_ms or 0
    never = "" if one.came_ms is not None else ", and it never happened"
    due = f"{'asked' if one.asked else 'due'} {around_onset(one.due_ms - onset_ms)}{never}"
    return el(
        "li",
        el("strong", f"{length}: "),
        f"{one.what} ({one.who})",
        el("span", f"{due}. Meanwhile: {meanwhile(one)}.", class_="more"),
    )
