"""The facilitator's handbook: plot, agendas, questions for each phase, and signs of good work."""

from collections.abc import Sequence
from datetime import datetime

from sim.drill.commands.grammar import parse
from sim.drill.scenario.fault import Fault
from sim.drill.scenario.runbook import reference_runbook
from sim.kernel.duration import MINUTE_MS, in_words
from sim.report.paper.html.markup import Markup, el
from sim.table.msel.columns import MselRow
from sim.table.msel.of_scenario import owner_of
from sim.table.msel.timings import WhenCame
from sim.table.pack.consequences import NOTHING, PlayedFigures
from sim.table.pack.for_players import stop_box
from sim.table.pack.pack_facts import PackFacts, Phase
from sim.table.pack.questions import HOT_WASH, questions
from sim.table.pack.sheet_of_paper import bullets, grid, paper

FACILITATORS = "for facilitators only"

Agenda = Sequence[tuple[str, int, int | None]]
"""Agenda items: item, minutes, phase of the exercise (None if the item is not part of a phase)."""
SHORT: Agenda = (
    ("Welcome, ground rules, stop word, seats", 10, None),
    ("Briefing read aloud, questions to the facilitator", 5, None),
    ("Phase 1", 25, 0),
    ("Freeze: questions of phase 1; each seat writes a prediction", 8, None),
    ("Phase 2, skipping the nights", 17, 1),
    ("Phase 3", 8, 2),
    ("ENDEX, hot wash, feedback forms", 17, None),
)
HALF_DAY: Agenda = (
    ("Welcome, ground rules, stop word, seats; everyone tries the screen", 20, None),
    ("Briefing read aloud, questions to the facilitator", 10, None),
    ("Phase 1", 50, 0),
    ("Freeze: questions of phase 1; each seat writes a prediction", 20, None),
    ("Break", 15, None),
    ("Phase 2, skipping the nights", 50, 1),
    ("Freeze: questions of phase 2", 15, None),
    ("Phase 3", 25, 2),
    ("ENDEX, hot wash, improvement plan, feedback forms", 35, None),
)


def handbook(facts: PackFacts) -> str:
    """Plot, agendas, questions for each phase, and signs of good work."""
    scenario = facts.scenario
    body = [
        el("h1", "Facilitator's handbook"),
        el("p", f"{scenario.title} · {facts.neutral_title}", class_="meta"),
        el("p", "Do not leave this where players can read it.", class_="note"),
        stop_box(facts),
        el("h2", "The plot"),
        bullets([_fault(facts, one) for one in sorted(scenario.timeline, key=lambda one: one.at_ms)]),
        el(
            "p",
            f"The drill starts at {facts.clock(0)}; the service is back at "
            f"{facts.clock(scenario.outage_end_ms)}.",
        ),
        el("h3", "If nothing is done, and if the reference is followed"),
        _figures_table(facts),
        el("h2", "Agenda for 90 minutes"),
        _agenda(facts, SHORT),
        el("h2", "Agenda for half a day"),
        _agenda(facts, HALF_DAY),
        el(
            "p",
            "At this speed the whole phase fits into its slot, but it is better to skip nights and"
            " quiet hours.",
            class_="soft",
        ),
        [_phase(facts, number, phase) for number, phase in enumerate(facts.phases)],
        _on_a_state(facts),
        el("h2", "Hot wash"),
        bullets(HOT_WASH),
        el("h2", "What good looks like"),
        el("p", how_timed(facts), class_="soft"),
        _good(facts),
        _reference(facts),
    ]
    return paper("Facilitator's handbook", FACILITATORS, body)


def _fault(facts: PackFacts, fault: Fault) -> object:
    until = f"{facts.clock(fault.at_ms)} to {facts.clock(fault.until_ms)} ({in_words(fault.for_ms)})"
    parts = [until]
    if fault.share_percent is not None:
        parts.append(f"{fault.share_percent} % of it")
    if fault.direction != "both":
        parts.append(f"{fault.direction} only")
    if fault.hosts == "one":
        parts.append("one of the two MX hosts")
    return [el("strong", fault.fault), f", {', '.join(parts)}", f": {fault.says}" if fault.says else ""]


def _figures_table(facts: PackFacts) -> object:
    shown = [one for one in facts.consequences if one.milestone in {"", NOTHING}]
    if not shown:
        return el("p", "There is no reference runbook, so there are no branches.")
    rows: list[tuple[object, ...]] = [(one.says, *cells(one.figures)) for one in shown]
    if facts.scenario.waiting == "wins":
        rows.append(("lesson: waiting is best here", "", "", "", ""))
    return grid(("", "user-hours without mail", "bounced or rejected", "late", "calls"), rows)


