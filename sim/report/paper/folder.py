"""All files of a debrief: their names and contents, to be written into one folder."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sim.drill.session.session import Session
from sim.report.at_table import people_at
from sim.report.document.run_document import document
from sim.report.paper.after_action import AfterAction
from sim.report.paper.csv_tables import tables
from sim.report.paper.evidence import Origin, evidence
from sim.report.paper.facts import DebriefFacts, each_text
from sim.report.paper.handout import handout_facts
from sim.report.paper.html.pages import facilitator_page, handout_page
from sim.report.paper.markdown import markdown
from sim.report.paper.names import roles_for_names

AUDIENCES = ("all", "facilitator", "players")


def papers(
    session: Session,
    facts: DebriefFacts,
    form: AfterAction | None,
    origin: Origin,
    *,
    audience: str = "all",
    anonymous: bool = False,
) -> dict[str, str]:
    """The text of each file by its name. `audience`: one of AUDIENCES; players get only the handout.

    `anonymous`: people's names are replaced by their roles in every file; the handout never has names.
    """
    without_names = roles_for_names(session.scenario, people_at(session))
    hide: Callable[[str], str] = without_names if anonymous else str
    found = {}
    if audience != "facilitator":
        found["handout.html"] = handout_page(handout_facts(facts, without_names))
    if audience != "players":
        shown = each_text(facts, hide)
        rated = form and AfterAction.model_validate(each_text(form.model_dump(), hide))
        found |= {
            "debrief.html": facilitator_page(shown, rated),
            "debrief.md": markdown(shown),
            "debrief.json": _json(each_text(debrief_document(session, facts, form), hide)),
            "evidence.json": _json(evidence(session, facts, form, origin)),
            **tables(shown),
        }
    return found


def debrief_document(session: Session, facts: DebriefFacts, form: AfterAction | None) -> dict[str, Any]:
    """Everything in one document: `run` is that of `mxdrill run --json`."""
    worth = facts.worth
    return {
        "run": document(session, facts.runbook, 0.0),
        "state": facts.state,
        "tiles": [asdict(one) for one in facts.tiles],
        "moments": [asdict(one) for one in facts.moments],
        "delays": [asdict(one) for one in facts.delays],
        "waits": [asdict(one) for one in facts.waits],
        "scores": [asdict(one) for one in facts.told.scores],
        "objectives": [asdict(one) for one in facts.objectives],
        "updates": [asdict(one) for one in facts.told.words],
        "findings": list(facts.told.findings),
        "regrets": None if worth is None or worth.stopped else [asdict(one) for one in worth.rows],
        "regret_stopped": worth is not None and worth.stopped,
        "prepared": [asdict(one) for one in worth.prepared] if worth else [],
        "valleys": [asdict(one) for one in worth.valleys] if worth else [],
        "commands": [asdict(one) for one in facts.commands],
        "heard": [asdict(one) for one in facts.heard],
        "timeline": [asdict(one) for one in facts.told.timeline],
        "table": None if facts.told.table is None else asdict(facts.told.table),
        "after_action": form.model_dump(mode="json") if form else None,
    }


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=True) + "\n"
