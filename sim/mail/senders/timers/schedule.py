"""Retry and bounce times of platforms with a timer for each message: tables for many messages at once.

The rules are the same as in `sim.mail.platforms.retry.offsets`, `never` and `lifetime`, but in columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.mail.platforms.platform import Platform
from sim.mail.platforms.platform_file import FailureName, LookupName

NO_LIMIT = 1 << 30
NOBODY = ""
"""Placeholder for an answer if there is no host left to attempt."""


@frozen
class Schedule:
    """One platform's timer.

    `ages_ms`: the ages at its attempts while all fail at once, ascending from 0, up to the first one later
    than `lifetime_ms`. `least_gap_ms`: the shortest wait after this or a later attempt. `at_limit`: True if a
    message bounces at `lifetime_ms`; otherwise it bounces at the first failed attempt that ends then or
    later. `attempts`: the number of failures at which it bounces. `after`: the step that follows a host's
    failure, a look-up that names no host, or NOBODY: `next`, `wait` or `bounce`. `last_tier`: the last tier,
    which mail leaves after a success; None if a success moves no mail.
    """

    ages_ms: I64
    least_gap_ms: I64
    lifetime_ms: int
    at_limit: bool
    attempts: int
    connect_ms: int
    greeting_ms: int
    after: Mapping[str, str]
    last_tier: "LastTier | None" = None


@frozen
class LastTier:
    """The last tier of a schedule; a success at the destination moves queued mail out of it.

    The tier begins at the age `from_ms`, and its gap is `gap_ms`. After a success, a message gets `attempts`
    attempts evenly spread over one such gap, on the grid of its own attempts; `until`: the number of the last
    of these, in steps of that grid from `from_ms` (0: it was never moved).
    """

    from_ms: int
    gap_ms: int
    attempts: int
    until: int = 0

    def age_ms(self, step: int) -> int:
        """The age at a step of the grid."""
        return self.from_ms + step * self.gap_ms // self.attempts

    def ages_ms(self, steps: I64) -> I64:
        """The age at each of the steps."""
        return self.from_ms + steps * self.gap_ms // self.attempts

    def first_steps(self, ages_ms: I64) -> I64:
        """For each of the ages, the first step at or after it."""
        return -(-(ages_ms - self.from_ms) * self.attempts // self.gap_ms)


class Schedules:
    """Several platforms' timers as columns, by the number of the platform."""

    def __init__(self, schedules: Sequence[Schedule]) -> None:
        self.all = tuple(schedules)
        """The platforms' own schedules; `timers` also contains the schedules of moved messages."""
        self._own = list(range(len(schedules)))
        self._moved: dict[tuple[int, int], int] = {}
        self._fill(self.all)

    def _fill(self, schedules: Sequence[Schedule]) -> None:
        self.timers = tuple(schedules)
        sizes = [len(schedule.ages_ms) for schedule in schedules]
        number = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
        self.ages_ms = _joined([schedule.ages_ms for schedule in schedules])
        self.least_gap_ms = _joined([schedule.least_gap_ms for schedule in schedules])
        self._keys = (number << _AGE_BITS) + self.ages_ms
        self.lifetime_ms = _column(schedule.lifetime_ms for schedule in schedules)
        self.limit_ms = _column(s.lifetime_ms if s.at_limit else OLDEST_MS for s in schedules)
        """The age at which a message bounces even if no attempt is due."""
        self.attempts = _column(schedule.attempts for schedule in schedules)
        self.connect_ms = _column(schedule.connect_ms for schedule in schedules)
        self.greeting_ms = _column(schedule.greeting_ms for schedule in schedules)

    def attempt_from(self, platform: I64, age_ms: I64) -> I64:
        """The index in `ages_ms` of the first attempt at that age or later, element by element.

        `platform`: the number of the table of ages.
        """
        age_ms = np.minimum(np.maximum(age_ms, 0), OLDEST_MS)
        place: I64 = self._keys.searchsorted((platform << _AGE_BITS) + age_ms)
        return place

    def moved(self, timer: int, until: int) -> int:
        """The number of the table for messages of `timer` that get attempts up to the step `until`.

        Raises ValueError if the platform's mail never leaves the last tier.
        """
        own = self._own[timer]
        if (own, until) not in self._moved:
            self._moved[own, until] = len(self.timers)
            self._own.append(own)
            self._fill((*self.timers, _until(self.all[own], until)))
        return self._moved[own, until]


