"""Delivery receipts: facts about the recipients of an update that its sender has."""

from sim.drill.drill_state import DrillState

WITH_RECEIPTS = ("phone", "sms")
"""Channels that report receipt: phone calls, and text messages with delivery reports. With email, intranet
and chat, the sender does not know who has read a notification.
"""


def receipt(drill: DrillState, audience: str, via: str, reached: int) -> tuple[str, bool]:
    """The receipt of an update that reached `reached` people, in words, and whether that number is known."""
    if via == "email" and not reached and not drill.consoles.server().live:
        return (
            f"{audience} not notified: the message stays in the Outbox because your own mail client cannot "
            f"connect",
            True,
        )
    if via not in WITH_RECEIPTS:
        return f"{audience} notified by {via}; no read receipts", False
    if audience == "users":
        return (
            f"users notified by {via}: the update reaches {reached:,} of "
            f"{drill.scenario.organisation.users:,}",
            True,
        )
    return f"{audience} notified by {via}", True
