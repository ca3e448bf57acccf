"""What a sender knows of a word once it is out: whom it reached, or nothing at all."""

from sim.drill.drill_state import DrillState

WITH_RECEIPTS = ("phone", "sms")
"""Whoever phones hears it; texts have delivery reports. Who reads mail, intranet or chat nobody knows."""


def receipt(drill: DrillState, audience: str, via: str, reached: int) -> tuple[str, bool]:
    """What is known of a word that reached so many, in words, and whether that number is known."""
    if via == "email" and not reached and not drill.consoles.server().live:
        return (
            f"{audience} not notified: it stays in the Outbox because your own mail client cannot connect",
            True,
        )
    if via not in WITH_RECEIPTS:
        return f"{audience} notified by {via}; no read receipts", False
    if audience == "users":
        return (
            f"users notified by {via}: it reaches {reached:,} of {drill.scenario.organisation.users:,}",
            True,
        )
    return f"{audience} notified by {via}", True
