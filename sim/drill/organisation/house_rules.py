"""The file of house rules: what every organisation goes by, and no standard fixes."""

from typing import Annotated, Literal

from pydantic import Field

from sim.drill.organisation.sourced_numbers import Block, Id, Percent, Quantiles, WorkingHours
from sim.kernel.data_files import DataFiles
from sim.kernel.document import DurationMs, Record
from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS


class ProbeWait(Block):
    """A test message from outside: the round-trip probe, or one to an MX host that has taken it."""

    waits_ms: Annotated[DurationMs, Field(ge=60_000, le=86_400_000)] = Field(alias="waits")
    """How long it is waited for, from sending it."""
    slow_minutes: Quantiles
    """From sending the round-trip probe to its reply, while the server or the gateway is slow."""
    send_minutes: Annotated[int, Field(ge=0, le=480)]
    """Hands-on time of sending the round-trip probe."""


class OutboundRule(Block):
    """When outbound mail counts as restored, and when as left waiting."""

    restored_permille: int = Field(ge=1, le=1000)
    """If receivers take at least so much of it."""
    left_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="left")
    """What users wrote so long before the end, and has come nowhere, is left waiting."""


class InboundRule(Block):
    """When inbound mail counts as moved to another MX."""

    moved_permille: int = Field(ge=1, le=1000)
    """If at least so much of what senders whose resolvers heed the TTL have written was taken there."""
    soon_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="soon")
    """So soon after it was written it has to be."""
    span_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="span")
    """Of what was written in so long."""
    least: int = Field(ge=1, le=100_000)
    """Of so many messages at least: where fewer are written in that time, of the last so many."""


class WordRules(Block):
    """When a promised update counts as kept, and which gaps do not count as silence."""

    late_by_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="late_by")
    """It may come so much later."""
    early_by_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="early_by")
    """So much earlier any word will do; before that only one that promises anew or says that mail is back."""
    apart_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="apart")
    """A reference tells the same people nothing new over the same channel sooner, but that mail is back."""
    down_for_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="down_for")
    """So long after a report that email is back it may still be said to be down; later that is false."""
    phoned_at_most: Annotated[int, Field(ge=0, le=1_000_000)]
    """So many users can be told by telephone with one `notify`."""
    by_day: WorkingHours
    """When people wait for the next word: silence is counted in these hours alone."""


class AbleRule(Block):
    """When users count as able to send and receive."""

    percent: Percent
    """If so many of those whom a word can reach are."""
    noticed_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="noticed")
    """Without an alert, or with a late one, time counts from this long after the onset: people call."""


class ContinuityRule(Block):
    """When users have to be covered."""

    due_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="due")
    """So long after the onset an event is to be running, where no objective says by when."""


class ShareRule(Block):
    """From how many messages on a share of them is judged: a few of fewer are chance."""

    judged_from: Annotated[int, Field(ge=1, le=1_000_000)]
    """Of what was written in the outage."""
    again_from: Annotated[int, Field(ge=1, le=1_000_000)]
    """Of what users could write again."""


class OpeningRule(Block):
    """When what was opened can be closed."""

    stale_ms: Annotated[DurationMs, Field(le=14 * DAY_MS)] = Field(alias="stale")
    """A lock stays open for the backup for the old TTL and so long after the MX has been led back."""


class EmergencyRule(Block):
    """When something may be done without the approval that it needs."""

    waits_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="waits")
    """This long after an unanswered request to the approver; at once if no approver was available."""


class DiagnosisRule(Block):
    """Which diagnosis is right, and how long what was seen holds."""

    over_ms: Annotated[DurationMs, Field(le=7 * DAY_MS)] = Field(alias="over")
    """What is over may still be named for so long."""
    stale_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=7 * DAY_MS)] = Field(alias="stale")
    """What a probe of the gateway found longer ago tells nothing of now: no decision rests on it."""


class ScreenRule(Block):
    """What stands on a screen of a console."""

    stands_ms: Annotated[DurationMs, Field(le=HOUR_MS)] = Field(alias="stands")
    """Figures that are not renewed are taken for those of now for so long, unless somebody tries the console;
    so much later than it begins an error of the queue to the outside shows."""


class SessionRule(Block):
    """Sessions of people who are signed in to a console when the directory dies."""

    minutes: Quantiles
    """From one renewal, which asks the directory, to the next."""


class StaffRule(Block):
    """People at work outside their hours."""

    stays_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="stays")
    """Who has been at work stays so long after their last task, working hours or not."""


class EstimateManners(Block):
    """How the server team names times."""

    named_to_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="named_to")
    """Times are named to so much, rounded up; nothing is named that is nearer than this."""
    apart_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="apart")
    """Two words are at least so far apart."""


class ClientRule(Block):
    """Users' mail programs once the mail server is back."""

    reconnect_ms: Annotated[DurationMs, Field(ge=1, le=DAY_MS)] = Field(alias="reconnect")
    """Each finds it again within this time, evenly spread."""


class ListRule(Block):
    """Bulk senders' lists of addresses to which they write no more."""

    every_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="every")
    """So often they take in what has been refused for good."""
    cleared_after_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=30 * DAY_MS)] = Field(
        alias="cleared_after"
    )
    """So long after they were asked those outside whom the word reaches have cleared theirs."""


class HandsOn(Block):
    """How long commands keep the people busy who carry them out."""

    minutes: dict[str, Annotated[int, Field(ge=0, le=480)]]  # whether all have some: `registry.check_minutes`
    """By the command's words, for each command. Of `probe mx` and `dns ask` for each host that is asked; what
    else depends on a vendor's telephone or console stands in the vendor's file."""


class HouseRules(Record):
    """See the module."""

    mxdrill: Literal[1]
    """Version of the file's format."""
    id: Id
    """Its name."""
    name: str = Field(min_length=1)
    """Its name."""
    probe: ProbeWait
    outbound: OutboundRule
    inbound: InboundRule
    words: WordRules
    able: AbleRule
    continuity: ContinuityRule
    shares: ShareRule
    openings: OpeningRule
    emergency: EmergencyRule
    diagnosis: DiagnosisRule
    screens: ScreenRule
    sessions: SessionRule
    staff: StaffRule
    estimates: EstimateManners
    clients: ClientRule
    lists: ListRule
    hands_on: HandsOn


HOUSE_RULES = "house/rules.yaml"
"""Where they are among the data files."""


def read_house_rules(files: DataFiles) -> HouseRules:
    """The house rules in `files`. Raises BadFile."""
    return files.read(HOUSE_RULES, HouseRules)
