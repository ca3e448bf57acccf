"""Judges the decision behind a command: when its person submits it, and again when it takes effect."""

from dataclasses import dataclass, field, replace

from sim.drill.commands.command import Command
from sim.drill.drill import Drill
from sim.drill.room.decisions import Judged
from sim.drill.scoring.decisions import judge
from sim.drill.scoring.knowledge import known_now


@dataclass(slots=True)
class DecisionJudgements:
    """The judgements on the decision behind one command: at most one at the start and one at the end."""

    begun: list[Judged] = field(default_factory=list)
    """The judgement by the facts that were known when the person began the command."""
    submitted: list[Judged] = field(default_factory=list)
    """The judgement that is put on record at the end of the hands-on time."""


def weigh(drill: Drill, command: Command, text: str, decision: DecisionJudgements) -> None:
    """Judge the decision behind the command at the end of its hands-on time, and record the judgement.

    News that arrives after its person has begun comes too late to cancel it.
    """
    decision.submitted = judged_now(drill, command, text)
    if not all(one.sound for one in decision.submitted) and any(one.sound for one in decision.begun):
        decision.submitted = decision.begun
    drill.room.judged += decision.submitted


def judged_now(drill: Drill, command: Command, text: str, as_at_ms: int | None = None) -> list[Judged]:
    """The judgement of the command on the facts known now. `as_at_ms`: an earlier moment, which counts as
    the time of the decision.
    """
    taken = command.decides()
    if taken is None:
        return []
    known = known_now(drill)
    known = known if as_at_ms is None else replace(known, now_ms=as_at_ms)
    return [judge(taken, text, known, drill.scenario.organisation.decision_rules)]


def weigh_again(drill: Drill, command: Command, text: str, before: Judged) -> None:
    """Judge a decision that was wrong `before` again when it takes effect: facts learned by then count.

    Time alone does not make it right, and news against it comes too late to cancel it.
    """
    for now in judged_now(drill, command, text, before.t_ms):
        if now.sound:
            at = drill.room.judged.index(before)
            why = f"{now.why} (by {drill.clock(drill.now_ms)}, when it took effect)"
            drill.room.judged[at] = replace(now, why=why)
