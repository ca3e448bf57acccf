"""The options of a lab: its speed, its end, its ports, and the events that it prints."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.drill.room.events import HIDDEN_FROM_TRAINEE, Event
from sim.live.certificate import Tls

if TYPE_CHECKING:  # an extra, which may be missing
    pass


@dataclass(frozen=True, slots=True)
class LabOptions:
    """Speed of the clock, end, ports, and what is printed."""

    speed: float
    until_ms: int | None = None
    smtp_port: int = 0
    dns_port: int = 0
    """Ports of the MX and of the zone's name servers; 0 for any free port."""
    ports_file: Path | None = None
    """File to which the ports are written, as JSON, once they answer."""
    truth: bool = False
    """True if facts hidden from trainees are also printed: faults, and when they end."""
    tls: Tls = "offered"
    metrics_port: int | None = None
    """Port for a monitoring system; 0 for any free port; None if there is none."""
    quiet: bool = False
    """True if only real mail, replies to commands, and problems are printed."""
    mail_server_port: int = 0
    """Port of the user's own server, which replaces the lab's mail server; 0 if the lab's server is used."""


def shown(event: Event, options: LabOptions) -> bool:
    """True if a line is printed for the event. Truth is printed only on request, and milestones never."""
    if event.kind == "milestone":
        return False  # only for objectives and runbooks; the fault or message behind it has a line of its own
    if event.kind in HIDDEN_FROM_TRAINEE:
        return options.truth
    return not options.quiet or event.kind in {"mail", "command", "done", "failed", "refused", "end"}
