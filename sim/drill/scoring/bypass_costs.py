"""The running cost of bypassing the gateway: unwanted mail, and gaps in its archive.

Unwanted mail is mail that the gateway's filter would have stopped. Unwanted mail is not part of the
organisation's mail, so it is counted outside the ledger, as assumed shares of the good mail (organisation's
file). Truth, for the debrief.
"""

from sim.drill.drill_state import DrillState
from sim.kernel.frozen import frozen
from sim.mail.message.traffic import INBOUND
from sim.mail.routes.connector import DIRECT as STRAIGHT_OUT
from sim.mail.routes.connector import SECONDARY
from sim.mail.server.guard import Gates, MailOrigin


@frozen
class Prices:
    """Counts of messages so far."""

    by_the_backup: int
    """Unwanted messages that the backup accepts, since its filter is weaker than the gateway's or missing."""
    by_the_lock: int
    """Unwanted messages that other senders send from addresses for which the lock was opened."""
    straight: int
    """Unwanted messages sent straight to the server, whether or not an MX record names it."""
    unarchived: int
    """Good mail in both directions that did not pass through the gateway, so that the archive has no copy."""

    @property
    def unwanted(self) -> int:
        """All unwanted messages."""
        return self.by_the_backup + self.by_the_lock + self.straight


def prices(drill: DrillState) -> Prices:
    """The cost so far."""
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
    """True if the server has a filter of its own in operation; mail that gets past that filter is not
    counted here.
    """
    return gates.server_filters and not gates.skips


def _reaches(gates: Gates, source: MailOrigin) -> bool:
    """True if mail from `source` reaches mailboxes, and not only quarantine."""
    return gates.lets_in(source) and not gates.quarantines(source)


def _through_the_backup(drill: DrillState, gates: Gates) -> int:
    """Unwanted messages that reach mailboxes, for every 1000 good messages from the backup."""
    organisation = drill.scenario.organisation
    if not _reaches(gates, "backup") or _looked_at(gates):
        return 0
    return (
        organisation.secondary.misses_permille
        if gates.backup_filters
        else organisation.guard.unwanted_permille
    )


def _through_the_lock(drill: DrillState, gates: Gates) -> int:
    """Unwanted messages of other senders from the backup's addresses, for every 1000 good messages that
    usually arrive; only while the lock is open for these addresses.
    """
    first = drill.protection.gates[0][1]
    opened = _reaches(gates, "backup") and not _reaches(first, "backup")
    if not opened or _looked_at(gates) or _reaches(gates, "internet"):
        return 0
    return drill.scenario.organisation.guard.by_backup_permille


def _by_themselves(drill: DrillState, gates: Gates) -> int:
    """Unwanted messages from senders that know the server's address without looking up a record; only
    while that route is open.
    """
    first = drill.protection.gates[0][1]
    opened = _reaches(gates, "internet") and not _reaches(first, "internet")
    if not opened or not gates.unfiltered("internet"):
        return 0
    return drill.scenario.organisation.guard.strays_permille


def _led_straight(drill: DrillState, gates: Gates) -> int:
    """Unwanted messages for every 1000 good messages that come straight to the server because a record
    names it.
    """
    return drill.scenario.organisation.guard.unwanted_permille if gates.unfiltered("internet") else 0
