"""The outage's effects on mail, per thousand messages written during the outage; rounded up, so that even a
single message counts.

Mail in the quiet hours before and after is not included, because otherwise the same outage would look better
the longer a drill runs.
"""

from sim.drill.drill_state import DrillState
from sim.drill.scenario.fault import directions_hit
from sim.drill.scenario.milestones import Milestone
from sim.drill.scoring.deadlines import latest_ms
from sim.mail.message.traffic import DIRECTIONS, INBOUND


def late_or_returned(drill: DrillState) -> int | None:
    """Inbound mail that was no longer useful when it could be read; mail that bounced at the sender, the
    gateway or a backup, or was permanently rejected; and mail that was never sent during the outage because
    of such a rejection.
    """
    book = drill.world.custody()["inbound"]
    never = book.get("bounced", 0) + book.get("rejected", 0) + _never_sent(drill)
    return _share(drill, drill.world.flags()["late"] + never, ("inbound",))


def _never_sent(drill: DrillState) -> int:
    """Mail of the outage that its sender's platform did not send, because the address was on its
    suppression list. Mail that is not sent in the days afterwards is not included.
    """
    span = _outage_ms(drill)
    if span is None or not drill.world.suppression.addresses:
        return 0
    mail = drill.spec.stream(INBOUND).between(*span)
    return len(mail) - len(drill.world.suppression.leaves(mail))


def put_aside(drill: DrillState) -> int | None:
    """Good inbound mail in quarantine or junk."""
    return _share(drill, drill.world.custody()["inbound"].get("junked", 0), ("inbound",))


def duplicates(drill: DrillState) -> int | None:
    """Duplicates of mail in the directions that the faults affected."""
    begun = [fault for fault in drill.scenario.timeline if fault.at_ms <= drill.now_ms]
    hit = {direction for fault in begun for direction in directions_hit(fault)}
    return _share(drill, drill.world.flags()["duplicates"], tuple(hit))


def written_again(drill: DrillState) -> int | None:
    """Messages sent again, as a share of users' own queued mail that they could send again, in an app or
    after a delay notice. Messages are counted from the time by which users had to be notified, since
    before that they cannot know better.
    """
    told_ms = latest_ms(drill.scenario.objectives, Milestone.USERS_TOLD, drill.milestones)
    from_ms = drill.milestones.get(Milestone.OUTAGE_START) if told_ms is None else told_ms
    if from_ms is None:
        return None
    could, did = drill.world.copies.own_since(from_ms)
    return permille(did, could) if could >= drill.scenario.rules.shares.again_from else None


def permille(part: int, whole: int) -> int:
    """`part` of `whole` in thousandths, rounded up; 0 if `whole` is 0."""
    return -(-1000 * part // whole) if whole else 0


def _share(drill: DrillState, part: int, directions: tuple[str, ...]) -> int | None:
    """`part` as a share of the mail written in `directions` from the onset to the recovery; None before
    the onset, or if there are too few messages.
    """
    span = _outage_ms(drill)
    if span is None:
        return None
    spec = drill.spec
    written = sum(spec.stream(DIRECTIONS.index(name)).count(*span) for name in directions)
    return permille(part, written) if written >= drill.scenario.rules.shares.judged_from else None


def _outage_ms(drill: DrillState) -> tuple[int, int] | None:
    """The span from the onset to the recovery, or to now; None before the onset."""
    start_ms = drill.milestones.get(Milestone.OUTAGE_START)
    return None if start_ms is None else (start_ms, drill.milestones.get(Milestone.OUTAGE_END, drill.now_ms))
