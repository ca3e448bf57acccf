"""The debrief: decisions and events in chronological order, figures compared with doing nothing, findings and
scores.
"""

from functools import partial

from sim.drill.scoring.verdict import ObjectiveVerdict
from sim.drill.scoring.verdicts import limit_and_cause
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.conductor import FOREVER_MS
from sim.kernel.frozen import frozen
from sim.report.announcements import Word, words
from sim.report.assumed_numbers import assumed_numbers
from sim.report.at_table import TableTold, at_table
from sim.report.decisions.decision_findings import decision_findings, omission_findings, sound_finding
from sim.report.findings.bounces import all_bounces, bounces
from sim.report.findings.mx_change import mx_findings, policy_findings
from sim.report.findings.people_findings import people_findings
from sim.report.findings.protection_findings import (
    greylisted,
    past_the_gateway,
    self_inflicted,
    suppressed,
)
from sim.report.findings.recovery_findings import (
    backlog_finding,
    backlog_reason,
    forced_attempts,
    hours_spared,
    left_queued,
    retry_storm,
)
from sim.report.findings.sender_mix_findings import copies, of_one_mix, returned
from sim.report.outcome import RunOutcome, outcome, verdicts
from sim.report.scores import Change, Score, changes, never_judged, scores
from sim.report.timeline import Line, timeline, when


@frozen
class JudgedObjective:
    """An objective with its verdict."""

    verdict: ObjectiveVerdict
    learns: str
    limit_and_cause: str
    """`within 10 min of the first alert: in time`."""


@frozen
class Debrief:
    """Everything that is shown at the end of a drill. `nothing`: see `doing_nothing`."""

    title: str
    seed: int
    digest: str
    timeline: tuple[Line, ...]
    outcome: RunOutcome
    nothing: RunOutcome
    objectives: tuple[JudgedObjective, ...]
    findings: tuple[str, ...]
    assumed: str
    scores: tuple[Score, ...] = ()
    """The scores. The scores are never added up."""
    changes: tuple[Change, ...] = ()
    """The times at which objectives were decided."""
    not_judged: tuple[str, ...] = ()
    """Objectives that were never judged, each with the reason."""
    words: tuple[Word, ...] = ()
    """Updates and statements, each with the truth at the time."""
    table: TableTold | None = None
    """The actions of the people at a table; None if one person played the drill."""


def doing_nothing(session: Session) -> RunOutcome:
    """Figures of the same scenario and seed with no action at all (a separate run, about a second).

    A drill that has ended is compared with a complete run; any other drill with a run up to its current time.
    """
    return outcome(ghost_of(session))


def ghost_of(session: Session) -> Session:
    """The run in which nothing is done."""
    ghost = Session(session.scenario, session.seed, None, session.people)
    play(ghost, None, FOREVER_MS if session.complete else session.now_ms)
    return ghost


def debrief(session: Session, nothing: RunOutcome, figures: RunOutcome | None = None) -> Debrief:
    """The debrief of `session`, compared with `nothing` (see `doing_nothing`); `figures`: the figures of
    the session.
    """
    figures = figures or outcome(session)
    objectives, judged = session.scenario.objectives, verdicts(session)
    return Debrief(
        title=session.scenario.title,
        seed=session.seed,
        digest=session.digest(),
        timeline=timeline(session),
        outcome=figures,
        nothing=nothing,
        objectives=tuple(
            JudgedObjective(verdict, one.learns, limit_and_cause(one, verdict))
            for one, verdict in zip(objectives, judged, strict=True)
        ),
        findings=(
            *_findings(session, figures, nothing),
            *people_findings(session),
            *decision_findings(session),
            *omission_findings(session),
            *sound_finding(session),
        ),
        scores=scores(objectives, judged),
        changes=changes(objectives, judged, partial(when, session)),
        not_judged=never_judged(judged),
        words=words(session),
        table=at_table(session),
        assumed=(
            "Some numbers are assumed: when people call, which channels they read, how long mail stays "
            "useful, and how fast the server accepts mail. Compare two runs rather than trusting a single "
            "figure. "
            f"{_share_of_assumed(session)}"
        ),
    )


def _share_of_assumed(session: Session) -> str:
    found = assumed_numbers(session.drill)
    return (
        f"This run uses {found['of']:,} numbers and rules, of which {found['numbers']:,} are unpublished and "
        "therefore assumed. `run --json` lists them."
    )


def _unfinished(session: Session) -> str:
    """The time up to which both runs are counted, if that is not the end of the story."""
    if session.complete:
        return ""
    state = "was ended by hand" if session.ended else "is not over"
    return f"The drill {state}: both runs are counted up to this moment."


def _findings(session: Session, figures: RunOutcome, nothing: RunOutcome) -> list[str]:
    found = [
        _unfinished(session),
        all_bounces(figures, nothing),
        bounces(session, figures, nothing),
        returned(figures, nothing),
        of_one_mix(figures),
        self_inflicted(figures, nothing),
        suppressed(session),
        copies(session, figures),
        *mx_findings(session),
        *policy_findings(session),
        past_the_gateway(session),
        greylisted(session),
        retry_storm(session),
        backlog_finding(figures, nothing),
        backlog_reason(session, figures, nothing),
        forced_attempts(session),
        hours_spared(figures, nothing),
        left_queued(session, figures),
    ]
    return [finding for finding in found if finding]