def cells(figures: PlayedFigures) -> tuple[int, int, int, int]:
    """The figures in the order of their columns."""
    return figures.user_hours, figures.bounced, figures.late, figures.calls


def _agenda(facts: PackFacts, agenda: Agenda) -> Markup:
    rows, minute = [], 0
    for item, minutes, number in agenda:
        phase = None if number is None else facts.phases[number]
        name = (
            item
            if phase is None
            else f"{item.split(',')[0]}: {phase.name}"
            + (f" ({item.split(', ', 1)[1]})" if ", " in item else "")
        )
        rows.append(
            (
                f"{minute // 60}:{minute % 60:02}",
                f"{minutes} min",
                name,
                _span(facts, phase),
                _speed(phase, minutes),
            )
        )
        minute += minutes
    return grid(("Starts", "Lasts", "", "Simulated", "Speed"), rows, ("9%", "10%", "45%", "26%", "10%"))


def _span(facts: PackFacts, phase: Phase | None) -> str:
    return "" if phase is None else f"{facts.clock(phase.from_ms)} to {facts.clock(phase.to_ms)}"


def _speed(phase: Phase | None, minutes: int) -> str:
    if phase is None:
        return ""
    return f"×{-(-(phase.to_ms - phase.from_ms) // (minutes * MINUTE_MS))}"


def _phase(facts: PackFacts, number: int, phase: Phase) -> list[Markup]:
    found = [
        el("h2", f"Phase {number + 1}: {phase.name}"),
        el("p", _span(facts, phase), class_="meta"),
        el("h3", "Questions at the freeze"),
        bullets(questions(facts.scenario, number)),
        el("h3", "What happens in this phase"),
    ]
    rows = [row for row in facts.rows if _falls(facts, row.time, phase)]
    shown = [(shown_time(row), row.kind, row.subject, row.to) for row in rows]
    if not shown:
        return [*found, el("p", "Nothing is scheduled.")]
    return [*found, grid(("Time", "Kind", "Subject", "To"), shown, ("18%", "20%", "44%", "18%"))]


def _on_a_state(facts: PackFacts) -> list[Markup]:
    """Rows without a fixed time, because they depend on the course of the exercise."""
    rows = [
        (row.kind, row.subject, row.to, row.trigger or row.if_not_by) for row in facts.rows if not row.time
    ]
    if not rows:
        return []
    head = el("h2", "Entries without a fixed time")
    return [
        head,
        grid(("Kind", "Subject", "To", "When it fires, or its limit"), rows, ("18%", "30%", "14%", "38%")),
    ]


def shown_time(row: MselRow) -> str:
    """Local time, such as `Wed 10:40`; empty if the row has no time."""
    return f"{datetime.fromisoformat(row.time):%a %H:%M}" if row.time else ""


def _falls(facts: PackFacts, time: str, phase: Phase) -> bool:
    first, last = (f"{facts.local(ms):%Y-%m-%d %H:%M}" for ms in (phase.from_ms, phase.to_ms))
    return bool(time) and first <= time < last


def how_timed(facts: PackFacts) -> str:
    """The source of the times."""
    if not facts.timed.plays:
        return "No runs were made, so there are no measured times; the limits are those of the objectives."
    return (
        f"P10, P50 and P90: by then, 10 %, 50 % and 90 % of {facts.timed.plays} runs of the reference with "
        "human delays had done it. Later than P90 is late, not unlucky."
    )


def _good(facts: PackFacts) -> Markup:
    rows = [
        (
            row.milestone,
            row.expected.split("\n")[0],
            *quantiles(facts, facts.timed.came.get(row.milestone)),
            row.if_not_by,
        )
        for row in facts.rows
        if row.expected
    ]
    return grid(
        ("Milestone", "Expected", "P10", "P50", "P90", "Limit"),
        rows,
        ("17%", "29%", "12%", "12%", "12%", "18%"),
    )


def quantiles(facts: PackFacts, when: WhenCame | None) -> tuple[str, str, str]:
    """The three quantiles as times on a clock, with a dash where there is none."""
    if when is None:
        return "–", "–", "–"
    shown = [
        "not reached" if ms is None else facts.clock(ms) for ms in (when.p10_ms, when.p50_ms, when.p90_ms)
    ]
    return shown[0], shown[1], shown[2]


def _reference(facts: PackFacts) -> list[Markup]:
    reference = reference_runbook(facts.scenario, parse)
    if reference is None:
        return []
    rows = []
    for one in reference.steps:
        command = parse(one.do).facts
        rows.append((one.at.text, owner_of(command.role, command.where), el("code", one.do)))
    return [
        el("h2", "The reference runbook, step by step"),
        grid(("When", "Seat", "Command"), rows, ("24%", "12%", "64%")),
    ]
