"""Keys of a run's document about mail: counts by direction, attempts, delays, times of first events."""

from collections.abc import Callable

from sim.drill.scenario.milestones import Milestone
from sim.drill.scoring.unfinished_mail import oldest_ms
from sim.mail.accounts.ledger import ACCOUNTS
from sim.mail.message.traffic import DIRECTIONS
from sim.mail.senders.hop import SendingHop
from sim.report.document.key import Key, ListKey, of_mapping
from sim.report.document.run_facts import RunFacts
from sim.report.sender_ranges import OWN, Range, Ranges

RunKey = Key[RunFacts]

FLAGS = (
    ("readable", "queued at the gateway now, and readable by its user in a continuity event"),
    ("late", "inbound mail that became readable too late to be useful"),
    ("unfiltered", "bypassed the gateway into the mail server without being filtered"),
    ("recoverable", "bounced or rejected, but in the gateway's archive"),
    ("duplicates", "extra copies from all causes below; not part of the sum"),
)
COPIES = (
    (
        "outbox",
        "sent again in a continuity app while the first copy was in an Outbox or in the mail server's queue",
    ),
    ("notice", "sent again by users after the mail server's delay notice"),
    ("notice_outside", "sent again by outside senders after a delay notice"),
    ("after_the_dot", "accepted although the connection broke before the reply (RFC 1047), and sent again"),
)


PERCENTILES = (("p50", 50), ("p95", 95), ("p99", 99), ("max", 100))
_MINUTE_S, _HOUR_S = 60, 3_600
UP_TO_S = (
    *(0, _MINUTE_S, 5 * _MINUTE_S, 15 * _MINUTE_S, 30 * _MINUTE_S),
    *(hours * _HOUR_S for hours in (1, 2, 4, 8, 12, 24, 48, 96)),
)
"""Upper bounds, in seconds, of the classes of `delay_histogram`; the last class has no upper bound."""


def _generated(facts: RunFacts) -> dict[str, int]:
    return dict(zip(DIRECTIONS, facts.session.drill.world.generated(), strict=True))


def _ledger(facts: RunFacts) -> dict[str, dict[str, int]]:
    return {name: of_mapping(facts.ledger[name], ACCOUNTS) for name in DIRECTIONS}


def _flag(name: str) -> Callable[[RunFacts], int]:
    return lambda facts: facts.session.drill.world.flags()[name]


def _copies(name: str) -> Callable[[RunFacts], int]:
    def count(facts: RunFacts) -> int:
        world = facts.session.drill.world
        return world.copies.counts(world.inbound.hop)[name]

    return count


def _waiting_s(facts: RunFacts) -> dict[str, float | None]:
    return {name: _seconds(oldest_ms(facts.session.drill, name)) for name in DIRECTIONS}


def _delay_s(facts: RunFacts) -> dict[str, dict[str, float | None]]:
    ledger = facts.session.drill.world.ledger
    return {
        name: {key: _seconds(ledger.delay_ms(direction, part)) for key, part in PERCENTILES}
        for direction, name in enumerate(DIRECTIONS)
    }


def _delay_rows(facts: RunFacts) -> list[tuple[int | None, dict[str, int]]]:
    """For each class of delays: its upper bound in s, and the number of messages by direction."""
    ledger, up_to_ms = facts.session.drill.world.ledger, [bound_s * 1000 for bound_s in UP_TO_S]
    counts = [ledger.delay_counts(direction, up_to_ms) for direction in range(len(DIRECTIONS))]
    return [
        (bound_s, dict(zip(DIRECTIONS, row, strict=True)))
        for bound_s, *row in zip((*UP_TO_S, None), *counts, strict=True)
    ]


def _of_direction(name: str) -> Callable[[tuple[int | None, dict[str, int]]], int]:
    return lambda row: row[1][name]


