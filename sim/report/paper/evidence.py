"""`evidence.json`: the facts that an auditor needs about a continuity test, and those needed to run it
again.
"""

from typing import Any

from sim.drill.session.journal_reading import FORMAT, MODEL
from sim.drill.session.session import Session
from sim.kernel.duration import SECOND_MS
from sim.kernel.frozen import frozen
from sim.report.paper.after_action import AfterAction
from sim.report.paper.facts import DebriefFacts

BAD = ("late", "missed", "failed")


@frozen
class Origin:
    """Origin of a debrief; the caller provides it, because the simulator does not read a clock."""

    written_on: str
    """Today's date, ISO 8601."""
    version: str
    """Version of mxdrill."""
    journal_sha256: str


def evidence(
    session: Session, facts: DebriefFacts, form: AfterAction | None, origin: Origin
) -> dict[str, Any]:
    """The document; unknown values are null."""
    drained_ms = facts.told.outcome.backlog.drained_after_ms
    recovered = None not in (drained_ms, facts.recovery_ms, facts.onset_ms)
    rto_ms = (facts.recovery_ms or 0) - (facts.onset_ms or 0) + (drained_ms or 0) if recovered else None
    improvements = form.improvements if form else ()
    runs = [use.runs for use in session.scenario.organisation.vendors if use.runs]
    return {
        "test_date": (form.overview.dates if form else "") or origin.written_on,
        "scenario_type": "simulation",
        "scenario": facts.scenario,
        "state": facts.state,
        "plan_version": (form.plan_version if form else "") or None,
        "runbook": facts.runbook,
        "rto_achieved_s": None if rto_ms is None else rto_ms / SECOND_MS,
        "rto_measured": "from the onset until all mail that was queued at the recovery had been delivered",
        "objectives_met": sum(one.state == "met" for one in facts.objectives),
        "objectives_judged": sum(one.state != "open" for one in facts.objectives),
        "gaps_identified_count": sum(one.state in BAD for one in facts.objectives),
        "remediation_actions_count": sum(bool(one.action) for one in improvements),
        "covers_third_party_dependencies": bool(runs),
        "next_test_date": (form.next_test if form else "") or None,
        "mxdrill": origin.version,
        "journal_format": FORMAT,
        "model": MODEL,
        "scenario_sha256": session.scenario.source_hash,
        "journal_sha256": origin.journal_sha256,
        "seed": facts.seed,
        "digest": facts.digest,
    }
