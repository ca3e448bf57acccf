"""Figures about decisions, judged on the information available when they were made."""

from sim.drill.drill import Drill
from sim.drill.room.decisions import Judged
from sim.drill.scoring.decision_reviews import counted, judged_by_now
from sim.drill.scoring.decisions import KEEPING
from sim.drill.scoring.figures import causes
from sim.drill.scoring.figures.figure import Figure, nth
from sim.drill.scoring.missed_decisions import omissions


def _sound(drill: Drill) -> int | None:
    """Percentage of decisions that were right; a due decision that was not made in time is wrong. None: no
    decision that a rule judges was made or due.
    """
    judged = counted(judged_by_now(drill))
    count = len(judged) + len(omissions(drill))
    return 100 * sum(one.sound for one in judged) // count if count else None


def _needless(drill: Drill) -> int | None:
    """Number of needless pauses and longer retentions. None: no command was given at all, since doing
    nothing does not earn a score.
    """
    return len(_needless_ms(drill)) if drill.commands_given else None


def _needless_ones(drill: Drill) -> list[Judged]:
    return [one for one in drill.room.judged if one.deed and one.about in KEEPING and not one.sound]


def _needless_ms(drill: Drill) -> list[int]:
    return [one.t_ms for one in _needless_ones(drill)]


def _wrong(drill: Drill) -> str:
    taken = [
        (one.t_ms, f"{one.about} {one.answer}") for one in counted(judged_by_now(drill)) if not one.sound
    ]
    missed = [(one.due_ms, f"{one.about} not decided, due") for one in omissions(drill)]
    return causes.each(drill, [*taken, *missed])


FIGURES = (
    Figure(
        name="sound-decisions-percent",
        counts="decisions that were right given the information available, as a percentage of the decisions "
        "taken (each counted once) plus those that were due and not taken in time",
        label="decisions right given the information available: {} %",
        measure=_sound,
        because=_wrong,
    ),
    Figure(
        name="needless-actions",
        counts="pauses and longer retentions that the facts known at the time did not justify",
        label="needless pauses and longer retentions: {}",
        measure=_needless,
        beyond=lambda drill, number: nth(_needless_ms(drill), number),
        because=lambda drill: causes.each(
            drill, [(one.t_ms, f"`{one.text}`") for one in _needless_ones(drill)]
        ),
    ),
)
