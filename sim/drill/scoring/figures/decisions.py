"""Figures of what was decided, judged by what was known at that moment."""

from sim.drill.drill import Drill
from sim.drill.scoring.decision_reviews import counted, judged_by_now
from sim.drill.scoring.decisions import KEEPING
from sim.drill.scoring.figures.figure import Figure, nth
from sim.drill.scoring.missed_decisions import omissions


def _sound(drill: Drill) -> int | None:
    """None: nothing that a rule judges was decided or due. What was due and not decided in time is wrong."""
    judged = counted(judged_by_now(drill))
    count = len(judged) + len(omissions(drill))
    return 100 * sum(one.sound for one in judged) // count if count else None


def _needless(drill: Drill) -> int | None:
    """None: no command was given at all; whoever does nothing earns nothing by it."""
    return len(_needless_ms(drill)) if drill.commands_given else None


def _needless_ms(drill: Drill) -> list[int]:
    return [one.t_ms for one in drill.room.judged if one.deed and one.about in KEEPING and not one.sound]


FIGURES = (
    Figure(
        name="sound-decisions-percent",
        counts="decisions that were right by what was known when they were taken, in percent "
        "of those taken, each once, and of those that were due and not taken in time",
        label="decisions right by what was known: {} %",
        measure=_sound,
    ),
    Figure(
        name="needless-actions",
        counts="pauses and longer retentions for which nothing spoke that was known then",
        label="needless pauses and longer retentions: {}",
        measure=_needless,
        beyond=lambda drill, number: nth(_needless_ms(drill), number),
    ),
)
