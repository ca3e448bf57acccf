"""Keys of a run's document about mail: counts by direction, copies, attempts, and delays."""

from collections.abc import Callable

from sim.drill.scoring.unfinished_mail import oldest_ms
from sim.mail.accounts.ledger import ACCOUNTS
from sim.mail.message.traffic import DIRECTIONS
from sim.report.document.key import Key, ListKey, of_mapping, seconds
from sim.report.document.run_facts import RunFacts

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
    return {name: seconds(oldest_ms(facts.session.drill, name)) for name in DIRECTIONS}


def _delay_s(facts: RunFacts) -> dict[str, dict[str, float | None]]:
    ledger = facts.session.drill.world.ledger
    return {
        name: {key: seconds(ledger.delay_ms(direction, part)) for key, part in PERCENTILES}
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


COUNT_KEYS: tuple[Key[RunFacts] | ListKey[RunFacts], ...] = (
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
