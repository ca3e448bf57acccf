"""One run of a plan, with its own outage and people, and the record of its times."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sim.drill.organisation.assumed_delays import with_delays_at_p90
from sim.drill.plan.chance import Chance
from sim.drill.plan.promise import PlanPromise
from sim.drill.plan.varies import onset_min
from sim.drill.scenario.assumptions import assumptions
from sim.drill.scenario.milestones import APPROVED, Milestone
from sim.drill.scenario.parameters import size_of
from sim.drill.scenario.scenario import Ends, Scenario
from sim.drill.scoring.figures.registry import FIGURES
from sim.drill.session.load import varied
from sim.drill.session.load_plan import LoadedPlan
from sim.drill.session.plan_player import PlanPlayer
from sim.drill.session.plan_run import PlanRun
from sim.drill.session.session import Session
from sim.kernel.conductor import FOREVER_MS
from sim.kernel.duration import DAY_MS, MINUTE_MS, SECOND_MS, format_duration
from sim.kernel.local_time import local_to_utc_ms, utc_ms_to_local
from sim.study.promises import left_out, limit_ms, moment_of, needless
from sim.study.rehearsal.kept_plan import plan_document

SEEDS_APART = 1_000_000
"""Run N of a study with seed S has the seed (S - 1) times this number, plus N: run N of study 1 has the seed
N.
"""
USUALLY_UNTIL_MS = 2 * DAY_MS
WEEK_MIN = 7 * 1440
AT_P90 = "assumed times at their P90"
"""Name of the setting in which the organisation's assumed times are at their 90 % values."""


@dataclass(frozen=True, slots=True)
class Study:
    """What is asked of each run: the plan, the seed, and the draws that are fixed."""

    loaded: LoadedPlan
    seed: int
    planned: frozenset[str] = frozenset()
    """Names of draws that use the planned time in every run."""
    pessimistic: frozenset[str] = frozenset()
    """Names of draws that take the value that is exceeded one time in ten, in every run."""
    world: str = ""
    """Name of another value of an unpublished number (see `with_world`); empty if the files apply."""
    onset_min: int | None = None
    """The minute of the week at which every outage begins; None if it begins as in the plan."""
    settings: Mapping[str, str] = field(default_factory=dict)
    digests: frozenset[int] | None = None
    """Numbers of the runs that get a digest; None: all of them."""


def seed_of(seed: int, number: int) -> int:
    """The seed of run `number`, from 1, of a study with `seed`."""
    return (seed - 1) * SEEDS_APART + number


def run_of(study: Study, number: int) -> PlanRun:
    """Run `number` of a study, from 1. The run depends only on the study and the number."""
    return played(study, number, None)[1]


def played(study: Study, number: int, journal: Path | None) -> tuple[Session, PlanRun]:
    """The drill of run `number`, saved at `journal`, and its record."""
    session, player, run, usual = begin(study, number, journal)
    plan = study.loaded.plan
    until_ms = until_of(study.loaded, session.scenario)
    player.play(until_ms, lambda: settles_ms(plan.assumptions, run))
    session.close()
    run.milestones = dict(session.drill.milestones)
    run.until_ms, run.complete = session.now_ms, session.complete
    run.over_ms = _usually_over(usual, run)
    if study.digests is None or number in study.digests:
        run.digest = session.digest()
    run.denied = {
        name: one.why_not
        for one in session.drill.room.approvals.requests
        if one.state == "refused" and (name := APPROVED[one.subject].value) not in run.milestones
    }
    register = session.drill.room.openings
    run.openings = {one.kind: register.state(one.kind) for one in register.entries}
    run.hung = tuple((*key, *value) for key, value in player.hung.items())
    names = [one.figure for one in plan.assumptions if one.figure is not None]
    run.figures = {name: FIGURES[name].measure(session.drill) for name in dict.fromkeys(names)}
    return session, run


