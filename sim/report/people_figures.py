"""Figures of a run about people: time without mail, and the calls and text messages that it caused."""

from dataclasses import field

from sim.kernel.frozen import frozen
from sim.report.run_figure import described


@frozen
class PeopleFigures:
    """Time without mail, and the calls and text messages that the outage caused."""

    user_hours_without_mail: float = field(
        metadata=described(
            "hours in which users could neither read nor send, summed over all users",
            row="User-hours without mailbox",
            always=True,
            key="users.user_hours_without_mail",
            unit="hours",
        )
    )
    user_hours_in_part: float = field(
        metadata=described(
            "hours in which users had a mailbox but not the gateway (links and portal did not work), "
            "summed over all users",
            row="User-hours without gateway",
            key="users.user_hours_in_part",
            unit="hours",
        )
    )
    calls: int = field(
        metadata=described(
            "calls to the helpdesk", row="Calls to the helpdesk", always=True, key="users.calls", unit="calls"
        )
    )
    calls_low: int = field(
        metadata=described(
            "calls to the helpdesk with the lowest plausible shares of callers, which are unpublished "
            "(`calls.band_percent` of the organisation), chance included",
            key="users.calls_low",
            unit="calls",
        )
    )
    calls_high: int = field(
        metadata=described(
            "calls to the helpdesk with the highest plausible shares of callers, chance included",
            key="users.calls_high",
            unit="calls",
        )
    )
    executive_calls: int = field(
        metadata=described(
            "calls from executives without a current update; they take up the incident lead's time",
            row="Calls from executives",
            key="users.executive_calls",
            unit="calls",
        )
    )
    partner_calls: int = field(
        metadata=described(
            "calls from partners without a current update; they take up the helpdesk's time",
            row="Calls from partners",
            key="users.partner_calls",
            unit="calls",
        )
    )
    alert_texts: int = field(
        metadata=described(
            "text messages that arrived from the gateway's two monitors; each repeats its alert until it is "
            "acknowledged",
            row="Alerts by text message",
            key="alerts.texts",
            unit="text messages",
        )
    )