COUNT_KEYS: tuple[RunKey | ListKey[RunFacts], ...] = (
    Key(
        "generated",
        "messages",
        "written so far; equals the sum of the direction's accounts",
        _generated,
        DIRECTIONS,
    ),
    Key(
        "ledger",
        "messages",
        "the [accounts](#accounts) of the direction; each message is in exactly one of them",
        _ledger,
        DIRECTIONS,
    ),
    *(Key(f"flags.{name}", "messages", meaning, _flag(name)) for name, meaning in FLAGS),
    *(Key(f"duplicates.{name}", "messages", meaning, _copies(name)) for name, meaning in COPIES),
    Key(
        "attempts",
        "attempts",
        "attempts so far to pass messages on to the next host ([what counts](#attempts-and-deferrals))",
        lambda facts: facts.session.drill.world.attempts(),
        DIRECTIONS,
    ),
    Key(
        "deferrals",
        "messages × times",
        "messages processed and deferred by their sending server without an attempt "
        "([where](#attempts-and-deferrals))",
        lambda facts: facts.session.drill.world.deferrals(),
        DIRECTIONS,
    ),
    Key(
        "waiting_s",
        "s",
        "age of the oldest message of the direction that is still at its sender, in an Outbox or in any "
        "queue; `null` if there is none",
        _waiting_s,
        DIRECTIONS,
    ),
    Key(
        "delay_s",
        "s",
        "time from arrival (or from being written) to delivery, over all delivered messages; nearest-rank "
        "percentiles; the same keys exist for each direction",
        _delay_s,
        tuple(f"inbound.{name}" for name, _ in PERCENTILES),
    ),
    ListKey(
        "delay_histogram",
        (
            Key(
                "up_to_s",
                "s",
                "the longest delay in the row, which begins above the previous row's limit; 0 means "
                "delivered in the millisecond of arrival, and `null` means without an upper bound",
                lambda row: row[0],
            ),
            *(
                Key(
                    name,
                    "messages",
                    f"{name} messages with such a delay; their sum is `ledger.{name}.delivered` + `.junked`",
                    _of_direction(name),
                )
                for name in DIRECTIONS
            ),
        ),
        _delay_rows,
    ),
)


def _milestone_s(facts: RunFacts, name: str) -> float | None:
    return _seconds(facts.session.drill.milestones.get(name))


def first_bounce_ms(facts: RunFacts) -> int | None:
    """The time at which an inbound message was first returned to its sender, by the gateway or by its
    sender's server.
    """
    drill = facts.session.drill
    by_gateway = (drill.milestones.get(name) for name in (Milestone.BOUNCE_FIRST, Milestone.BOUNCE_BY_HAND))
    moments = (*by_gateway, drill.world.inbound.first_return_ms)
    return min((moment for moment in moments if moment is not None), default=None)


FIRST_KEYS: tuple[RunKey, ...] = (
    Key(
        "first_s.alert",
        "s",
        "time at which the first alert reached a person, since the start",
        lambda facts: _milestone_s(facts, Milestone.ALERT_FIRST),
    ),
    Key(
        "first_s.delay_notice",
        "s",
        "time of the mail server's first delay notice to a user about outbound mail (RFC 3464 `delayed`), "
        "since the start; `null` if there was none. The gateway's own notices to colleagues who write in "
        "continuity are "
        "not modelled",
        lambda facts: _first_notice_s(facts.session.drill.world.writers.outbound.hop),
    ),
    Key(
        "first_s.delay_notice_outside",
        "s",
        "time of the first delay notice that someone outside got from their own organisation's server, "
        "since the start; `null` if there was none",
        lambda facts: _first_notice_s(facts.session.drill.world.inbound.hop),
    ),
    Key(
        "first_s.bounce",
        "s",
        "time at which any server first returned an inbound message to its sender, since the start",
        lambda facts: _seconds(first_bounce_ms(facts)),
    ),
    Key(
        "first_s.bounce_by_gateway",
        "s",
        "time at which the gateway first returned a message by itself (retention limit reached, attempts "
        "exhausted or permanently rejected, but not by hand), since the start",
        lambda facts: _milestone_s(facts, Milestone.BOUNCE_FIRST),
    ),
)


