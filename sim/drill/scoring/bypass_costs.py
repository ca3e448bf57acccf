"""The daily cost of bypasses of the gateway: unwanted mail, and gaps in its archive.

Unwanted mail is mail that the gateway's filter would have stopped. It is not mail of the organisation: it is
counted apart from the ledger, as assumed shares of the good mail (organisation's file). Truth, for the
debrief.
"""

from dataclasses import dataclass

from sim.drill.drill_state import DrillState
from sim.mail.message.traffic import INBOUND
from sim.mail.routes.connector import DIRECT as STRAIGHT_OUT
from sim.mail.routes.connector import SECONDARY
from sim.mail.server.guard import Gates, MailOrigin


@dataclass(frozen=True, slots=True)
class Prices:
    """Messages so far."""

    by_the_backup: int
    """Unwanted, taken by the backup, whose filter is weaker than the gateway's or none."""
    by_the_lock: int
    """Unwanted, from others who use the addresses for which the lock was opened."""
    straight: int
    """Unwanted, brought to the server itself by senders that no record leads there, or that one does."""
    unarchived: int
    """Good mail of both directions that did not come by the gateway: its archive has no copy."""

    @property
    def unwanted(self) -> int:
        """All that is unwanted."""
        return self.by_the_backup + self.by_the_lock + self.straight


def prices(drill: DrillState) -> Prices:
    """The price up to now."""
    world, versions = drill.world, drill.protection.gates
    stream = drill.spec.stream(INBOUND)
    backup = lock = straight = 0
    ends_ms = [t_ms for t_ms, _ in versions[1:]] + [drill.now_ms]
    for (from_ms, gates), to_ms in zip(versions, ends_ms, strict=True):
        backup += world.relay.delivered.between(from_ms, to_ms) * _through_the_backup(drill, gates)
        usual = stream.count(from_ms, to_ms)
        lock += usual * _through_the_lock(drill, gates)
        straight += usual * _by_themselves(drill, gates)
        straight += world.inbound.direct.between(from_ms, to_ms) * _led_straight(drill, gates)
    handed = world.writers.outbound.handed
    past = len(world.relay.delivered) + len(world.inbound.direct) + handed[SECONDARY] + handed[STRAIGHT_OUT]
    return Prices(backup // 1000, lock // 1000, straight // 1000, past)


def _looked_at(gates: Gates) -> bool:
    """Whether the server has a filter of its own at work; what gets past that is not counted here."""
    return gates.server_filters and not gates.skips


def _reaches(gates: Gates, source: MailOrigin) -> bool:
    """Whether mail from `source` gets to mailboxes, and not only into quarantine."""
    return gates.lets_in(source) and not gates.quarantines(source)


def _through_the_backup(drill: DrillState, gates: Gates) -> int:
    """Unwanted messages that reach mailboxes for every 1000 good ones that the backup brings."""
    organisation = drill.scenario.organisation
    if not _reaches(gates, "backup") or _looked_at(gates):
        return 0
    return (
        organisation.secondary.misses_permille
        if gates.backup_filters
        else organisation.guard.unwanted_permille
    )


def _through_the_lock(drill: DrillState, gates: Gates) -> int:
    """The same from others at the backup's addresses, for every 1000 good ones that usually come: only where
    the lock was opened for these.
    """
    first = drill.protection.gates[0][1]
    opened = _reaches(gates, "backup") and not _reaches(first, "backup")
    if not opened or _looked_at(gates) or _reaches(gates, "internet"):
        return 0
    return drill.scenario.organisation.guard.by_backup_permille


def _by_themselves(drill: DrillState, gates: Gates) -> int:
    """The same from senders that know the server's address and ask no record; only where that was opened."""
    first = drill.protection.gates[0][1]
    opened = _reaches(gates, "internet") and not _reaches(first, "internet")
    if not opened or not gates.unfiltered("internet"):
        return 0
    return drill.scenario.organisation.guard.strays_permille


def _led_straight(drill: DrillState, gates: Gates) -> int:
    """The same for every 1000 good ones that come straight, since a record names the server."""
    return drill.scenario.organisation.guard.unwanted_permille if gates.unfiltered("internet") else 0
