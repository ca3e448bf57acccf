"""Figures of a run about mail: where messages are, losses, delays, and the backlog after the recovery.

The figures are grouped by theme, here and in `protection_figures` and `people_figures`. Each field is
described once, in its metadata. The table that compares the run with doing nothing, the document of
`run --json` and its reference page are made from these records. A time in milliseconds ends in `_ms`.
"""

from dataclasses import field

from sim.kernel.frozen import frozen
from sim.report.run_figure import ByMix, described


@frozen
class InboundFigures:
    """Where messages from outside are."""

    generated: int = field(metadata=described("written so far", row="Inbound messages", always=True))
    delivered: int = field(metadata=described("in mailboxes", row="Delivered", always=True))
    queued: int = field(metadata=described("in the gateway's queue", row="Still queued", always=True))
    elsewhere: int = field(
        metadata=described(
            "in the backup's queue, or accepted by the mail server and not yet in a mailbox",
            row="In queues behind the gateway",
        )
    )
    at_senders: int = field(metadata=described("queued at their senders", row="Still at their senders"))
    held: int = field(
        metadata=described("accepted and held by the gateway, or in its filter", row="Held by the gateway")
    )


@frozen
class LostMail:
    """Inbound mail that did not arrive, by the system that returned it and the reason."""

    bounces: int = field(
        metadata=described(
            "inbound messages returned to their senders: bounced by the gateway, bounced at the sender or at "
            "the backup (retry limit reached), or permanently rejected (5xx)",
            row="Bounced, inbound mail",
            always=True,
            key="bounces.inbound",
        )
    )
    bounced: int = field(
        metadata=described(
            "bounced by the gateway, which has them in its archive", row="  by the gateway", always=True
        )
    )
    by_hand: int = field(metadata=described("messages that the gateway returned by hand"))
    youngest_ms: int | None = field(
        metadata=described(
            "age of the youngest message returned by the gateway itself, not by hand, in any direction; "
            "null: none"
        )
    )
    at_senders: ByMix = field(
        metadata=described("bounced by the sending organisations", row="  at the sender")
    )
    rejected: int = field(
        metadata=described(
            "permanently rejected by the gateway, the backup or the mail server, and returned at once",
            row="  permanently rejected (5xx)",
        )
    )
    suppressed: int = field(
        metadata=described(
            "never sent: the address is on a bulk sender's suppression list", row="Never sent (suppressed)"
        )
    )
    retention_ms: int = field(
        metadata=described("the gateway's retention limit, counted from a message's arrival")
    )


@frozen
class MailTiming:
    """Mail that arrived too late, twice, or after a long time."""

    late: ByMix = field(
        metadata=described(
            "inbound, readable too late to be useful", row="Late (too late to be useful)", always=True
        )
    )
    copies: ByMix = field(metadata=described("extra copies, every direction", row="Arrived twice"))
    longest_delay_ms: int = field(
        metadata=described(
            "longest time to delivery, inbound", row="Longest delay, delivered", always=True, unit="s"
        )
    )
    why_one_mix: str = ""
    """The reason why this run shows only its own mix of senders; empty if it shows other mixes."""
    covers: str = ""
    """What the bands next to figures cover, in one line."""


@frozen
class OutboundMail:
    """Messages from users to the outside that are delayed or lost."""

    queued: int = field(
        metadata=described("in a queue of the mail server or the gateway", row="Outbound, still queued")
    )
    held: int = field(
        metadata=described("held by the gateway, or in its filter", row="Outbound, held by gateway")
    )
    rejected: int = field(metadata=described("permanently rejected by receivers", row="Outbound, rejected"))
    returned: int = field(metadata=described("bounced to their senders", row="Outbound, bounced"))
    delay_ms: int = field(
        metadata=described(
            "longest delay, delivered or still queued", row="Outbound, longest delay", unit="s"
        )
    )


@frozen
class InternalMail:
    """Messages between colleagues that are delayed or lost."""

    queued: int = field(
        metadata=described("in a queue of the gateway or the mail server", row="Internal, queued")
    )
    returned: int = field(
        metadata=described(
            "accepted by the gateway in continuity, then bounced or rejected",
            row="Internal, bounced",
        )
    )


@frozen
class BacklogFigures:
    """The backlog after the recovery, and the half hour of the retry storm."""

    drained_after_ms: int | None = field(
        metadata=described(
            "time from the end of the last fault until all mail that had arrived before then had left the "
            "queues",
            row="Time to clear the backlog",
            always=True,
            key="recovery.drained_after_s",
            unit="s",
        )
    )
    messages: int = field(
        metadata=described(
            "messages in all directions queued at the end of the last fault at outside senders, at the "
            "gateway or at the backup; mail in Outboxes is not included",
            row="  messages in the backlog",
            always=True,
            key="recovery.backlog",
        )
    )
    internal: int = field(
        metadata=described(
            "the part of this backlog that is mail between colleagues, which continuity routes through "
            "the gateway",
            row="  of these, internal",
            key="recovery.backlog_internal",
        )
    )
    on_the_way: int = field(
        metadata=described("undelivered messages of all directions that are less than a minute old")
    )
    herd_from_ms: int | None = field(
        metadata=described(
            "start of the peak half hour (since the start; half hours count from the onset): the one in "
            "which mail accepted from the internet by the gateway, the backup and the mail server most "
            "exceeded the mail written in it; `null` if it never did, or if all mail arrives as it is "
            "written",
            key="recovery.herd.from_s",
            unit="s",
        )
    )
    herd_came: int | None = field(
        metadata=described("messages accepted in the peak half hour", key="recovery.herd.came")
    )
    herd_usual: int | None = field(
        metadata=described("messages written in the peak half hour", key="recovery.herd.usual")
    )

    @property
    def is_counted(self) -> bool:
        """False if the run ended before the recovery, when there is a queue but no backlog yet."""
        return self.drained_after_ms is not None or self.messages > 0
