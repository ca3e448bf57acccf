"""The debrief: what was decided when, what it came to, and what doing nothing would have come to."""

from dataclasses import dataclass

from sim.drill.anchor import MILESTONES
from sim.drill.events import Event
from sim.drill.objectives import Verdict
from sim.drill.player import play
from sim.drill.session import Session
from sim.kernel.duration import HOUR_MS, format_duration, format_elapsed
from sim.report.outcome import Outcome, outcome, verdicts

DECISIONS = frozenset({"command", "done", "failed", "refused", "note"})
TURNING_POINTS = frozenset({"fault", "end", "call"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline."""

    t_ms: int
    local: str
    elapsed: str
    """Since the onset of the outage, negative before it: `-00:12`, `33:05`."""
    who: str
    text: str
    decision: bool
    """A thing that the trainee did, rather than one that happened."""


@dataclass(frozen=True, slots=True)
class Debrief:
    """Everything that the end of a drill shows. `nothing`: the same seed, and nobody acts."""

    title: str
    seed: int
    digest: str
    timeline: tuple[Line, ...]
    outcome: Outcome
    nothing: Outcome
    verdicts: tuple[tuple[Verdict, str], ...]
    """Each with what its objective teaches."""
    findings: tuple[str, ...]
    assumed: str


def doing_nothing(session: Session) -> Outcome:
    """What the same scenario and seed come to when nobody acts (a run of its own, a second or so)."""
    ghost = Session(session.scenario, session.seed, None)
    play(ghost, None)
    return outcome(ghost)


def debrief(session: Session, nothing: Outcome) -> Debrief:
    """The debrief of `session` beside `nothing` (see `doing_nothing`)."""
    figures = outcome(session)
    learns = {objective.id: objective.learns for objective in session.scenario.objectives}
    return Debrief(
        title=session.scenario.title,
        seed=session.seed,
        digest=session.digest(),
        timeline=tuple(_line(session, event) for event in session.events() if _shown(event)),
        outcome=figures,
        nothing=nothing,
        verdicts=tuple((verdict, learns[verdict.id]) for verdict in verdicts(session)),
        findings=tuple(_findings(session, figures, nothing)),
        assumed=(
            "Who calls when, who reads what over which channel, how long mail stays useful and how fast the "
            "server takes mail are assumed numbers: compare two plays rather than trust one figure."
        ),
    )


def _shown(event: Event) -> bool:
    if event.kind == "milestone":
        return event.ref in ("alert.first", "bounce.first", "queue.drained")
    return event.kind in DECISIONS or event.kind in TURNING_POINTS


def _line(session: Session, event: Event) -> Line:
    onset_ms = session.drill.milestones.get("outage.start", 0)
    return Line(
        t_ms=event.t_ms,
        local=session.drill.clock(event.t_ms),
        elapsed=format_elapsed(event.t_ms - onset_ms),
        who=event.source,
        text=MILESTONES[event.ref] if event.kind == "milestone" else event.text,
        decision=event.kind in DECISIONS,
    )


def _findings(session: Session, figures: Outcome, nothing: Outcome) -> list[str]:
    found = [
        _pausing(session, figures, nothing),
        _recovery(session, figures, nothing),
        _users(figures, nothing),
    ]
    if session.drill.world.queue.paused:
        found.append(
            "Deliveries were never resumed: the mail server is up and the mail waits at the gateway."
        )
    return [finding for finding in found if finding]


def _pausing(session: Session, figures: Outcome, nothing: Outcome) -> str:
    limit = f"{session.drill.world.queue.slots.limit_ms // HOUR_MS} h"
    paused = "deliveries.paused" in session.drill.milestones
    if nothing.bounced == 0:
        lasted = format_duration(session.scenario.outage_end_ms - session.scenario.outage_start_ms)
        tail = "Pausing was needless here." if paused else "Pausing is needless here, and was left alone."
        why = f"In {lasted} no message reaches the {limit} after which the gateway gives up: nothing bounces."
        return f"{why} {tail}"
    saved = nothing.bounced - figures.bounced
    if paused and saved > 0:
        return (
            f"Without the pause {nothing.bounced:,} messages would have bounced; it saved {saved:,} of them."
        )
    if figures.bounced:
        return (
            f"{figures.bounced:,} messages bounced: each had waited {limit} since its own arrival. "
            "A pause before the oldest is 72 h old keeps them."
        )
    return f"Nothing bounced; had nobody acted, {nothing.bounced:,} messages would have."


def _recovery(session: Session, figures: Outcome, nothing: Outcome) -> str:
    if figures.drained_after_ms is None:
        return ""
    text = f"After the server's return the backlog took {_hours(figures.drained_after_ms)} to be delivered"
    if nothing.drained_after_ms is None:
        return f"{text}."
    return f"{text}; left to the messages' own timers it takes {_hours(nothing.drained_after_ms)}."


def _users(figures: Outcome, nothing: Outcome) -> str:
    spared = nothing.user_hours_without_mail - figures.user_hours_without_mail
    if spared < 1:
        return "Nobody was spared an hour without mail: no continuity event helped."
    return (
        f"Users were without mail for {figures.user_hours_without_mail:,.0f} hours in all, "
        f"{nothing.user_hours_without_mail:,.0f} if nobody had acted: {spared:,.0f} user-hours spared."
    )


def _hours(span_ms: int) -> str:
    return f"{span_ms // HOUR_MS} h {span_ms % HOUR_MS // 60_000:02d} min"
