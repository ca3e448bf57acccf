"""The effects of an outage that executives and partners notice without any instrument.

Executives and partners notice an unreachable mailbox, and mail from or to outside that fails or is late. In a
continuity event they notice neither, because mailbox and mail work. Once mail bypasses a failing gateway in
both directions, they no longer notice the failure.
"""

from typing import Literal

import numpy as np

from sim.drill.drill_state import DrillState
from sim.drill.organisation.callers_file import StakeholderRules
from sim.drill.people.missed_mail import (
    at_senders_permille,
    by_users,
    in_ms,
    inbound_permille,
    outbound_permille,
)
from sim.drill.services.bounce_callers import may_have_bounced, permille_from_outside
from sim.kernel.draws import I64, mix_one
from sim.mail.routes.connector import GATEWAY
from sim.mail.users.patience import WHOLE, one_of

ALL = 1000
Trouble = Literal["mailbox", "outside", "returned"]


def noticed(drill: DrillState, mailboxes: I64) -> frozenset[Trouble]:
    """The trouble of these users now; for an empty group, that of outside senders."""
    return _by_users(drill, mailboxes) if len(mailboxes) else _by_strangers(drill)


def misses(drill: DrillState, rules: StakeholderRules, mailboxes: I64, there: frozenset[Trouble]) -> bool:
    """True if they notice the trouble `there`, once they have had enough time.

    An unreachable mailbox of their own, or mail that bounces, is always noticed. People notice late mail if
    one of the messages that they wait for is late; a draw decides this, with the share of late mail as its
    probability.
    """
    if "returned" in there or ("mailbox" in there and len(mailboxes)):
        return True
    late = _late_to_users(drill, rules, mailboxes) if len(mailboxes) else _late_to_strangers(drill, rules)
    return mix_one(drill.seed, f"{rules.who} miss mail", drill.now_ms) % WHOLE < one_of(late, rules.waits_for)


def _late_to_users(drill: DrillState, rules: StakeholderRules, mailboxes: I64) -> int:
    """The share of these users' mail from and to outside that is late, in permille."""
    patience_ms = in_ms(rules.missed_after_minutes)
    inside = drill.users.membership.in_continuity(mailboxes, np.int64(drill.now_ms))
    received = 0 if inside.all() else inbound_permille(drill, patience_ms)
    return max(received, outbound_permille(drill, patience_ms))


def _late_to_strangers(drill: DrillState, rules: StakeholderRules) -> int:
    """The share of outside correspondents' mail that is still queued at its sender, or is unanswered
    because it is late or its recipient has no mail, in permille.
    """
    users = drill.users
    inside = users.membership.in_continuity(np.arange(users.count, dtype=np.int64), np.int64(drill.now_ms))
    without = WHOLE * int((users.absences.lost & ~inside).sum()) // users.count
    queued = at_senders_permille(drill, in_ms(rules.missed_after_minutes))
    return max(without, queued, by_users(drill))


def comes_back_to_partners(drill: DrillState) -> bool:
    """True if enough of outside senders' mail has bounced lately for partners to notice."""
    rules = [one for one in drill.scenario.organisation.stakeholders if one.who == "partners"]
    least = rules[0].returned_permille if rules else ALL
    if not may_have_bounced(drill.lagging_world, drill.now_ms):
        return False
    return permille_from_outside(drill.world) >= max(1, least)


def _by_users(drill: DrillState, mailboxes: I64) -> frozenset[Trouble]:
    users = drill.users
    inside = users.membership.in_continuity(mailboxes, np.int64(drill.now_ms))
    found: set[Trouble] = set()
    if (users.absences.lost[mailboxes] & ~inside).any():
        found.add("mailbox")
    failing = {fault.kind.component for fault in drill.faults.in_force}
    if _gateway_is_missed(drill) or "receivers" in failing or ("mail-server" in failing and not inside.all()):
        found.add("outside")
    return frozenset(found)


def answers(drill: DrillState) -> Literal["all", "some", "none"]:
    """The share of users who answer mail that is written to them now, as their correspondents see it."""
    users = drill.users
    inside = users.membership.in_continuity(np.arange(users.count, dtype=np.int64), np.int64(drill.now_ms))
    if 2 * int(inside.sum()) > users.count:
        return "all"
    if 2 * int((users.absences.lost & ~inside).sum()) > users.count:
        return "none"
    gravest = drill.faults.gravest()
    if gravest is None:
        return "all"
    return "some" if gravest.kind.leaks else "none"


def _by_strangers(drill: DrillState) -> frozenset[Trouble]:
    """The trouble that outside correspondents notice: missing answers, or mail that does not arrive."""
    found: set[Trouble] = set()
    if answers(drill) != "all":
        found.add("mailbox")
    if _gateway_is_missed(drill):
        found.add("outside")
    if comes_back_to_partners(drill):
        found.add("returned")
    return frozenset(found)


def _gateway_is_missed(drill: DrillState) -> bool:
    """True if a failing gateway still blocks mail in some direction."""
    faults = [fault for fault in drill.faults.in_force if fault.kind.component == "gateway"]
    if not faults:
        return False
    comes_in = drill.dns.goes_round or all(fault.direction == "outbound" for fault in faults)
    goes_out = drill.world.writers.outbound.connector != GATEWAY or all(
        fault.direction == "inbound" for fault in faults
    )
    return not (comes_in and goes_out)
