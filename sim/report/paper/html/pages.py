"""The two pages of a debrief: for the facilitator, and a handout for the players."""

from pathlib import Path

from sim.report.paper.after_action import RATINGS, AfterAction, Improvement, Rating, lost_protection, proposed
from sim.report.paper.facts import DebriefFacts
from sim.report.paper.html import sections
from sim.report.paper.html.first_page import first_page
from sim.report.paper.html.markup import Markup, el, link_within, page, worded
from sim.report.paper.html.table import table
from sim.report.paper.html.worth import in_depth
from sim.report.paper.objective_rows import ObjectiveRow


def facilitator_page(facts: DebriefFacts, form: AfterAction | None) -> str:
    """`debrief.html`: everything, including the truth."""
    parts = (
        sections.charts(facts),
        sections.decisions(facts),
        in_depth(facts.worth),
        sections.hours(facts),
        sections.objectives(facts.objectives, _ratings(facts, form)),
        _after_action(form),
        sections.updates(facts),
        sections.at_table(facts),
        sections.figures(facts),
        sections.timeline(facts),
        _assumed(facts),
    )
    return _page(facts, "debrief for the facilitator", [first_page(facts), _contents(facts), *parts])


def handout_page(facts: DebriefFacts) -> str:
    """`handout.html`, for players; `handout_facts` says which facts are left out."""
    over = facts.state != "not over"
    parts = (
        sections.charts(facts) if over else [],
        sections.decisions(facts) if over else [],
        in_depth(facts.worth) if over else [],
        sections.hours(facts) if over else [],
        sections.objectives(facts.objectives),
        sections.updates(facts, truth=over),
        sections.at_table(facts) if over else [],
        sections.findings(facts) if over else [],
    )
    return _page(facts, "handout for players", [first_page(facts) if over else _still_running(), *parts])


def _page(facts: DebriefFacts, what: str, body: list[object]) -> str:
    style = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    days = facts.first_day if facts.first_day == facts.last_day else f"{facts.first_day} to {facts.last_day}"
    whole = el(
        "body",
        el("div", el("span", "EXERCISE"), el("span", what), class_="band"),
        el("h1", facts.title),
        el("p", f"{facts.organisation} · {days} · simulated", class_="meta"),
        _state(facts),
        body,
    )
    return page(f"EXERCISE: {facts.title}", style, whole)


def _state(facts: DebriefFacts) -> Markup | None:
    match facts.state:
        case "ended by hand":
            told = f"The drill was ended by hand at {facts.reached}{facts.since}"
        case "not over":
            told = f"The drill is not over: it has reached {facts.reached}{facts.since}"
        case _:
            return None
    return el("p", f"{told}. Everything is judged up to that moment.", class_="note")


def _still_running() -> Markup:
    return el("p", "The results follow when the drill is over.", class_="note")


def _contents(facts: DebriefFacts) -> Markup:
    """Links to the sections that the page contains."""
    absent = set() if facts.worth is not None and not facts.worth.stopped else {"worth"}
    links = [[" · ", link_within(name, name)] for name in _SECTIONS if name not in absent]
    return el("nav", el("p", "In depth", links), class_="soft")


_SECTIONS = (
    "charts", "decisions", "worth", "objectives", "after-action", "updates", "figures", "timeline",
    "assumptions",
)  # fmt: skip


def _ratings(facts: DebriefFacts, form: AfterAction | None) -> sections.Rated:
    """The rating of each objective: from the form, or proposed."""
    exposed = lost_protection(facts)

    def rated(one: ObjectiveRow) -> Markup:
        if form is None:
            rating, why = proposed(one, exposed)
            return _rating(rating, f"proposed: {why}")
        by_hand = form.rated(one.id)
        return _rating(by_hand.rating, by_hand.observation)

    return rated


def _rating(rating: Rating, why: str) -> Markup:
    return el(
        "span", el("strong", f"{rating} " if rating else ""), RATINGS[rating], el("span", why, class_="more")
    )


def _after_action(form: AfterAction | None) -> list[Markup]:
    """Comments that only people can write; their ratings are next to the objectives."""
    missing = (
        'No form was filled in: the ratings of the objectives are proposed. "debrief --form" writes the form.'
    )
    return [
        el("h2", "After-action report and improvement plan", id="after-action"),
        *([el("p", missing, class_="note")] if form is None else [_overview(form), *_people(form)]),
    ]


def _overview(form: AfterAction) -> Markup:
    one = form.overview
    rows = [
        ("exercise", one.exercise), ("dates", one.dates), ("scope", one.scope),
        ("mission area", one.mission_area), ("core capabilities", ", ".join(one.capabilities)),
        ("threat or hazard", one.threat),
        ("scenario", one.scenario), ("sponsor", one.sponsor),
        ("participating organisations", ", ".join(one.organisations)), ("point of contact", one.contact),
        ("version of the plan", form.plan_version), ("next exercise", form.next_test),
    ]  # fmt: skip
    return table(("", ""), [row for row in rows if row[1]], cards=False)


def _people(form: AfterAction) -> list[Markup]:
    """Comments that only people can write: strengths, hot wash, areas for improvement, actions."""
    found = []
    for name, texts in (("Strengths", form.strengths), ("Hot wash", form.hot_wash)):
        if texts:
            found += [el("h3", name), el("ul", [el("li", text) for text in texts])]
    if form.improvements:
        head = ("observation", "analysis", "corrective action", "element", "who", "by when")
        found += [
            el("h3", "Improvement plan"),
            table(head, [_row(one) for one in form.improvements]),
        ]
    return found


def _row(one: Improvement) -> tuple[object, ...]:
    seen = el("span", one.observation, el("span", one.reference, class_="more") if one.reference else None)
    action = el("span", one.action, el("span", one.capability, class_="more") if one.capability else None)
    who = ", ".join(filter(None, (one.responsible, one.contact)))
    when = " to ".join(filter(None, (one.start, one.completion)))
    return seen, one.analysis, action, one.element, who, when


def _assumed(facts: DebriefFacts) -> list[Markup]:
    told = facts.told
    return [
        el("h2", "What is assumed, and how to check it", id="assumptions"),
        el("p", worded(told.assumed)),
        el(
            "p",
            f"Scenario {facts.scenario}, runbook {facts.runbook}, seed {facts.seed}. The same journal gives "
            "the same digest on every machine: ",
            el("code", facts.digest),
        ),
    ]
