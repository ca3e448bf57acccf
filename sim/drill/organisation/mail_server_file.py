"""The mail server in an organisation's file: how fast it accepts mail, its limits and its disk."""

from typing import Annotated

from pydantic import Field

from sim.drill.organisation.shipped_ids import PlatformId, ServerId
from sim.drill.organisation.sourced_numbers import Block
from sim.kernel.document import DurationMs
from sim.kernel.duration import MINUTE_MS


class ServerDisk(Block):
    """The disk volume, on each mail server, that holds its queue and logs."""

    size_gb: Annotated[int, Field(ge=1, le=1_000_000)]
    """Size of the volume."""
    used_percent: Annotated[int, Field(ge=0, le=100)]
    """Share of the volume in use at the start of the drill."""
    old_logs_percent: Annotated[int, Field(ge=0, le=100)] = 0
    """Share of the volume taken up by logs that a backup would truncate; at most `used_percent`."""
    nightly_hour: Annotated[int, Field(ge=0, le=23)] | None = None
    """Local hour of a nightly backup, which truncates logs unless the server is down. If unset, there is no
    nightly backup.
    """
    backup_ms: Annotated[DurationMs, Field(ge=1)] = Field(default=45 * MINUTE_MS, alias="backup")
    """How long a backup takes; at its end, logs are truncated."""
    spare_gb: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """Size of an empty volume to which the queue and logs can be moved; 0: there is no such volume."""


class MailServer(Block):
    """The organisation's mail server as a receiver."""

    name: str = Field(min_length=1)
    """Display name."""
    platform: PlatformId = "exchange-server"
    """Platform whose retry schedule the server's outbound queue follows."""
    connections: Annotated[int, Field(ge=1, le=10_000)]
    """Simultaneous connections that the server accepts from one source address of the gateway."""
    users_per_source: Annotated[int, Field(ge=1)]
    """Number of users for which the gateway has one source address."""
    per_message_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="per_message")
    """Time needed to receive one message over one connection."""
    back_pressure: ServerId | None = None
    """Server file whose back-pressure thresholds apply, to each server separately. If unset, there is no back
    pressure.
    """
    works_for_ms: Annotated[DurationMs, Field(ge=1)] | None = Field(default=None, alias="works_for")
    """Processing time of an accepted message; several are processed at a time. If unset, the server file's
    value applies.
    """
    mailbox_per_hour: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    """Messages per hour above which a mailbox rejects mail from the gateway and the backup for the next hour;
    0: no limit.
    """
    mailbox_reply: str = Field(
        default="554 5.2.122 The recipient has exceeded their limit for the number of messages they can "
        "receive per hour",
        min_length=1,
    )
    """The 5xx reply to mail above that limit."""
    disk: ServerDisk | None = None
    """The server's disk. If unset, the disk cannot fill up, or is not this organisation's concern."""

    @property
    def own_firewall(self) -> bool:
        """True if a firewall of the organisation can protect the server; never for Exchange Online."""
        return self.platform != "exchange-online"
