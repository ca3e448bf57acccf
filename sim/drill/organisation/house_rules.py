"""The file of house rules: numbers that apply to every organisation and that no standard sets."""

from typing import Annotated, Literal

from pydantic import Field

from sim.drill.organisation.sourced_numbers import Block, Id, Percent, Quantiles, WorkingHours
from sim.kernel.data_files import DataFiles
from sim.kernel.document import DurationMs, Record
from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS


class ProbeWait(Block):
    """A test message from outside: the round-trip probe, or one that an MX host has accepted."""

    waits_ms: Annotated[DurationMs, Field(ge=60_000, le=86_400_000)] = Field(alias="waits")
    """Longest wait for it, from the moment it is sent."""
    slow_minutes: Quantiles
    """Time from sending the round-trip probe to its reply while the server or the gateway is slow."""
    send_minutes: Annotated[int, Field(ge=0, le=480)]
    """Hands-on time of sending the round-trip probe."""


class OutboundRule(Block):
    """Limits from which outbound mail counts as restored, or as left in the queue."""

    restored_permille: int = Field(ge=1, le=1000)
    """Restored if receivers accept at least this share of it."""
    left_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="left")
    """Left in the queue: users' mail older than this at the end of the drill, and still undelivered."""


class InboundRule(Block):
    """Limits from which inbound mail counts as moved to another MX."""

    moved_permille: int = Field(ge=1, le=1000)
    """Moved if the other MX has accepted at least this share of mail from senders whose resolvers respect the
    TTL."""
    soon_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="soon")
    """Time within which it must be accepted after it was written."""
    span_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="span")
    """The share is taken of mail written within this time."""
    least: int = Field(ge=1, le=100_000)
    """Least number of messages of which the share is taken: if fewer were written in that time, the latest
    ones up to this number count.
    """


class WordRules(Block):
    """Limits for promised updates, and for gaps between updates that count as silence."""

    late_by_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="late_by")
    """A promised update may be this late."""
    early_by_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="early_by")
    """An update keeps the promise if it is early by at most this. An earlier one keeps it only if it makes
    a new promise or reports mail as restored.
    """
    apart_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="apart")
    """Least time between two updates of a reference runbook to the same people over the same channel,
    unless the second reports mail as restored.
    """
    down_for_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="down_for")
    """Time after a report that email is restored in which an update may still say that it is down; later
    this is false.
    """
    phoned_at_most: Annotated[int, Field(ge=0, le=1_000_000)]
    """Users that one `notify` can reach by phone."""
    by_day: WorkingHours
    """Hours in which people wait for the next update: silence counts only in these."""


class AbleRule(Block):
    """Limits from which users count as able to send and receive."""

    percent: Percent
    """Share who must be able to work, out of the users whom an update can reach."""
    noticed_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="noticed")
    """Without an alert, or with a late one, time counts from this long after the onset, since people call."""


class ContinuityRule(Block):
    """The time by which users must be covered."""

    due_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="due")
    """Time from the onset within which an event must be in force, if no objective sets a limit."""


class ShareRule(Block):
    """Number of messages from which a share of them is judged; a share of fewer is too much a matter of
    chance.
    """

    judged_from: Annotated[int, Field(ge=1, le=1_000_000)]
    """Messages written during the outage."""
    again_from: Annotated[int, Field(ge=1, le=1_000_000)]
    """Messages that users could write again."""


class OpeningRule(Block):
    """The time from which openings can be closed."""

    stale_ms: Annotated[DurationMs, Field(le=14 * DAY_MS)] = Field(alias="stale")
    """A lock stays open for the backup for the old TTL plus this time after the MX has been changed back."""


class EmergencyRule(Block):
    """Conditions for an action without the approval that it needs."""

    waits_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="waits")
    """This long after an unanswered request to the approver; at once if no approver was available."""


class DiagnosisRule(Block):
    """Limits for a correct diagnosis, and for the age of its evidence."""

    over_ms: Annotated[DurationMs, Field(le=7 * DAY_MS)] = Field(alias="over")
    """Time after the end of a fault during which a diagnosis may still name it."""
    stale_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=7 * DAY_MS)] = Field(alias="stale")
    """Age from which the result of a gateway probe no longer counts as evidence for a decision."""


class ScreenRule(Block):
    """Figures on a console's screen."""

    stands_ms: Annotated[DurationMs, Field(le=HOUR_MS)] = Field(alias="stands")
    """Time for which figures that are not refreshed pass for current ones, unless a person uses the
    console; also the delay until the screen shows an error of the outbound queue.
    """


class SessionRule(Block):
    """Sessions of people who are signed in to a console when the directory fails."""

    minutes: Quantiles
    """Time between two renewals, each of which asks the directory."""


class StaffRule(Block):
    """People at work outside their hours."""

    stays_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="stays")
    """Time that a person stays at work after their last task, in or out of working hours."""


class EstimateManners(Block):
    """Precision and spacing of the server team's estimates."""

    named_to_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="named_to")
    """Estimates are rounded up to a multiple of this, and never name a time nearer than this."""
    apart_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="apart")
    """Least time between two estimates."""


class ClientRule(Block):
    """Users' mail programs once the mail server is back."""

    reconnect_ms: Annotated[DurationMs, Field(ge=1, le=DAY_MS)] = Field(alias="reconnect")
    """Time within which they all reconnect, evenly spread."""


class ListRule(Block):
    """Bulk senders' suppression lists: addresses to which they no longer send."""

    every_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="every")
    """Interval at which they add permanently rejected addresses."""
    cleared_after_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=30 * DAY_MS)] = Field(
        alias="cleared_after"
    )
    """Time from the request until the senders whom the update reaches have cleared their lists."""


class HandsOn(Block):
    """The time for which each command occupies the person who carries it out."""

    minutes: dict[str, Annotated[int, Field(ge=0, le=480)]]  # whether all have some: `registry.check_minutes`
    """Minutes for each command, by its words; for `probe mx` and `dns ask`, for each host queried. Times
    that depend on a vendor's phone or console are in the vendor's file.
    """


class HouseRules(Record):
    """Numbers that apply to every organisation and that no standard sets."""

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
"""Path of the house rules among the data files."""


def read_house_rules(files: DataFiles) -> HouseRules:
    """The house rules in `files`. Raises BadFile."""
    return files.read(HOUSE_RULES, HouseRules)
