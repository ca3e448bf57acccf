"""Keys of a run's document about counts that depend on the mix of senders, and about their bands."""

from collections.abc import Callable

from sim.report.document.key import Key, ListKey, seconds
from sim.report.document.run_facts import RunFacts
from sim.report.sender_ranges import OWN, Range, Ranges


def _by_mix(
    name: str, of: Callable[[Ranges], Range], count: str, same: str
) -> tuple[Key[RunFacts] | ListKey[RunFacts], ...]:
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


MIX_KEYS: tuple[Key[RunFacts] | ListKey[RunFacts], ...] = (
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
        lambda facts: seconds(None if facts.ranges.backlog_ms is None else facts.ranges.backlog_ms.low),
    ),
    Key(
        "bands.backlog_high_s",
        "s",
        "the longest",
        lambda facts: seconds(None if facts.ranges.backlog_ms is None else facts.ranges.backlog_ms.high),
    ),
)
