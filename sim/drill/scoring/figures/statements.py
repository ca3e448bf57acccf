"""Figures about statements: promises, false statements, wrong diagnoses, silences."""

from functools import partial

from sim.drill.drill import Drill
from sim.drill.instruments.unapproved_time import minutes
from sim.drill.organisation.working_hours import duty_ms, parse_hours
from sim.drill.room.announcements import (
    KnownBack,
    Statement,
    falsehoods,
    promises,
    silences,
    silent_beyond_ms,
)
from sim.drill.room.diagnosis import is_right
from sim.drill.room.evidence import known_back_ms
from sim.drill.scenario.milestones import Milestone
from sim.drill.scoring.figures import causes
from sim.drill.scoring.figures.figure import Figure, nth
from sim.kernel.duration import MINUTE_MS


def false_statements(drill: Drill) -> list[tuple[Statement, tuple[str, ...]]]:
    """Untrue statements, each with its errors, in order."""
    at_fault = drill.room.vendors_at_fault(drill.now_ms)
    faults, reported_ms = drill.scenario.timeline, drill.milestones.get(Milestone.SERVER_REPORTED_BACK)
    down_for_ms = drill.scenario.rules.words.down_for_ms
    holds_ms = None if reported_ms is None else reported_ms + down_for_ms

    def known_at(moment_ms: int) -> KnownBack:
        seen_ms = known_back_ms(drill.room.sightings, faults, moment_ms, down_for_ms)
        return KnownBack(seen_ms, reported_ms, holds_ms)

    return falsehoods(drill.room.said, faults, at_fault, drill.now_ms, known_at)


def _promises_kept(drill: Drill) -> int | None:
    """Percentage of promised updates sent in time; 100 if no update promised another. None: no update was
    sent during the outage, or none is due.
    """
    said, onset_ms = drill.room.said, drill.milestones.get(Milestone.OUTAGE_START)
    due = promises(said, drill.now_ms, drill.scenario.rules.words)
    if due:
        return 100 * sum(one.kept_ms is not None for one in due) // len(due)
    heard = [one for one in said if one.reached and onset_ms is not None and one.t_ms >= onset_ms]
    return 100 if heard and all(one.next_ms is None for one in said) else None


def _false_because(drill: Drill) -> str:
    told = [(one.t_ms, f"false to {one.audience} ({why[0]})") for one, why in false_statements(drill)]
    return causes.each(drill, told)


def _promises_broken(drill: Drill) -> str:
    due = promises(drill.room.said, drill.now_ms, drill.scenario.rules.words)
    return causes.each(
        drill, [(one.due_ms, f"none in time to {one.audience}, due") for one in due if one.kept_ms is None]
    )


def _wrong_diagnoses(drill: Drill) -> int | None:
    """The number of different components and failures that were wrongly stated; None before the onset."""
    if Milestone.OUTAGE_START not in drill.milestones or not drill.room.diagnoses:
        return None
    return len(_wrong_diagnoses_ms(drill))


def _wrong_diagnoses_ms(drill: Drill) -> list[int]:
    return list(_wrong_first(drill).values())


def _wrong_first(drill: Drill) -> dict[tuple[str, str], int]:
    """The moment at which each wrong diagnosis was first stated."""
    faults, over_ms = drill.scenario.timeline, drill.scenario.rules.diagnosis.over_ms
    first: dict[tuple[str, str], int] = {}
    for one in drill.room.diagnoses:
        if not is_right(one, faults, over_ms):
            first.setdefault((one.component, one.failure), one.t_ms)
    return first


def _unreached_ms(drill: Drill) -> list[int]:
    return [one.t_ms for one in drill.room.said if not one.reached]


def _known_unreached_ms(drill: Drill) -> list[int]:
    return [one.t_ms for one in drill.room.said if one.known and not one.reached]


def _longest_silence(audience: str, drill: Drill) -> int | None:
    """The longest gap in daytime, in minutes, from the first alert (without one, the onset) until the
    people are notified that mail is restored; None if there is none yet.
    """
    lengths_ms = [_by_day_ms(drill, *stretch) for stretch in _silences(drill, audience)]
    return minutes(max(lengths_ms)) if lengths_ms else None