def begin(study: Study, number: int, journal: Path | None) -> tuple[Session, PlanPlayer, PlanRun, Ends]:
    """A session of run `number` at its start, the player of its plan, its record so far, and the rules for
    the drill's usual end.
    """
    loaded, seed = study.loaded, seed_of(study.seed, number)
    plan = loaded.plan
    chance = Chance(seed, plan.together // 10, study.planned, study.pessimistic)
    scenario, drawn, minute = _outage(study, chance)
    usual, scenario = scenario.ends, _lasting(scenario, loaded)
    launch = {} if journal is None else {"plan": plan_document(plan), "run": number}
    session = Session.start(scenario, seed, journal, launch, people=loaded.joined)
    player = PlanPlayer(session, plan, chance)
    player.drawn.update(drawn)
    run = PlanRun(
        number=number,
        seed=seed,
        milestones=session.drill.milestones,
        steps=player.steps,
        drawn=player.drawn,
        until_ms=0,
        onset_ms=scenario.outage_start_ms,
        end_ms=scenario.outage_end_ms,
        digest="",
        onset_min=minute,
    )
    return session, player, run, usual


def _lasting(scenario: Scenario, loaded: LoadedPlan) -> Scenario:
    """`scenario` with a drill that does not end before the run, if a promise allows more time than the
    drill's wind-down, or if its time begins after the onset, perhaps days later; unchanged if a promise asks
    for a figure, which counts up to the end of the drill.
    """
    promises, ends = loaded.plan.assumptions, scenario.ends
    if any(one.figure is not None for one in promises):
        return scenario
    late = any(
        (one.within_ms or 0) > ends.wind_down_ms or one.from_.text != Milestone.OUTAGE_START
        for one in promises
    )
    if not late:
        return scenario
    until_ms = until_of(loaded, scenario)
    times = {"wind_down_ms": until_ms, "after_recovery_at_most_ms": until_ms}
    return scenario.model_copy(update={"ends": ends.model_copy(update=times)})


def _usually_over(ends: Ends, run: PlanRun) -> int:
    """The end of the drill of `run` by `ends`."""
    drained_ms = run.milestones.get(Milestone.QUEUE_DRAINED, FOREVER_MS)
    return min(drained_ms + ends.wind_down_ms, run.end_ms + ends.after_recovery_at_most_ms)


def until_of(loaded: LoadedPlan, scenario: Scenario) -> int:
    """The latest time at which a run stops: at the end of a second, because times are compared in whole
    seconds.
    """
    plan, last_ms = loaded.plan, scenario.outage_start_ms + SECOND_MS - 1
    if plan.until_ms is not None:
        return last_ms + plan.until_ms
    if any(one.figure is not None for one in plan.assumptions):
        return FOREVER_MS
    longest_ms = max((one.within_ms or 0) + (one.stays_ms or 0) for one in plan.assumptions)
    return last_ms + max(USUALLY_UNTIL_MS, longest_ms + DAY_MS)


def settles_ms(assumptions: tuple[PlanPromise, ...], run: PlanRun) -> int:
    """The last moment of the run whose events can change the answer to a promise, as far as known now;
    FOREVER_MS if it is unknown.
    """
    return max(_decided_ms(one, run) for one in assumptions)


def _decided_ms(one: PlanPromise, run: PlanRun) -> int:
    if one.to is None:
        return FOREVER_MS
    if left_out(one.from_, run):
        return 0
    from_ms, to_ms = moment_of(one.from_, run), moment_of(one.to, run)
    if from_ms is None:
        return FOREVER_MS
    if needless(one, from_ms, run.milestones):
        return 0
    last_ms = limit_ms(one, from_ms)
    if to_ms is None:
        return last_ms if left_out(one.to, run) else FOREVER_MS
    end_ms = to_ms + (one.stays_ms or 0)
    return max(end_ms, last_ms) if one.unless else end_ms


def _outage(study: Study, chance: Chance) -> tuple[Scenario, dict[str, int], int]:
    """The outage of one run: its drawn parameters and start, and the minute of the week of its onset."""
    plan, scenario = study.loaded.plan, study.loaded.scenario
    drawn: dict[str, int] = {}
    settings = dict(study.settings)
    for name, spread in plan.varies.parameters.items():
        parameter = scenario.parameters[name]
        length_ms = spread.planned_ms if name in chance.planned else spread.at(chance.bits(f"outage {name}"))
        length_ms = min(max(length_ms, size_of(parameter.min)), size_of(parameter.max))
        length_ms = length_ms // SECOND_MS * SECOND_MS
        settings[name] = format_duration(length_ms)
        if spread.drawn:
            drawn[name] = length_ms
    minute = study.onset_min
    if minute is None and plan.varies.starts is not None:
        minute = onset_min(plan.varies.starts, chance.bits("onset"))
    starts = scenario.starts if minute is None else _starts(scenario, minute)
    if settings or starts != scenario.starts:
        scenario = varied(scenario, settings, starts)
    scenario = with_world(scenario, study.world)
    local = utc_ms_to_local(scenario.starts_utc_ms + scenario.outage_start_ms, scenario.zone)
    return scenario, drawn, local.weekday() * 1440 + local.hour * 60 + local.minute


def with_world(scenario: Scenario, name: str) -> Scenario:
    """`scenario` with the assumption of that name, or with the organisation's assumed times at their P90."""
    if name == AT_P90:
        return scenario.model_copy(update={"organisation": with_delays_at_p90(scenario.organisation)})
    found = (one.scenario for one in assumptions(scenario) if one.name == name)
    return next(found)(scenario) if name else scenario


def _starts(scenario: Scenario, minute: int) -> str:
    """The start for which the onset falls on that minute of the scenario's own week."""
    own = utc_ms_to_local(scenario.starts_utc_ms + scenario.outage_start_ms, scenario.zone)
    monday = datetime(own.year, own.month, own.day) - timedelta(days=own.weekday())  # noqa: DTZ001 - local
    try:
        onset_ms = local_to_utc_ms(monday + timedelta(minutes=minute), scenario.zone)
    except ValueError:  # the hour does not exist, because the clocks go forward
        onset_ms = local_to_utc_ms(monday + timedelta(minutes=minute + 60), scenario.zone)
    start_ms = (onset_ms - scenario.outage_start_ms) // MINUTE_MS * MINUTE_MS
    return f"{utc_ms_to_local(start_ms, scenario.zone):%Y-%m-%dT%H:%M} {scenario.zone}"


def outage_came(run: PlanRun) -> bool:
    """True if the run reached the onset."""
    return Milestone.OUTAGE_START in run.milestones
