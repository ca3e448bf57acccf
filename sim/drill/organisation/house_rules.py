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
    """Longest time after sending for which people wait for the test message to arrive."""
    slow_minutes: Quantiles
    """Time from sending the round-trip probe to its reply while the server or the gateway is slow."""
    send_minutes: Annotated[int, Field(ge=0, le=480)]
    """Hands-on time of sending the round-trip probe."""


class OutboundRule(Block):
    """Limits for counting outbound mail as restored, or as left in the queue."""

    restored_permille: int = Field(ge=1, le=1000)
    """Outbound mail counts as restored if receivers accept at least this share of it."""
    left_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="left")
    """Users' mail that is undelivered at the end of the drill and older than this counts as left in the
    queue.
    """


class InboundRule(Block):
    """Limits for counting inbound mail as moved to another MX."""

    moved_permille: int = Field(ge=1, le=1000)
    """Inbound mail counts as moved if the other MX has accepted at least this share of mail from senders
    whose resolvers respect the TTL.
    """
    soon_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="soon")
    """A message counts as accepted by the other MX only if it is accepted within this time after it was
    written.
    """
    span_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="span")
    """The share is measured over mail written within this time."""
    least: int = Field(ge=1, le=100_000)
    """Smallest number of messages over which the share is measured. If fewer were written in that time,
    the latest messages up to this number count.
    """


class WordRules(Block):
    """Limits for promised updates, and for the gaps between updates that count as silence."""

    late_by_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="late_by")
    """A promised update may be this late."""
    early_by_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="early_by")
    """An update keeps the promise if it is at most this early. An earlier update keeps the promise only if
    it makes a new promise or reports mail as restored.
    """
    apart_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="apart")
    """Minimum time between two updates of a reference runbook to the same people over the same channel,
    unless the second reports mail as restored.
    """
    down_for_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="down_for")
    """For this long after a report that email is restored, an update may still say that email is down;
    after that, saying so is false.
    """
    phoned_at_most: Annotated[int, Field(ge=0, le=1_000_000)]
    """Maximum number of users that one `notify` can reach by phone."""
    by_day: WorkingHours
    """Hours in which people wait for the next update; silence counts only in these hours."""


class AbleRule(Block):
    """Limits for counting users as able to send and receive."""

    percent: Percent
    """Share of the users whom an update can reach who must be able to work."""
    noticed_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="noticed")
    """If no alert comes, or if it comes late, time is counted from this long after the onset, because by
    then users call.
    """


class ContinuityRule(Block):
    """The time by which users must be covered."""

    due_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="due")
    """If no objective sets a limit, an event must be in force within this time after the onset."""


class ShareRule(Block):
    """Smallest number of messages from which a share is judged; with fewer, the share depends too much on
    chance.
    """

    judged_from: Annotated[int, Field(ge=1, le=1_000_000)]
    """Minimum number of messages written during the outage."""
    again_from: Annotated[int, Field(ge=1, le=1_000_000)]
    """Minimum number of messages that users could write again."""


class OpeningRule(Block):
    """The time from which openings can be closed."""

    stale_ms: Annotated[DurationMs, Field(le=14 * DAY_MS)] = Field(alias="stale")
    """After the MX has been changed back, the lock stays open for the backup for the old TTL plus this
    time.
    """


class EmergencyRule(Block):
    """Conditions for an action without the approval that it needs."""

    waits_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="waits")
    """An action without approval is justified this long after an unanswered request to the approver; at
    once if no approver was available.
    """


class DiagnosisRule(Block):
    """Limits for a correct diagnosis, and for the age of its evidence."""

    over_ms: Annotated[DurationMs, Field(le=7 * DAY_MS)] = Field(alias="over")
    """A diagnosis may still name a fault for this long after its end."""
    stale_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=7 * DAY_MS)] = Field(alias="stale")
    """A probe of the gateway no longer counts as evidence for a decision once its result is this old."""


class ScreenRule(Block):
    """Figures on a console's screen."""

    stands_ms: Annotated[DurationMs, Field(le=HOUR_MS)] = Field(alias="stands")
    """Figures that are not refreshed pass as current for this long, unless a person uses the console. The
    screen also shows an error of the outbound queue only after this delay.
    """


class SessionRule(Block):
    """Console sessions of people who are signed in when the directory fails."""

    minutes: Quantiles
    """Time between two renewals of a session; each renewal requires the directory."""


class StaffRule(Block):
    """People at work outside their hours."""

    stays_ms: Annotated[DurationMs, Field(le=DAY_MS)] = Field(alias="stays")
    """Time that a person stays at work after their last task, whether in or out of working hours."""


class EstimateManners(Block):
    """Precision and spacing of the server team's estimates."""

    named_to_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="named_to")
    """Estimates are rounded up to a multiple of this, and never give a time that is less than this away."""
    apart_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="apart")
    """Minimum time between two estimates."""


class ClientRule(Block):
    """Users' mail programs once the mail server is back."""

    reconnect_ms: Annotated[DurationMs, Field(ge=1, le=DAY_MS)] = Field(alias="reconnect")
    """All users' mail programs reconnect within this time, evenly spread."""


class ListRule(Block):
    """Bulk senders' suppression lists: addresses to which they no longer send."""

    every_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=DAY_MS)] = Field(alias="every")
    """Interval at which bulk senders add permanently rejected addresses to the list."""
    cleared_after_ms: Annotated[DurationMs, Field(ge=MINUTE_MS, le=30 * DAY_MS)] = Field(
        alias="cleared_after"
    )
    """Time from a request until the senders reached by the update have cleared their lists."""


class HandsOn(Block):
    """How long each command keeps the person who carries it out busy."""

    # `registry.check_minutes` checks that no command is missing
    minutes: dict[str, Annotated[int, Field(ge=0, le=480)]]
    """Minutes for each command, by the words of the command; for `probe mx` and `dns ask`, minutes for
    each host queried. Times that depend on a vendor's phone or console are in the vendor's file.
    """


class HouseRules(Record):
    """Numbers that apply to every organisation and that no standard sets."""

    mxdrill: Literal[1]
    """Version of the file format."""
    id: Id
    """Id of the house rules."""
    name: str = Field(min_length=1)
    """Display name."""
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
"""Path of the shipped house rules among the data files."""


def read_house_rules(files: DataFiles) -> HouseRules:
    """The house rules in `files`. Raises BadFile."""
    return files.read(HOUSE_RULES, HouseRules)
