"""Mail in an organisation's file: its volume over the week, mailshots, kinds, sizes and correspondents."""

import re
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from sim.drill.organisation.shipped_ids import PlatformId
from sim.drill.organisation.sourced_numbers import Block, Count, Percent, Quantiles
from sim.kernel.document import DurationMs, Record
from sim.kernel.duration import MINUTE_MS, format_duration
from sim.mail.message.mailshots import LONGEST_MS, WeeklyMailshot
from sim.mail.message.traffic import DIRECTIONS

LARGEST_BYTES = 1_000_000_000
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


def _clock(text: str) -> str:
    if not _CLOCK.fullmatch(text):
        raise ValueError(f"{text!r} is not a time of day; write it as 10:00")
    return text


def _over(over_ms: int) -> int:
    if not MINUTE_MS <= over_ms <= LONGEST_MS:
        raise ValueError(f"{format_duration(over_ms)} is out of range; write 1m to 1d")
    return over_ms


class Mailshot(Block):
    """A weekly bulk message, such as a newsletter, on top of the curve of the week."""

    day: Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    """The day of the week."""
    at: Annotated[str, AfterValidator(_clock)]
    """Local time at which the mailshot starts: `10:00`."""
    direction: Literal["inbound", "outbound", "internal"]
    """`inbound`: from outside; `outbound`: to outside; `internal`: between colleagues."""
    per_user_percent: Annotated[int, Field(ge=1, le=1000)]
    """Average number of messages per 100 users; 50 means one for every two users. A message to several
    recipients counts once for each.
    """
    over_ms: Annotated[DurationMs, AfterValidator(_over)] = Field(alias="over")
    """Time over which they are sent, evenly: 1m to 1d."""


class Traffic(Block):
    """Messages per user, and their curve over the week in local time."""

    inbound_per_user_workday: Count
    """Messages from outside, after filtering; each has one recipient."""
    outbound_per_user_workday: Count
    """Messages to outside."""
    internal_per_user_workday: Count
    """Messages between colleagues, counted as received; each has one recipient."""
    hours_permille: Annotated[tuple[Count, ...], Field(min_length=24, max_length=24)]
    """Share of a day's mail in each local hour, starting at 00:00; the shares add up to 1000."""
    monday_percent: Annotated[int, Field(ge=1, le=1000)]
    """Monday's volume; 100 is a usual working day."""
    saturday_percent: Annotated[int, Field(ge=0, le=1000)]
    """Saturday's volume, on the same scale."""
    sunday_percent: Annotated[int, Field(ge=0, le=1000)]
    """Sunday's volume, on the same scale."""
    busy_mailbox_permille: Annotated[int, Field(ge=0, le=1000)] = 0
    """Share of mail from outside that goes to one mailbox, such as a shared mailbox: user 0's mailbox."""
    mailshots: Annotated[tuple[Mailshot, ...], Field(max_length=50)] = ()
    """Bulk messages at fixed times of the week, on top of the curve."""

    @model_validator(mode="after")
    def _hours_add_up(self) -> Self:
        if sum(self.hours_permille) != 1000:
            raise ValueError(f"`hours_permille` adds up to {sum(self.hours_permille)}; it must be 1000")
        return self

    @model_serializer(mode="wrap")
    def _as_it_was_without_mailshots(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leaves out unset mailshots, so that an organisation without any keeps the content and hash that
        it had before this field existed.
        """
        content: dict[str, Any] = written(self)
        if not self.mailshots:
            del content["mailshots"]
        return content

    def mailshots_of(self, direction: str, users: int) -> tuple[WeeklyMailshot, ...]:
        """The mailshots of one of `DIRECTIONS`."""
        return tuple(
            WeeklyMailshot(
                _DAYS.index(one.day), _minutes(one.at), one.over_ms, users * one.per_user_percent * 10_000
            )
            for one in self.mailshots
            if one.direction == direction
        )

    def mailshots_by_direction(
        self, users: int
    ) -> tuple[tuple[WeeklyMailshot, ...], tuple[WeeklyMailshot, ...], tuple[WeeklyMailshot, ...]]:
        """Inbound, outbound, internal."""
        inbound, outbound, internal = (self.mailshots_of(direction, users) for direction in DIRECTIONS)
        return inbound, outbound, internal


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


class UsefulLife(Block):
    """A kind of inbound mail that is worthless once it is older than `life`."""

    kind: str = Field(min_length=1)
    """Name of this kind of mail."""
    share_permille: Annotated[int, Field(ge=0, le=1000)]
    """Share of inbound mail that is of this kind; the shares of all kinds add up to 1000."""
    life_ms: DurationMs | None = Field(default=None, alias="life")
    """Age from which such mail is worthless. If unset, it stays useful."""


def lives_add_up(kinds: tuple[UsefulLife, ...]) -> tuple[UsefulLife, ...]:
    """`kinds`, if their shares add up to 1000. Raises ValueError."""
    total = sum(kind.share_permille for kind in kinds)
    if total != 1000:
        raise ValueError(f"the shares add up to {total} ‰; they must be 1000")
    return kinds


class Sizes(Block):
    """Message sizes, which decide how large queues are and how fast the mail server's disk fills up."""

    quantiles_bytes: Quantiles
    """Message sizes in bytes, as equally spaced quantiles from 0 % to 100 %."""

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if any(low > high for low, high in pairwise(self.quantiles_bytes)):
            raise ValueError("`quantiles_bytes` must be in ascending order; sort the numbers")
        if self.quantiles_bytes[-1] > LARGEST_BYTES:
            raise ValueError(f"`quantiles_bytes` ends above {LARGEST_BYTES:,} bytes; no mail is that large")
        return self


class PlatformShare(Record):
    """Share of inbound messages sent by one platform."""

    platform: PlatformId
    """The platform's id, as in `mxdrill platforms list`."""
    share_percent: Percent
    """Share of inbound messages that come from this platform; the shares of all platforms add up to 100."""


class Correspondents(Block):
    """The outside organisations that exchange mail with this one."""

    count: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Number of outside organisations. If unset, one for every five users, and at least 50."""
    zipf_exponent: Annotated[int, Field(ge=0, le=3)]
    """Skew of the volumes: the k-th largest correspondent sends in proportion to 1 / k ** zipf_exponent."""
    per_network: Annotated[int, Field(ge=1, le=1_000_000)] = 5
    """Correspondents of one platform that send from the same network, on average; for faults `by: network`.
    Unpublished.
    """
    mix: Annotated[tuple[PlatformShare, ...], Field(min_length=1)]
    """The correspondents' mail platforms."""

    @model_validator(mode="after")
    def _mix_adds_up(self) -> Self:
        total = sum(part.share_percent for part in self.mix)
        if total != 100:
            raise ValueError(f"the shares of `mix` add up to {total} %; they must be 100")
        return self
