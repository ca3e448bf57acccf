"""The objectives of a drill at its current time: as they truly are, and as a trainee may see them.

A trainee sees only what instruments have shown: an objective that only the debrief can decide (late mail,
bounces at senders, unfiltered mail) stays open until the drill is over.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from sim.drill.drill import Drill
from sim.drill.scenario.milestones import MILESTONES
from sim.drill.scenario.objective import Objective
from sim.drill.scoring.causes import cause_of
from sim.drill.scoring.figures.figure import Figure
from sim.drill.scoring.figures.registry import FIGURES
from sim.drill.scoring.targets import Measured
from sim.drill.scoring.verdict import ObjectiveVerdict
from sim.drill.scoring.verdicts import judge


def measure(drill: Drill) -> Measured:
    """Every figure that an objective of the drill uses; during the drill, only figures that decide early."""
    return {one.name: one.measure(drill) for one in _asked(drill) if drill.complete or one.only_grows}


def score(drill: Drill) -> dict[str, int]:
    """Scores as `met` of `judged` objectives."""
    judged = [one.state for one in verdicts_of(drill) if one.state != "open"]
    return {"met": judged.count("met"), "judged": len(judged)}


def verdicts_of(drill: Drill) -> list[ObjectiveVerdict]:
    """The verdict on each objective, truth included."""
    measured = measure(drill)
    return [
        _with_cause(
            drill,
            one,
            judge(one, drill.milestones, drill.now_ms, drill.complete, measured, partial(beyond, drill)),
            measured,
        )
        for one in drill.scenario.objectives
    ]


def _with_cause(
    drill: Drill, objective: Objective, verdict: ObjectiveVerdict, measured: Measured
) -> ObjectiveVerdict:
    why = cause_of(drill, objective, verdict, measured)
    return replace(verdict, cause=f"{verdict.cause}: {why}") if why else verdict


def beyond(drill: Drill, figure: str, number: int) -> int | None:
    """The time at which a figure first exceeded `number`, truth included; None if its times are not kept."""
    return FIGURES[figure].beyond(drill, number)


def shown_verdicts(drill: Drill) -> list[tuple[Objective, ObjectiveVerdict]]:
    """Each objective with its verdict as a trainee may see it; until the drill is over, this is the
    verdict that instruments show.
    """
    objectives = drill.scenario.objectives
    if drill.ended:
        return list(zip(objectives, verdicts_of(drill), strict=True))
    known, shown = known_milestones(drill), shown_figures(drill)
    return [
        (
            one,
            ObjectiveVerdict(one.id, "open", None, "judged at the end")
            if _tells_truth(one)
            else judge(one, known, known_to_ms(drill, one), False, shown, partial(_seen_beyond, drill)),
        )
        for one in objectives
    ]


def shown_figures(drill: Drill) -> Mapping[str, int]:
    """For each figure that decides early, the part that instruments have shown, which never exceeds the
    truth.
    """
    return {one.name: one.seen(drill) for one in _asked(drill) if one.seen is not None}


def known_milestones(drill: Drill) -> Mapping[str, int]:
    """Milestones that have been reached and can be known in the room."""
    seen_ms = drill.last_seen.gateway_ms()
    return {
        name: t_ms
        for name, t_ms in drill.milestones.items()
        if name in drill.known and (t_ms <= seen_ms or not _by_gateway_figures(name))
    }


def known_to_ms(drill: Drill, objective: Objective) -> int:
    """The time up to which deadlines can be judged: that of the gateway's figures if only they show the
    milestone.
    """
    asked = (deadline.milestone for deadline in (*objective.met, *objective.failed))
    return drill.last_seen.gateway_ms() if any(map(_by_gateway_figures, asked)) else drill.now_ms


def _by_gateway_figures(milestone: str) -> bool:
    return MILESTONES[milestone].facts.shown_by == "gateway figures"


def _asked(drill: Drill) -> list[Figure]:
    """Figures that an objective of the drill uses, by name."""
    names = {target.measure for objective in drill.scenario.objectives for target in objective.targets}
    return [FIGURES[name] for name in sorted(names)]


def _seen_beyond(drill: Drill, figure: str, number: int) -> int | None:
    return FIGURES[figure].seen_beyond(drill, number)


def _tells_truth(objective: Objective) -> bool:
    """True if the objective's verdict would reveal the fault."""
    named = {deadline.milestone for deadline in (*objective.met, *objective.failed)}
    named |= {*objective.never, *objective.unless}
    return objective.shown == "at the end" or any(MILESTONES[name].facts.tells_truth for name in named)