def _by_mix(
    name: str, of: Callable[[Ranges], Range], count: str, same: str
) -> tuple[RunKey | ListKey[RunFacts], ...]:
    """Keys of one count that depends on the mix of senders."""
    mixes = "the count with each mix of `scenarios/populations/senders/mixes.yaml`; `null` if a single run "
    mixes += "cannot show it, as after an MX change"
    return (
        Key(f"{name}.own_mix", "messages", count, lambda facts: of(facts.ranges).mixes[OWN]),
        Key(
            f"{name}.low",
            "messages",
            same
            or "the band's lower end, with every unpublished number at its lowest at the same time, and "
            "chance; `null` if only the organisation's own mix is known",
            lambda facts: of(facts.ranges).low,
        ),
        Key(
            f"{name}.high",
            "messages",
            same or "the band's upper end, computed in the same way",
            lambda facts: of(facts.ranges).high,
        ),
        ListKey(
            f"{name}.mixes",
            (
                Key("mix", "text", same or "name of the mix", lambda row: row[0]),
                Key("count", "messages", same or mixes, lambda row: row[1]),
            ),
            lambda facts: _other_mixes(of(facts.ranges)),
        ),
        ListKey(
            f"{name}.assumed",
            (
                Key(
                    "assumption", "text", same or "another value of an unpublished number", lambda row: row[0]
                ),
                Key("count", "messages", same or "the count with it (`--range`)", lambda row: row[1]),
            ),
            lambda facts: list(of(facts.ranges).assumed.items()),
        ),
        Key(
            f"{name}.played",
            "true or false",
            same
            or "`true` if there was a separate run for each mix (`--range`); `false` if the other mixes "
            "are computed from this run, weighted by each platform's share",
            lambda facts: facts.each_mix_ran,
        ),
        Key(
            f"{name}.why",
            "text",
            same
            or "the reason why only the count with the organisation's own mix is known; `null` if the "
            "others are known",
            lambda facts: facts.ranges.why or None,
        ),
    )


def _other_mixes(found: Range) -> list[tuple[str, int | None]]:
    return [(name, count) for name, count in found.mixes.items() if name != OWN]


MIX_KEYS: tuple[RunKey | ListKey[RunFacts], ...] = (
    *_by_mix(
        "senders_gave_up",
        lambda ranges: ranges.gave_up,
        "bounced at the sender (retry limit reached), with the organisation's own mix of senders",
        "",
    ),
    *_by_mix(
        "late_by_mix",
        lambda ranges: ranges.late,
        "`flags.late`, computed in the same way: mail that is late because its sender retried too late is "
        "weighted; mail that is late for other reasons is not",
        "as for `senders_gave_up`",
    ),
    *_by_mix(
        "duplicates_by_mix",
        lambda ranges: ranges.copies,
        "`flags.duplicates`, computed in the same way: `duplicates.notice_outside` is weighted; the others "
        "are not",
        "as for `senders_gave_up`",
    ),
    Key("bands.covers", "text", "what the bands cover, in one line", lambda facts: facts.ranges.covers),
    Key(
        "bands.backlog_low_s",
        "s",
        "the shortest time to clear the backlog in the runs of `--range`; `null` without them",
        lambda facts: _seconds(None if facts.ranges.backlog_ms is None else facts.ranges.backlog_ms.low),
    ),
    Key(
        "bands.backlog_high_s",
        "s",
        "the longest",
        lambda facts: _seconds(None if facts.ranges.backlog_ms is None else facts.ranges.backlog_ms.high),
    ),
)


def _seconds(moment_ms: int | None) -> float | None:
    return None if moment_ms is None else moment_ms / 1000


def _first_notice_s(hop: SendingHop | None) -> float | None:
    """The times of senders' notices; None if the sending hop is not modelled, because all mail passes at
    once.
    """
    return None if hop is None else _seconds(hop.first_notice_ms())
