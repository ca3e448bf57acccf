"""The after-action report and improvement plan (AAR/IP, as in HSEEP): a form that people fill in.

`debrief --form` writes it next to the drill, with ratings proposed from the verdicts; `debrief` reads it, so
that the hot wash, owners and dates come into the report. Source of the fields: the AAR/IP template of the
Homeland Security Exercise and Evaluation Program (FEMA, 2020).
"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from sim.drill.session.journal import beside
from sim.kernel.document import Record, read_document
from sim.kernel.plain_line import NOT_PLAIN
from sim.report.paper.facts import DebriefFacts
from sim.report.paper.objective_rows import ObjectiveRow


def _dated(value: object) -> object:
    """A date as text, because YAML reads an unquoted 2026-12-01 as a date."""
    return value.isoformat() if isinstance(value, date) else value


Text = Annotated[str, BeforeValidator(_dated), Field(max_length=4000)]
Texts = Annotated[tuple[Text, ...], Field(max_length=100)]
Rating = Literal["P", "S", "M", "U", ""]
RATINGS = {
    "P": "performed without challenges",
    "S": "performed with some challenges",
    "M": "performed with major challenges",
    "U": "unable to be performed",
    "": "not observed",
}
ELEMENTS = ("planning", "organisation", "equipment", "training", "exercise")


class Overview(Record):
    """The head of the report."""

    exercise: Text = ""
    """Name of the exercise."""
    dates: Text = ""
    """Dates of the exercise."""
    scope: Text = ""
    """Type, duration, place and participants."""
    mission_area: Text = ""
    """Prevention, protection, mitigation, response, or recovery."""
    capabilities: Texts = ()
    """Core capabilities exercised."""
    threat: Text = ""
    """Threat or hazard."""
    scenario: Text = ""
    """The scenario in one sentence."""
    sponsor: Text = ""
    """The sponsor."""
    organisations: Texts = ()
    """Participating organisations."""
    contact: Text = ""
    """Point of contact."""


class RatedObjective(Record):
    """A person's rating of one objective."""

    id: Text
    """Id of the objective, as in the scenario."""
    rating: Rating = ""
    """P, S, M or U; empty if not observed, or not decided yet."""
    observation: Text = ""
    """The observation."""


class Improvement(Record):
    """An area for improvement and its corrective action."""

    observation: Text = ""
    """The observation."""
    reference: Text = ""
    """Plan or procedure that the observation concerns."""
    analysis: Text = ""
    """Cause and effect of the observation."""
    capability: Text = ""
    """Core capability."""
    action: Text = ""
    """Corrective action."""
    element: Literal["planning", "organisation", "equipment", "training", "exercise", ""] = ""
    """Capability element."""
    responsible: Text = ""
    """Responsible organisation."""
    contact: Text = ""
    """Point of contact at that organisation."""
    start: Text = ""
    """Start date."""
    completion: Text = ""
    """Completion date."""


class AfterAction(Record):
    """The form."""

    mxdrill: Literal[1]
    """Version of the form."""
    overview: Overview = Overview()
    """The exercise."""
    objectives: Annotated[tuple[RatedObjective, ...], Field(max_length=200)] = ()
    """Ratings of objectives, decided by a person."""
    strengths: Texts = ()
    """Strengths."""
    improvements: Annotated[tuple[Improvement, ...], Field(max_length=200)] = ()
    """Areas for improvement, with corrective actions."""
    hot_wash: Texts = ()
    """Comments by participants right after the exercise."""
    plan_version: Text = ""
    """Version of the continuity plan that was exercised."""
    next_test: Text = ""
    """Date of the next exercise."""

    def rated(self, objective: str) -> RatedObjective:
        """The rating of that objective; an empty one if it is not in the form."""
        return next((one for one in self.objectives if one.id == objective), RatedObjective(id=objective))


def form_path(journal: Path) -> Path:
    """The form next to a drill's journal: `NAME.aar.yaml`."""
    return beside(journal, ".aar.yaml")


