"""The evaluator's guide: for each objective, its critical tasks, limits, times from runs, ratings and
notes.
"""

from sim.drill.scenario.milestones import MILESTONES
from sim.drill.scenario.objective import Objective
from sim.drill.scoring.figures.registry import FIGURES
from sim.report.paper.after_action import RATINGS
from sim.report.paper.html.markup import Markup, el
from sim.table.pack.for_players import stop_box
from sim.table.pack.handbook import how_timed, quantiles
from sim.table.pack.pack_facts import PackFacts
from sim.table.pack.sheet_of_paper import grid, lines, paper

EVALUATORS = "for facilitator and evaluators only"


def evaluator_guide(facts: PackFacts) -> str:
    """An exercise evaluation guide for each objective: critical tasks, ratings, space for notes."""
    body = [
        el("h1", "Evaluator's guide"),
        el("p", f"{facts.scenario.title} · {facts.neutral_title}", class_="meta"),
        el("p", "Evaluator: ______________________    Seats observed: _____________________"),
        stop_box(facts),
        el("h2", "Ratings"),
        grid(("", ""), [(name, text) for name, text in RATINGS.items() if name], ("8%", "92%")),
        el(
            "p",
            "Rate the task, not the person. Write times as the simulated clock shows them.",
        ),
        el("p", how_timed(facts), class_="soft"),
        [_objective(facts, one) for one in facts.scenario.objectives],
    ]
    return paper("Evaluator's guide", EVALUATORS, body)


def _objective(facts: PackFacts, objective: Objective) -> Markup:
    tasks = [
        (
            f"{MILESTONES[one.milestone].facts.marks} ({one.milestone})",
            facts.limit(one),
            " · ".join(quantiles(facts, facts.timed.came.get(one.milestone))),
            "",
        )
        for one in objective.met
    ]
    tasks += [
        (f"must not happen: {MILESTONES[name].facts.marks} ({name})", "never", "", "")
        for name in objective.never
    ]
    tasks += [
        (_measured(one.measure, one.at_most, one.at_least), "measured by the simulator", "", "")
        for one in objective.targets
    ]
    return el(
        "section",
        el("h3", objective.id.replace("-", " ").capitalize()),
        el("p", objective.learns, class_="soft"),
        grid(
            ("Critical task", "Limit", "P10 · P50 · P90", "Observed at"), tasks, ("42%", "20%", "23%", "15%")
        ),
        el("p", "Rating: ", el("span", [el("span", name) for name in RATINGS if name], class_="boxes")),
        lines(3),
        class_="objective",
    )


def _measured(name: str, at_most: int | None, at_least: int | None) -> str:
    limit = f"at most {at_most:,}" if at_most is not None else f"at least {at_least or 0:,}"
    label = FIGURES[name].label if name in FIGURES else name
    return label.replace("{}", limit) if "{}" in label else f"{label}: {limit}"
