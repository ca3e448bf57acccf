"""The knowledge in the room at a moment: signs received, the console's figures, estimated times.

This knowledge does not contain any hidden truth, because people decide only on what they know.
"""

from collections.abc import Mapping

from sim.drill.drill import Drill
from sim.drill.instruments.gateway_readings import GatewayReading
from sim.drill.room.approvals import NOTHING_SEEN, lacking
from sim.drill.room.evidence import last_of
from sim.drill.scenario.milestones import Milestone
from sim.kernel.duration import MINUTE_MS
from sim.kernel.frozen import frozen
from sim.mail.routes.authentication import obstacles
from sim.mail.routes.inbound import GATEWAY

_SIGNS = frozenset({"monitor", "sms", "call", "ticket", "email", "post"})


@frozen
class RoomKnowledge:
    """All the information for a decision at one moment. Durations and times are in ms; None if unknown."""

    now_ms: int
    sign_ms: int | None
    """The time at which the first sign reached a person."""
    broken: str
    """The component named in the last diagnosis; empty if there was none."""
    doubt: str
    """If the last diagnosis names the gateway: the reason why the evidence does not support it; empty if
    it does.
    """
    oldest_ms: int | None
    """Age of the oldest message in the gateway's inbound queue, by the last figures on the console; a
    message younger than a minute counts as on its way.
    """
    retention_ms: int
    back_by_ms: int | None
    """The last estimate of the recovery."""
    sure_by_ms: int | None
    """The recovery time that holds in nine cases out of ten."""
    reported_ms: int | None
    """The time at which recovery was reported."""
    ttl_ms: int
    """The MX record's TTL before the outage, which is the TTL in resolvers' caches."""
    gateway_takes: bool | None
    """True if the last probe of a gateway host was answered; None if there was no recent probe."""
    delay_ms: int | None
    """The time for which the gateway has been processing the oldest message in its filter; None if the
    filter is empty.
    """
    outbound_oldest_ms: int | None
    """Age of the oldest message in the gateway's outbound queue."""
    outbound_retention_ms: int
    outbound_waits: int
    """Number of queued outbound messages, by the last figures on both consoles."""
    way_out_fails: bool
    """True if a check showed that mail sent by the connector's route does not arrive."""
    probed_ms: int | None
    """The time at which a probe was last answered."""
    stale_ms: int | None
    """The time of the last probe if it is too old by the house rules; None if there is no probe, or a
    newer one.
    """
    backup_delivers: bool | None
    """True if the last test message to the backup reached a mailbox; None if there was no test."""
    ways: Mapping[str, tuple[str, ...]]
    """For each connector that was checked or tested, the obstacles in its way."""


def known_now(drill: Drill) -> RoomKnowledge:
    """The knowledge at this moment of the drill. Reading it does not change anything."""
    room, reading = drill.room, drill.last_seen.gateway()
    probes = [one for host in GATEWAY if (one := last_of(room.sightings, host)) is not None]
    since_ms = drill.now_ms - drill.scenario.rules.diagnosis.stale_ms
    fresh = [one for one in probes if one.t_ms >= since_ms]
    tried = drill.protection.tried.get("backup test")
    ways = {name: obstacles(drill.protection.path(name)) for name in sorted(drill.protection.ways_seen)}
    broken = room.diagnoses[-1].component if room.diagnoses else ""
    return RoomKnowledge(
        now_ms=drill.now_ms,
        sign_ms=next((event.t_ms for event in drill.events if event.kind in _SIGNS), None),
        broken=broken,
        doubt=_doubt(drill) if broken == "gateway" else "",
        oldest_ms=_age_ms(reading.oldest_ms, reading, drill.now_ms),
        retention_ms=reading.retention_ms,
        back_by_ms=room.back_by_ms,
        sure_by_ms=room.sure_by_ms,
        reported_ms=drill.milestones.get(Milestone.SERVER_REPORTED_BACK),
        ttl_ms=drill.dns.file.ttl_ms,
        gateway_takes=any(not one.fails for one in fresh) if fresh else None,
        delay_ms=reading.in_process_ms if reading.at_ms == drill.now_ms else None,
        outbound_oldest_ms=_age_ms(reading.outgoing.oldest_ms, reading, drill.now_ms),
        outbound_retention_ms=reading.outgoing.retention_ms,
        outbound_waits=drill.last_seen.server().waiting + reading.outgoing.depth,
        stale_ms=None if fresh else max((one.t_ms for one in probes), default=None),
        way_out_fails=bool(ways.get(drill.protection.connector)),
        probed_ms=max((one.t_ms for one in probes if not one.fails), default=None),
        backup_delivers=None if tried is None else tried.delivered,
        ways=ways,
    )


def _doubt(drill: Drill) -> str:
    """The objection that an approver would raise; empty if there is none."""
    why = lacking(drill.room.diagnoses, drill.room.sightings, drill.clock)
    return "a failure of the gateway had not been observed" if why == NOTHING_SEEN else why


def _age_ms(oldest_ms: int | None, reading: GatewayReading, now_ms: int) -> int | None:
    """The current age of a message that was `oldest_ms` old at the time of the console's figures; None if
    the message was on its way.
    """
    if oldest_ms is None or oldest_ms < MINUTE_MS:
        return None
    return oldest_ms + now_ms - reading.at_ms
