"""The scores of a run: numbers that are never added up, their causes, and objectives without a verdict.

Availability and protection are two scores, because one is easily gained at the cost of the other. Decisions
(on the facts known) and outcomes (their results) are also separate, because a good decision may turn out
badly.
"""

from collections.abc import Callable, Iterable, Sequence

from sim.drill.scenario.objective import Objective
from sim.drill.scoring.verdict import ObjectiveVerdict
from sim.kernel.frozen import frozen

KINDS = (
    ("availability", "side"),
    ("protection", "side"),
    ("decision", "judges"),
    ("outcome", "judges"),
)
_NAMES = {"decision": "decisions", "outcome": "outcomes"}


@frozen
class Score:
    """Objectives of one kind by their verdict."""

    name: str
    met: int
    short: int
    """Objectives that were met late, or missed but not failed."""
    failed: int
    open: int
    """Objectives that were not judged."""

    @property
    def asked(self) -> int:
        return self.met + self.short + self.failed + self.open


@frozen
class Change:
    """The time at which an objective was decided, and the cause."""

    t_ms: int
    local: str
    elapsed: str
    """Time since the onset, as in the timeline."""
    id: str
    state: str
    cause: str
    counts_for: str
    """The two scores that the objective counts towards: `availability, decisions`."""


def scores(objectives: Sequence[Objective], verdicts: Iterable[ObjectiveVerdict]) -> tuple[Score, ...]:
    """One score for each kind of which the scenario has objectives."""
    pairs = list(zip(objectives, verdicts, strict=True))
    found = []
    for kind, axis in KINDS:
        states = [verdict.state for objective, verdict in pairs if getattr(objective, axis) == kind]
        if states:
            short = states.count("late") + states.count("missed")
            found.append(
                Score(
                    _NAMES.get(kind, kind),
                    states.count("met"),
                    short,
                    states.count("failed"),
                    states.count("open"),
                )
            )
    return tuple(found)


def changes(
    objectives: Sequence[Objective],
    verdicts: Iterable[ObjectiveVerdict],
    told: Callable[[int], tuple[str, str]],
) -> tuple[Change, ...]:
    """Every change of the scores in chronological order, with its cause.

    `told`: a moment as local time, and as time since the onset.
    """
    found = [
        Change(
            verdict.at_ms,
            *told(verdict.at_ms),
            verdict.id,
            verdict.state,
            verdict.cause,
            f"{objective.side}, {_NAMES[objective.judges]}",
        )
        for objective, verdict in zip(objectives, verdicts, strict=True)
        if verdict.at_ms is not None
    ]
    return tuple(sorted(found, key=lambda one: one.t_ms))


def never_judged(verdicts: Iterable[ObjectiveVerdict]) -> tuple[str, ...]:
    """Objectives without a verdict, each with the reason."""
    return tuple(f"{one.id}: {one.cause}" for one in verdicts if one.state == "open")


def change_line(change: Change) -> str:
    """The change in one line: `Mon 09:47 00:35 met alert-acknowledged (availability, decisions): in time`."""
    state = change.state if change.state != "failed" else "FAILED"
    head = f"{change.local:<10}  {change.elapsed:>7}  {state:<7}"
    return f"{head} {change.id} ({change.counts_for}): {change.cause}"


def score_line(score: Score) -> str:
    """The score in one line: `availability: 6 of 8 met, 1 short, 1 failed`."""
    rest = ((score.short, "late or missed"), (score.failed, "failed"), (score.open, "not judged"))
    told = [f"{count} {word}" for count, word in rest if count]
    return f"{score.name}: " + ", ".join([f"{score.met} of {score.asked} met", *told])
