"""The part of an outage that executives and partners notice without any instrument.

They notice an unreachable mailbox, or mail from and to the outside that fails or is late. Inside a continuity
event both work; once mail bypasses a failing gateway in both directions, its loss is not noticed any more.
"""

from collections.abc import Iterable
from typing import Literal

import numpy as np

from sim.drill.drill_state import DrillState
from sim.drill.scenario.fault import Fault
from sim.drill.services.bounce_callers import permille_from_outside
from sim.kernel.draws import I64
from sim.mail.routes.connector import GATEWAY

ALL = 1000
Trouble = Literal["mailbox", "outside", "returned"]


def noticed(drill: DrillState, mailboxes: I64) -> frozenset[Trouble]:
    """The present trouble of these users; without users, the trouble of outside senders."""
    return _by_users(drill, mailboxes) if len(mailboxes) else _by_strangers(drill)


def comes_back_to_partners(drill: DrillState) -> bool:
    """True if so much mail has lately bounced to people outside that partners are affected."""
    rules = [one for one in drill.scenario.organisation.stakeholders if one.who == "partners"]
    least = rules[0].returned_permille if rules else ALL
    return permille_from_outside(drill.world) >= max(1, least)


def _by_users(drill: DrillState, mailboxes: I64) -> frozenset[Trouble]:
    users = drill.world.users
    inside = users.membership.in_continuity(mailboxes, np.int64(drill.now_ms))
    found: set[Trouble] = set()
    if (users.absences.lost[mailboxes] & ~inside).any():
        found.add("mailbox")
    failing = {fault.kind.component for fault in drill.faults.in_force}
    if _gateway_is_missed(drill) or "receivers" in failing or ("mail-server" in failing and not inside.all()):
        found.add("outside")
    return frozenset(found)


def answers(drill: DrillState) -> Literal["all", "some", "none"]:
    """The share of users who answer mail written to them now, as their correspondents see it."""
    users = drill.world.users
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
    """The trouble of outside correspondents: missing answers, or mail that does not arrive."""
    gateway = [fault for fault in drill.faults.in_force if fault.kind.component == "gateway"]
    felt = any(fault.hosts == "both" and fault.hits_all for fault in gateway)
    found: set[Trouble] = set()
    if answers(drill) != "all":
        found.add("mailbox")
    if felt and _gateway_is_missed(drill):
        found.add("outside")
    if comes_back_to_partners(drill):
        found.add("returned")
    return frozenset(found)


def stays_away_percent(faults: Iterable[Fault], *, goes_round: bool, paused: bool = False) -> int:
    """Percentage of mail from outside that does not arrive for hours under these faults; pure.

    `goes_round`: it bypasses the gateway. A remaining host, or a slow filter, delays it by less.
    `paused`: inbound deliveries of the gateway are paused.
    """
    if paused and not goes_round:
        return 100
    shares = [
        fault.share_percent or 100
        for fault in faults
        if fault.kind.fails_attempts and (_at_gateway_still_used(fault, goes_round) or _at_server(fault))
    ]
    return max(shares, default=0)


def mail_comes_or_not(drill: DrillState) -> None:
    """Update the share of outside mail that users miss, after a change of faults, routes or deliveries."""
    paused = drill.world.queue.paused
    percent = stays_away_percent(drill.faults.in_force, goes_round=drill.dns.goes_round, paused=paused)
    if percent != drill.world.users.calls.away.percent:
        drill.helpdesk.count(drill.now_ms)
        drill.world.users.calls.away.begins_or_ends(drill.now_ms, percent)


def _at_gateway_still_used(fault: Fault, goes_round: bool) -> bool:
    kept_out = fault.direction != "outbound" and fault.hosts == "both"
    return fault.kind.component == "gateway" and kept_out and not goes_round


def _at_server(fault: Fault) -> bool:
    """True for a fault of the whole mail server; one of some mailboxes is missed by their users alone."""
    return fault.kind.component == "mail-server" and not fault.kind.hits_users


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
