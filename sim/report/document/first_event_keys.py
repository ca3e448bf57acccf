"""Keys of a run's document about first events: the first alert, delay notices and bounces."""

from sim.drill.scenario.milestones import Milestone
from sim.mail.senders.hop import SendingHop
from sim.report.document.key import Key, seconds
from sim.report.document.run_facts import RunFacts


def _milestone_s(facts: RunFacts, name: str) -> float | None:
    return seconds(facts.session.drill.milestones.get(name))


def first_bounce_ms(facts: RunFacts) -> int | None:
    """The time at which an inbound message was first returned to its sender, by any server."""
    world = facts.session.drill.world
    moments = (world.ledger.first_returned_ms, world.inbound.first_return_ms)
    return min((moment for moment in moments if moment is not None), default=None)


FIRST_KEYS: tuple[Key[RunFacts], ...] = (
    Key(
        "first_s.alert",
        "s",
        "time at which the first alert reached a person (since the start)",
        lambda facts: _milestone_s(facts, Milestone.ALERT_FIRST),
    ),
    Key(
        "first_s.delay_notice",
        "s",
        "time of the mail server's first delay notice to a user about outbound mail (RFC 3464 `delayed`) "
        "(since the start); `null` if there was none. The gateway's own notices to colleagues who write in "
        "continuity are "
        "not modelled",
        lambda facts: _first_notice_s(facts.session.drill.world.writers.outbound.hop),
    ),
    Key(
        "first_s.delay_notice_outside",
        "s",
        "time of the first delay notice that someone outside got from their own organisation's server "
        "(since the start); `null` if there was none",
        lambda facts: _first_notice_s(facts.session.drill.world.inbound.hop),
    ),
    Key(
        "first_s.bounce",
        "s",
        "time at which any server first returned an inbound message to its sender (since the start)",
        lambda facts: seconds(first_bounce_ms(facts)),
    ),
    Key(
        "first_s.bounce_by_gateway",
        "s",
        "time at which the gateway first returned a message by itself (retention limit reached, attempts "
        "exhausted or permanently rejected, but not by hand; since the start)",
        lambda facts: _milestone_s(facts, Milestone.BOUNCE_FIRST),
    ),
)


def _first_notice_s(hop: SendingHop | None) -> float | None:
    """The times of senders' notices; None if the sending hop is not modelled, because all mail passes at
    once.
    """
    return None if hop is None else seconds(hop.first_notice_ms())
