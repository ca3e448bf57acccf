"""Figures of a run about the protection that was given up, and the mail that came through as a result."""

from dataclasses import field

from sim.kernel.frozen import frozen
from sim.report.run_figure import described


@frozen
class ProtectionCost:
    """The protection that was given up, and the mail that came through as a result."""

    unfiltered: int = field(
        metadata=described(
            "the same as `flags.unfiltered`", row="Bypassed the filter", key="exposure.unfiltered"
        )
    )
    junked: int = field(
        metadata=described(
            "junked or quarantined by a filter or by recipients' systems, both directions",
            row="Junked or quarantined",
        )
    )
    rejected: int = field(
        metadata=described("permanently rejected (5xx), both directions", key="exposure.rejected")
    )
    backscatter: int = field(
        metadata=described(
            "backscatter: bounces to forged senders from a backup that did not know the recipients",
            row="Backscatter",
            key="exposure.backscatter",
        )
    )
    unsigned: int = field(
        metadata=described(
            "outbound messages that receivers accepted over a route on which DMARC fails; rejected ones are "
            "not included",
            row="Accepted, DMARC failed",
            key="exposure.unsigned_outbound",
        )
    )
    unwanted: int = field(
        metadata=described(
            "unwanted mail that the gateway's filter would have stopped, received through the backup's "
            "weaker filter, through the opened lock or directly (assumed shares; not in the ledger)",
            key="exposure.unwanted",
        )
    )
    unarchived: int = field(
        metadata=described(
            "legitimate mail in both directions that bypassed the gateway and is therefore missing from "
            "its archive",
            key="exposure.unarchived",
        )
    )
    suppressed_addresses: int = field(
        metadata=described(
            "addresses on the suppression lists of bulk senders' accounts (SES, SendGrid, Mailgun, "
            "SparkPost) after a permanent rejection",
            key="exposure.suppressed_addresses",
            unit="addresses",
        )
    )
    suppressed_messages: int = field(
        metadata=described(
            "messages to those addresses that have not been sent since then (the ledger's account "
            "`suppressed`)",
            key="exposure.suppressed_messages",
        )
    )
    greylisted: int = field(
        metadata=described(
            "first contacts that the backup deferred with 451: unknown senders, or unknown pairs of sender "
            "and recipient",
            key="exposure.greylisted",
            unit="contacts",
        )
    )
    open_ms: int = field(
        metadata=described(
            "time in which the register of openings had an open entry", key="exposure.open_s", unit="s"
        )
    )
    exposed_ms: int = field(
        metadata=described(
            "time in which unfiltered mail could get in because of your changes",
            key="exposure.exposed_s",
            unit="s",
        )
    )
    not_approved_ms: int = field(
        metadata=described(
            "the part of `exposure.exposed_s` without an approval in force",
            row="Open without approval",
            key="exposure.not_approved_s",
            unit="s",
        )
    )
