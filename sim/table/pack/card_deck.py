"""The card deck: injects and consequences to cut out, and the list on paper."""

from sim.kernel.duration import in_words
from sim.report.paper.html.markup import Markup, el
from sim.table.msel.columns import MselRow
from sim.table.msel.of_scenario import CONTINGENCY, FAULT, INJECT
from sim.table.pack.consequences import LATE_MS, NOTHING, Consequence
from sim.table.pack.handbook import FACILITATORS, cells, shown_time
from sim.table.pack.pack_facts import PackFacts
from sim.table.pack.sheet_of_paper import grid, paper


def msel_page(facts: PackFacts) -> str:
    """The list for printing, in landscape."""
    rows = [_line(row) for row in facts.rows]
    head = (
        "No",
        "Time",
        "Kind",
        "From",
        "To",
        "Method",
        "Subject and message",
        "Expected action",
        "If not by",
        "Trigger",
        "Notes",
    )
    widths = ("3%", "7%", "7%", "8%", "7%", "6%", "21%", "17%", "8%", "7%", "9%")
    body = [
        el("h1", "Master scenario events list"),
        el("p", f"{facts.scenario.title} · the same list is in msel.csv and msel.xlsx", class_="meta"),
        grid(head, rows, widths),
    ]
    return paper("MSEL", FACILITATORS, body, wide=True)


def _line(row: MselRow) -> tuple[object, ...]:
    told = _what(row.subject, row.message)
    sent = (row.sender, row.to, row.method)
    return (row.number, shown_time(row), row.kind, *sent, told, row.expected, row.if_not_by, row.trigger, "")


def _what(subject: str, message: str) -> object:
    return [el("strong", subject), "\n", message] if message else el("strong", subject)


def card_deck(facts: PackFacts) -> str:
    """Injects and consequences to cut out, for a room without computers."""
    cards = [
        _inject_card(facts, index)
        for index, row in enumerate(facts.rows)
        if row.kind in {INJECT, CONTINGENCY, FAULT}
    ]
    chances = [_consequence_card(facts, one) for one in facts.consequences if one.milestone]
    body = [
        el("h1", "Card deck"),
        el("p", f"{facts.scenario.title} · {facts.neutral_title}", class_="meta"),
        el(
            "p",
            "Without computers: move the clock by hand, hand each inject to its seat at its time, and read "
            "out a consequence if the expected action is not taken by its limit. The figures come from "
            "branches of the reference on one seed, each without one action and everything that waits for "
            f"it, or with that action {in_words(LATE_MS)} later.",
        ),
        el("h2", "Injects"),
        el("div", cards, class_="cards"),
        el("h2", "Consequences", class_="new-page"),
        el("div", chances, class_="cards")
        if chances
        else el("p", "There is no reference runbook, so there are no branches."),
    ]
    return paper("Card deck", FACILITATORS, body)


def _inject_card(facts: PackFacts, index: int) -> Markup:
    row = facts.rows[index]
    truth = row.kind == FAULT
    to = "only for the facilitator" if truth else f"{row.method} from {row.sender} to {row.to}"
    when = shown_time(row) or row.trigger
    return el(
        "div",
        el("p", el("span", row.number, class_="no"), f" {when} · {row.kind}"),
        el("h3", to),
        el("p", f"{row.subject}: {row.message}" if truth else row.message),
        el("p", f"Fires at: {row.trigger}" if row.trigger else "", class_="soft"),
        el("p", f"Cancelled by: {row.unless}" if row.unless else "", class_="soft"),
        class_="card",
    )


def _limit(facts: PackFacts, milestone: str) -> str:
    asked = (one for objective in facts.scenario.objectives for one in objective.met)
    return next((facts.limit(one) for one in asked if one.milestone == milestone), "")


def _consequence_card(facts: PackFacts, one: Consequence) -> Markup:
    if one.milestone == NOTHING:
        head, limit, without = "If no one does anything", "", "in that case"
    else:
        head, limit, without = (
            f"If this happens late or never: {one.says}",
            _limit(facts, one.milestone),
            "never",
        )
    names = (
        "user-hours without mail",
        "messages bounced or rejected",
        "late messages",
        "calls to the helpdesk",
    )
    columns = [(without, one.figures), (f"{in_words(LATE_MS)} late", one.late), ("reference", one.reference)]
    shown = [(title, cells(figures)) for title, figures in columns if figures is not None]
    rows = list(zip(names, *(figures for _title, figures in shown), strict=True))
    told = grid(("by the end", *(title for title, _figures in shown)), rows)
    return el(
        "div",
        el("h3", head),
        el("p", f"Read out if this has not been done by {limit}." if limit else "", class_="soft"),
        told
        if one.differs
        else el("p", "The figures for mail and calls do not change. Ask the group about the cost in trust."),
        class_="card",
    )
