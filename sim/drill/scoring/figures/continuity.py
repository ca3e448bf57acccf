"""Figures of continuity for users: hours covered, and minutes until enough of them were able to work."""

import numpy as np

from sim.drill.drill import Drill
from sim.drill.instruments.unapproved_time import minutes
from sim.drill.scenario.build_users import channels_of
from sim.drill.scenario.milestones import Milestone
from sim.drill.scoring.deadlines import latest_ms
from sim.drill.scoring.figures.figure import Figure
from sim.kernel.duration import MINUTE_MS
from sim.mail.users.continuity_coverage import covered_user_ms
from sim.mail.users.reachable import able_from, reachable


def _covered(drill: Drill) -> int | None:
    """Share of users' time without mailboxes in which an event was in force for them, rounded down. The time
    runs from the first event (without one, from the moment at which one was due) until their mailboxes
    return. An event that a colleague started without notice does not begin it.
    """
    users, onset_ms = drill.world.users, drill.milestones.get(Milestone.OUTAGE_START)
    end_ms = drill.milestones.get(Milestone.OUTAGE_END, drill.now_ms)
    if onset_ms is None:
        return None
    begun = (event.start_ms for event in users.membership.events if not drill.continuity.started_by(event))
    from_ms = max(onset_ms, min((_event_due_ms(drill, onset_ms), *begun)))
    if end_ms <= from_ms:
        return None
    needed, covered = covered_user_ms(users, from_ms, end_ms)
    return 100 * covered // needed if needed else None


def _event_due_ms(drill: Drill, onset_ms: int) -> int:
    """The time by which an event has to be in force: set by its objective, otherwise by the house rule."""
    limit_ms = latest_ms(drill.scenario.objectives, Milestone.CONTINUITY_ACTIVE, drill.milestones)
    return onset_ms + drill.scenario.rules.continuity.due_ms if limit_ms is None else limit_ms


def _able_after(drill: Drill) -> int | None:
    """Minutes from the first alert, or from the time by which the outage should be noticed if that is
    earlier, until enough users were able to work; up to now if they are not yet.
    """
    from_ms = _able_due_ms(drill)
    if from_ms is None or not drill.world.users.absences.stretches:
        return None
    able_ms, _most = _able(drill, from_ms)
    return minutes(max((drill.now_ms if able_ms is None else able_ms) - from_ms, 0))


def _able_because(drill: Drill) -> str:
    """The largest share of users that were able to work before enough of them were, in words."""
    from_ms = _able_due_ms(drill)
    if from_ms is None or not drill.world.users.absences.stretches:
        return ""
    return f"until then at most {_able(drill, from_ms)[1]} % at a time"


def _able(drill: Drill, from_ms: int) -> tuple[int | None, int]:
    """The time from which enough users were able to work, None if there is none; and the largest
    percentage, rounded down, before that.
    """
    users = drill.world.users
    whom = reachable(users, drill.seed, list(channels_of(drill.scenario).values()))
    moments_ms = np.arange(from_ms, max(drill.now_ms, from_ms + 1), MINUTE_MS, dtype=np.int64)
    return able_from(users, whom, drill.scenario.rules.able.percent, moments_ms)


def _able_beyond(drill: Drill, number: int) -> int | None:
    from_ms = _able_due_ms(drill)
    return None if from_ms is None else from_ms + number * MINUTE_MS


def _able_due_ms(drill: Drill) -> int | None:
    """The time from which the minutes are counted; None before the onset."""
    onset_ms = drill.milestones.get(Milestone.OUTAGE_START)
    if onset_ms is None:
        return None
    noticed_ms = onset_ms + drill.scenario.rules.able.noticed_ms
    return min(noticed_ms, drill.milestones.get(Milestone.ALERT_FIRST, noticed_ms))


FIGURES = (
    Figure(
        name="continuity-covered-percent",
        counts="percentage of the user-hours without a mailbox that a continuity event covered, from the "
        "first event (or from the time at which one was due, if that was earlier) to the recovery; "
        "percentage of all user-hours if mailboxes worked and mail was late",
        label="user-hours without a mailbox covered by continuity: {} %",
        measure=_covered,
        needs=Milestone.CONTINUITY_ACTIVE,
    ),
    Figure(
        name="users-able-after-min",
        counts="minutes from the first alert, or from 15 min after the onset if that is earlier (house "
        "rule), until enough (house rule: 95 %) of the reachable users without mail had been notified and "
        "could read and send",
        label="time from the first alert (or the house rule's time to notice, if earlier) until enough "
        "reachable users (house rule: 95 %) were able to work: {} min",
        measure=_able_after,
        beyond=_able_beyond,
        because=_able_because,
        needs=Milestone.CONTINUITY_ACTIVE,
    ),
)
