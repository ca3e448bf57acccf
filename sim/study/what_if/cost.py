"""The cost of a run, in figures and as shares of what was at stake; two runs are compared by these."""

from dataclasses import dataclass, field

from sim.drill.scoring.exposure import exposure
from sim.drill.scoring.objectives import verdicts_of
from sim.drill.scoring.unfinished_mail import on_the_way
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS
from sim.mail.users.time_without_mail import lost_user_ms
from sim.study.what_if.course import RunCourse, course_of

_LOST = ("bounced", "rejected", "suppressed")
_QUEUED = ("gateway_queue", "server_queue", "relay_queue", "held")
_SMALLEST = 0.01


@dataclass(frozen=True, slots=True)
class RunCost:
    """The cost of one run, at its current time."""

    lost: int
    """Messages in all directions that were returned, permanently rejected, or never sent (suppressed)."""
    queued: int
    """Messages in queues of the gateway, the backup, the mail server and outside senders."""
    late: int
    """Inbound messages that were readable too late to be useful."""
    put_aside: int
    """Good inbound messages quarantined or junked."""
    user_hours: float
    """User-hours in which users could neither read nor send."""
    unfiltered: int
    """Inbound messages that reached the mail server unfiltered."""
    not_approved_ms: int
    """Time during which unfiltered mail could get in through an opening without approval."""
    calls: int
    """Calls to the helpdesk."""
    failed: int
    """Number of failed objectives."""
    course: RunCourse = field(default=RunCourse(), compare=False)
    """The course of the run, which explains the cost. The course is ignored in comparisons, so that runs
    with equal costs are equal.
    """

    @property
    def undelivered(self) -> int:
        return self.lost + self.queued


@dataclass(frozen=True, slots=True)
class Stake:
    """What was at stake, in the units of a cost: the worse of this drill and of doing nothing.

    No share of the drill's own cost is therefore above 1, and no kind of cost outweighs all others. Each
    stake is at least 1 % of the whole, because it is possible that neither run has a certain kind of cost.
    """

    undelivered: float
    late: float
    put_aside: float
    user_hours: float
    unfiltered: float
    not_approved_ms: float
    calls: float
    failed: float


def run_cost(session: Session) -> RunCost:
    """The cost of `session` up to now."""
    drill = session.drill
    world, price, custody = drill.world, exposure(drill), drill.world.custody()
    inbound = custody["inbound"]
    waiting = inbound.get("at_sender", 0)
    waiting += sum(accounts.get(name, 0) for accounts in custody.values() for name in _QUEUED)
    failed = [one.id for one in verdicts_of(drill) if one.state == "failed"]
    return RunCost(
        lost=sum(accounts.get(name, 0) for accounts in custody.values() for name in _LOST),
        queued=max(0, waiting - on_the_way(drill)),
        late=world.flags()["late"],
        put_aside=inbound.get("junked", 0),
        user_hours=lost_user_ms(world.users, session.now_ms) / HOUR_MS,
        unfiltered=price.unfiltered,
        not_approved_ms=price.unsigned_off_ms,
        calls=drill.helpdesk.calls_before(session.now_ms),
        failed=len(failed),
        course=course_of(session, failed),
    )


def stake_of(session: Session, did: RunCost, nothing: RunCost) -> Stake:
    """The stake in `session`, whose cost is `did`; `nothing`: the cost of the same drill with no action."""
    world, scenario = session.drill.world, session.scenario
    written, users = sum(world.generated()), world.users.count
    outage_ms = max(1, scenario.outage_end_ms - scenario.outage_start_ms)
    everything = {
        "undelivered": written,
        "late": written,
        "put_aside": written,
        "user_hours": users * outage_ms / HOUR_MS,
        "unfiltered": written,
        "not_approved_ms": outage_ms,
        "calls": users,
    }
    worse = {
        name: max(getattr(did, name), getattr(nothing, name), _SMALLEST * whole, 1.0)
        for name, whole in everything.items()
    }
    return Stake(**worse, failed=max(1.0, len(scenario.objectives) / 4))


def shares(cost: RunCost, stake: Stake) -> tuple[float, ...]:
    """Each kind of cost as a share of the stake."""
    return (
        cost.undelivered / stake.undelivered,
        cost.late / stake.late,
        cost.put_aside / stake.put_aside,
        cost.user_hours / stake.user_hours,
        cost.unfiltered / stake.unfiltered,
        cost.not_approved_ms / stake.not_approved_ms,
        cost.calls / stake.calls,
        cost.failed / stake.failed,
    )


def share_of(cost: RunCost, stake: Stake) -> float:
    """The cost as a sum of shares of the stake; only for sorting, never shown as a figure."""
    return sum(shares(cost, stake))