def _silence_beyond(audience: str, drill: Drill, number: int) -> int | None:
    return silent_beyond_ms(_silences(drill, audience), partial(_by_day_ms, drill), number * MINUTE_MS)


def _silence_because(audience: str, drill: Drill) -> str:
    stretches = _silences(drill, audience)
    if not stretches:
        return ""
    from_ms, to_ms = max(stretches, key=lambda stretch: _by_day_ms(drill, *stretch))
    return f"none to {audience} from {drill.clock(from_ms)} to {drill.clock(to_ms)}"


def _by_day_ms(drill: Drill, a_ms: int, b_ms: int) -> int:
    """The part of [a, b) that lies in hours in which people wait for an update, ms."""
    starts_ms, hours = drill.scenario.starts_utc_ms, parse_hours(drill.scenario.rules.words.by_day)
    return duty_ms(hours, starts_ms + a_ms, starts_ms + b_ms, drill.scenario.zone)


def _silences(drill: Drill, audience: str) -> list[tuple[int, int]]:
    """The gaps between two updates that count, in order; none before there is an outage to report."""
    came = drill.milestones
    from_ms = came.get(Milestone.ALERT_FIRST, came.get(Milestone.OUTAGE_START))
    if from_ms is None:
        return []
    said, end_ms = drill.room.said, came.get(Milestone.OUTAGE_END, drill.now_ms)
    told = (
        one.t_ms
        for one in said
        if one.audience == audience and one.reached and one.says_back and one.t_ms >= end_ms
    )
    to_ms = min(told, default=drill.now_ms)
    words = [
        one for one in said if not one.says_back or one.t_ms >= end_ms
    ]  # only then does a report of recovery count
    return silences(words, audience, from_ms, to_ms)


FIGURES = (
    Figure(
        name="promises-kept-percent",
        counts="percentage of promised updates that were sent on time; 100 if updates were sent but none "
        "of them promised another",
        label="promised updates sent on time: {} %",
        measure=_promises_kept,
        because=_promises_broken,
        needs=Milestone.USERS_TOLD,
    ),
    Figure(
        name="false-statements",
        counts="false statements, and statements, made before anyone in the organisation could know it, "
        "that email was back",
        label="false statements: {}",
        measure=lambda drill: len(false_statements(drill)) if drill.room.said else None,
        beyond=lambda drill, number: nth([one.t_ms for one, _why in false_statements(drill)], number),
        because=_false_because,
    ),
    Figure(
        name="wrong-diagnoses",
        counts="number of different wrong diagnoses stated",
        label="wrong diagnoses stated: {}",
        measure=_wrong_diagnoses,
        beyond=lambda drill, number: nth(_wrong_diagnoses_ms(drill), number),
        because=lambda drill: causes.each(
            drill, [(t_ms, " ".join(what)) for what, t_ms in _wrong_first(drill).items()]
        ),
    ),
    Figure(
        name="words-that-reached-nobody",
        counts="updates sent over a channel that was down",
        label="updates sent over a channel that was down: {}",
        only_grows=True,
        measure=lambda drill: len(_unreached_ms(drill)),
        beyond=lambda drill, number: nth(_unreached_ms(drill), number),
        because=lambda drill: causes.each(
            drill,
            [(one.t_ms, f"to {one.audience} by {one.via}") for one in drill.room.said if not one.reached],
        ),
        seen=lambda drill: len(_known_unreached_ms(drill)),
        seen_beyond=lambda drill, number: nth(_known_unreached_ms(drill), number),
    ),
    Figure(
        name="longest-silence-min",
        counts="longest daytime gap between updates to users, in minutes, rounded up; from the first alert "
        "(without one, the onset) until they are notified that email is back",
        label="longest daytime gap between updates to users: {} min",
        measure=partial(_longest_silence, "users"),
        beyond=partial(_silence_beyond, "users"),
        because=partial(_silence_because, "users"),
        needs=Milestone.USERS_TOLD,
    ),
    Figure(
        name="executives-silence-min",
        counts="longest daytime gap between updates to executives, counted as for users",
        label="longest daytime gap between updates to executives: {} min",
        measure=partial(_longest_silence, "executives"),
        beyond=partial(_silence_beyond, "executives"),
        because=partial(_silence_because, "executives"),
        needs=Milestone.EXECUTIVES_TOLD,
    ),
)
