"""Builds the machine that simulates a platform."""

from sim.mail.platforms.platform import Platform
from sim.mail.senders.machine_ends import MachineEnds
from sim.mail.senders.machines.agenda import Agenda
from sim.mail.senders.machines.courier import Courier
from sim.mail.senders.machines.exchange import Exchange
from sim.mail.senders.machines.exim import Exim
from sim.mail.senders.machines.opensmtpd import OpenSMTPD
from sim.mail.senders.machines.own_timers import OwnTimers
from sim.mail.senders.machines.postfix import Postfix
from sim.mail.senders.machines.sender import Sender
from sim.mail.senders.machines.sendmail import Sendmail

OWN_TIMERS = frozenset({"offsets", "polynomial", "never"})
"""Kinds of retry rule with which messages do not influence each other."""


def is_stateful(platform: Platform) -> bool:
    """True if the platform's messages influence each other, for example by waiting for a connection."""
    return platform.kind not in OWN_TIMERS or platform.file.drain.connections is not None


def machine_of(agenda: Agenda, platform: Platform, ends: MachineEnds, scan_phase_ms: int = 0) -> Sender:
    """A sending organisation that uses `platform`. `scan_phase_ms`: the first scan of its queue, if the
    platform scans.

    Raises ValueError for a kind of retry rule without a machine.
    """
    if platform.id == "opensmtpd":
        return OpenSMTPD(agenda, platform, ends)
    match platform.kind:
        case "next-hop-clock":
            return Exchange(agenda, platform, ends)
        case "groups":
            return Courier(agenda, platform, ends)
        case "offsets" | "polynomial" | "never":
            return OwnTimers(agenda, platform, ends)
        case "aged-backoff":
            return Postfix(agenda, platform, ends, scan_phase_ms)
        case "host-clock":
            return Exim(agenda, platform, ends, scan_phase_ms)
        case "queue-runs":
            return Sendmail(agenda, platform, ends, scan_phase_ms)
        case kind:
            raise ValueError(f"no machine implements {platform.id}, which is of kind {kind}")
