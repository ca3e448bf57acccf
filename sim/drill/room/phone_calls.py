"""Phone calls: those from executives and partners, and those to a vendor's support, with the time on hold."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sim.drill.organisation.vendor_file import Vendor
from sim.drill.room.delays import wait_ms
from sim.kernel.draws import mix_one
from sim.kernel.frozen import frozen


@frozen
class StakeholderCall:
    """A phone call from an executive or a partner."""

    t_ms: int
    who: str
    """`executives` or `partners`."""
    name: str
    says: str
    by: str
    """The person who answers the call."""
    holds_ms: int
    """How long the call keeps this person busy."""


def called_ms(calls: Iterable[StakeholderCall], who: str) -> list[int]:
    """The times of calls from `who` (`executives` or `partners`), in the order of `calls`."""
    return [call.t_ms for call in calls if call.who == who]


@frozen
class Ticket:
    """A support case opened by a call."""

    number: str
    vendor: str
    about: str
    opened_ms: int
    said: str
    """The answer from support, in one line."""


def hold_ms(vendor: Vendor, seed: int, key: int, *, disturbed: bool) -> int:
    """The time on hold of the call with that key, ms; longer while the vendor has an incident."""
    minutes = vendor.phone.hold_minutes if disturbed else vendor.phone.quiet_hold_minutes
    return wait_ms(seed, f"{vendor.id} hold", key, minutes)


def ticket_number(seed: int, key: int) -> str:
    """A fictional case number."""
    return f"CS-{10_000 + mix_one(seed, 'ticket number', key) % 90_000}"


@dataclass(slots=True, eq=False)
class CallOnHold:
    """A call that is waiting for a vendor's support to answer."""

    vendor: str
    by: str
    """Name of the caller."""
    from_ms: int
    until_ms: int
    """The time at which support really answers."""
    ended_ms: int | None = None
    """Time at which the caller hung up, or at which the call was moved to another time; None: neither."""


@dataclass(slots=True)
class SupportCalls:
    """The calls of one drill."""

    tickets: list[Ticket] = field(default_factory=list)
    holds: list[CallOnHold] = field(default_factory=list)

    def on_hold(self, vendor: str, now_ms: int) -> CallOnHold | None:
        """The call to that vendor that is on hold or answered at `now_ms`; None if there is none."""
        waits = (one for one in self.holds if one.vendor == vendor and now_ms <= one.until_ms)
        return next((one for one in waits if one.ended_ms is None), None)