def read_form(path: Path) -> AfterAction | None:
    """The form at `path`; None if there is none. Raises BadFile."""
    return read_document(path, AfterAction) if path.exists() else None


def proposed(one: ObjectiveRow, exposed: bool) -> tuple[Rating, str]:
    """A rating from the verdict, with the reason. `exposed`: an objective of protection has failed.

    Met: P, but S for an outcome in availability that may have been achieved at the cost of protection; late:
    S; missed: M; failed: U; open: not observed.
    """
    bought = exposed and one.side == "availability" and one.judges == "outcome"
    match one.state:
        case "met" if bought:
            return (
                "S",
                "met, but an objective of protection failed: decide whether one was achieved at the cost "
                "of the other",
            )
        case "met":
            return "P", "met"
        case "late":
            return "S", "late"
        case "missed":
            return "M", "missed"
        case "failed":
            return "U", "failed"
        case _:
            return "", "not judged"


def lost_protection(facts: DebriefFacts) -> bool:
    """True if an objective of protection has failed."""
    return any(one.side == "protection" and one.state == "failed" for one in facts.objectives)


def form_text(facts: DebriefFacts) -> str:
    """The form for a person to fill in, as YAML with comments."""
    return "\n".join([*_overview(facts), *_objectives(facts), *_rest(facts)]) + "\n"


def _overview(facts: DebriefFacts) -> Iterator[str]:
    days = facts.first_day if facts.first_day == facts.last_day else f"{facts.first_day} to {facts.last_day}"
    yield "# After-action report and improvement plan. Keep this file next to the journal of the drill:"
    yield "# `mxdrill debrief` reads it there."
    yield "mxdrill: 1"
    yield "overview:"
    yield f"  exercise: {_text(f'mxdrill: {facts.title}')}"
    yield f"  dates: {_text('')} # when it was played; in the simulation: {_comment(days)}"
    yield f"  scope: {_text('Simulated outage of email, played on one machine')}"
    yield f"  mission_area: {_text('Response and recovery')}"
    yield f"  capabilities: [{_text('Operational communications')}, {_text('Cybersecurity')}]"
    yield f"  threat: {_text('Outage of email')}"
    yield f"  scenario: {_text(facts.title)}"
    yield f"  sponsor: {_text('')}"
    yield f"  organisations: [{_text(facts.organisation)}]"
    yield f"  contact: {_text('')}"


def _objectives(facts: DebriefFacts) -> Iterator[str]:
    yield "# P: performed without challenges, S: with some, M: with major ones, U: unable to be performed."
    yield "# Empty: not observed. The ratings are proposed from the verdicts; decide yourselves."
    yield "objectives:" if facts.objectives else "objectives: []"
    exposed = lost_protection(facts)
    for one in facts.objectives:
        rating, why = proposed(one, exposed)
        yield f"  - id: {_text(one.id)} # {_comment(one.learns)}"
        yield f"    rating: {_text(rating)} # {_comment(f'{why}: {one.cause}')}"
        yield f"    observation: {_text('')}"


def _rest(facts: DebriefFacts) -> Iterator[str]:
    yield "strengths: []"
    bad = [one for one in facts.objectives if one.state in {"failed", "missed", "late"}]
    yield "improvements:" if bad else "improvements: []"
    for one in bad:
        yield f"  - observation: {_text(f'{one.id}: {one.cause}')}"
        for key in ("reference", "analysis", "capability", "action"):
            yield f"    {key}: {_text('')}"
        yield f"    element: {_text('')} # {', '.join(ELEMENTS)}"
        for key in ("responsible", "contact", "start", "completion"):
            yield f"    {key}: {_text('')}"
    yield "hot_wash: []"
    yield f"plan_version: {_text('')}"
    yield f"next_test: {_text('')}"


def _text(text: str) -> str:
    """`text` as a quoted scalar: every JSON string is one of YAML."""
    return json.dumps(text, ensure_ascii=True)


def _comment(text: str) -> str:
    """`text` on the one line of a comment."""
    return " ".join(NOT_PLAIN.sub(" ", text).split())
