"""What a sender knows of a word once it is out: whom it reached, or nothing at all."""

from sim.drill.drill_state import DrillState

WITH_RECEIPTS = ("phone", "sms")
"""Whoever phones hears it; texts have delivery reports. Who reads mail, intranet or chat nobody knows."""


def receipt(drill: DrillState, audience: str, via: str, reached: int) -> tuple[str, bool]:
    """What is known of a word that reached so many, in words, and whether that number is known."""
    if via == "email" and not reached and not drill.consoles.server().live:
        return f"{audience} not told: it waits in the Outbox, your own mail program does not connect", True
    if via not in WITH_RECEIPTS:
        return f"{audience} told by {via}; who has read it nobody can say", False
    if audience == "users":
        return f"users told by {via}: it reaches {reached:,} of {drill.scenario.organisation.users:,}", True
    return f"{audience} told by {via}", True