_AGE_BITS = 42
OLDEST_MS = (1 << _AGE_BITS) - 1
"""The greatest age that the model can represent: 139 years."""


def _column(numbers: Iterable[int]) -> I64:
    return np.array([*numbers], dtype=np.int64)


def _joined(columns: Sequence[I64]) -> I64:
    return np.concatenate([_NONE, *columns])


_NONE: I64 = np.empty(0, dtype=np.int64)


def has_schedule(platform: Platform) -> bool:
    """True if the platform's messages have timers of their own and never wait for a connection."""
    return platform.kind in {"offsets", "never"} and platform.file.drain.connections is None


def schedule_of(platform: Platform) -> Schedule:
    """The platform's timer. Raises ValueError if messages of the platform influence each other."""
    if not has_schedule(platform):
        raise ValueError(f"{platform.id}: its messages do not keep timers of their own")
    roles, never = platform.roles, platform.kind == "never"
    lifetime_ms = 0 if never else roles.duration("lifetime")
    ages_ms = _ages((1,) if never else roles.gaps("gaps"), lifetime_ms)
    return Schedule(
        ages_ms=ages_ms,
        least_gap_ms=_least_gaps(ages_ms),
        lifetime_ms=lifetime_ms,
        at_limit=roles.word("expiry") == "at-limit",
        attempts=roles.count("attempts") if "attempts" in roles.named else NO_LIMIT,
        connect_ms=roles.connect_ms,
        greeting_ms=roles.duration("greeting_timeout"),
        after=_after(platform, never),
        last_tier=_last_tier(platform),
    )


def _last_tier(platform: Platform) -> LastTier | None:
    if "after_success" not in platform.roles.named:
        return None
    *listed, last_ms = platform.roles.gaps("gaps")
    return LastTier(sum(listed), last_ms, platform.roles.count("after_success"))


def _until(schedule: Schedule, until: int) -> Schedule:
    """The schedule of a moved message: attempts up to the step `until`, and the last tier after it."""
    tier = schedule.last_tier
    if tier is None:
        raise ValueError("a schedule without tiers cannot be moved")
    listed = schedule.ages_ms[schedule.ages_ms <= tier.from_ms]
    often = [tier.age_ms(step) for step in range(1, until + 1)]
    rest = range(often[-1] + tier.gap_ms, schedule.lifetime_ms + 2 * tier.gap_ms, tier.gap_ms)
    ages_ms = np.concatenate([listed, np.array([*often, *rest], dtype=np.int64)])
    return replace(
        schedule,
        ages_ms=ages_ms,
        least_gap_ms=_least_gaps(ages_ms),
        last_tier=replace(tier, until=until),
    )


def _least_gaps(ages_ms: I64) -> I64:
    gaps_ms = np.append(np.diff(ages_ms), NEVER_MS)
    least: I64 = np.minimum.accumulate(gaps_ms[::-1])[::-1]
    return least


def _ages(gaps_ms: Sequence[int], lifetime_ms: int) -> I64:
    """Sums of the gaps; the last gap is repeated."""
    listed = np.cumsum([0, *gaps_ms], dtype=np.int64)
    more = max((lifetime_ms - int(listed[-1])) // gaps_ms[-1] + 1, 0)
    return np.concatenate([listed, listed[-1] + gaps_ms[-1] * np.arange(1, more + 1, dtype=np.int64)])


FAILURES: tuple[FailureName, ...] = (
    "refused", "timeout", "silent", "greeting_4xx", "greeting_5xx", "defer", "reject"
)  # fmt: skip
LOOKUPS: tuple[LookupName, ...] = ("servfail", "nxdomain", "no_data", "null_mx", "dangling_mx")


def _after(platform: Platform, never: bool) -> dict[str, str]:
    """The step after each answer. RFC 5321 §5.1: after a temporary look-up failure the message waits,
    after any other look-up failure it bounces.
    """
    if never:
        return dict.fromkeys((*FAILURES, *LOOKUPS, NOBODY), "bounce")
    fallback, lookups = platform.file.fallback, platform.file.lookups
    hosts: dict[str, str] = {
        name: {"stay": "wait"}.get(fallback[name].value, fallback[name].value) for name in FAILURES
    }
    usual: dict[str, str] = {name: "wait" if name == "servfail" else "bounce" for name in LOOKUPS}
    known: dict[str, str] = {name: fact.value for name, fact in lookups.items()}
    return {NOBODY: "wait", **hosts, **usual, **known}
