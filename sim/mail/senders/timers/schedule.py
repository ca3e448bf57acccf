"""Retry and bounce times of platforms with a timer for each message: tables for many messages at once.

The rules are those of `sim.mail.platforms.retry.offsets`, `never` and `lifetime`; here they are columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.mail.platforms.platform import Platform
from sim.mail.platforms.platform_file import FailureName, LookupName

NO_LIMIT = 1 << 30
NOBODY = ""
"""In place of an answer: no host is left to be asked."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """One platform's timer.

    `ages_ms`: of its attempts while all fail at once, ascending from 0, up to the first one later than
    `lifetime_ms`. `least_gap_ms`: the shortest wait after this or a later attempt. `at_limit`: a message
    bounces at `lifetime_ms`, else at the first failed attempt that ends then or later. `attempts`: it bounces
    at that number of failures. `after`: the step that follows a host's failure, a lookup that names no host,
    or NOBODY: `next`, `wait` or `bounce`.
    """

    ages_ms: I64
    least_gap_ms: I64
    lifetime_ms: int
    at_limit: bool
    attempts: int
    connect_ms: int
    greeting_ms: int
    after: Mapping[str, str]


class Schedules:
    """Several platforms' timers as columns, by the number of the platform."""

    def __init__(self, schedules: Sequence[Schedule]) -> None:
        self.all = tuple(schedules)
        sizes = [len(schedule.ages_ms) for schedule in schedules]
        number = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
        self.ages_ms = _joined([schedule.ages_ms for schedule in schedules])
        self.least_gap_ms = _joined([schedule.least_gap_ms for schedule in schedules])
        self._keys = (number << _AGE_BITS) + self.ages_ms
        self.lifetime_ms = _column(schedule.lifetime_ms for schedule in schedules)
        self.limit_ms = _column(s.lifetime_ms if s.at_limit else OLDEST_MS for s in schedules)
        """The age at which a message bounces between two attempts."""
        self.attempts = _column(schedule.attempts for schedule in schedules)
        self.connect_ms = _column(schedule.connect_ms for schedule in schedules)
        self.greeting_ms = _column(schedule.greeting_ms for schedule in schedules)

    def attempt_from(self, platform: I64, age_ms: I64) -> I64:
        """The place in `ages_ms` of the first attempt at that age or later, element by element."""
        age_ms = np.minimum(np.maximum(age_ms, 0), OLDEST_MS)
        place: I64 = self._keys.searchsorted((platform << _AGE_BITS) + age_ms)
        return place


_AGE_BITS = 42
OLDEST_MS = (1 << _AGE_BITS) - 1
"""139 years."""


def _column(numbers: Iterable[int]) -> I64:
    return np.array([*numbers], dtype=np.int64)


def _joined(columns: Sequence[I64]) -> I64:
    return np.concatenate([_NONE, *columns])


_NONE: I64 = np.empty(0, dtype=np.int64)


def has_schedule(platform: Platform) -> bool:
    """True if its messages keep timers of their own and never wait for a connection."""
    return platform.kind in {"offsets", "never"} and platform.file.drain.connections is None


def schedule_of(platform: Platform) -> Schedule:
    """The platform's timer. Raises ValueError if messages of the platform influence each other."""
    if not has_schedule(platform):
        raise ValueError(f"{platform.id}: its messages do not keep timers of their own")
    roles, never = platform.roles, platform.kind == "never"
    lifetime_ms = 0 if never else roles.duration("lifetime")
    ages_ms = _ages((1,) if never else roles.gaps("gaps"), lifetime_ms)
    gaps_ms = np.append(np.diff(ages_ms), NEVER_MS)
    connect_ms = roles.duration("connect_timeout")
    if "kernel_timeout" in roles.named:
        connect_ms = min(connect_ms, roles.duration("kernel_timeout"))
    return Schedule(
        ages_ms=ages_ms,
        least_gap_ms=np.minimum.accumulate(gaps_ms[::-1])[::-1],
        lifetime_ms=lifetime_ms,
        at_limit=roles.word("expiry") == "at-limit",
        attempts=roles.count("attempts") if "attempts" in roles.named else NO_LIMIT,
        connect_ms=connect_ms,
        greeting_ms=roles.duration("greeting_timeout"),
        after=_after(platform, never),
    )


def _ages(gaps_ms: Sequence[int], lifetime_ms: int) -> I64:
    """Sums of the gaps; the last gap goes on."""
    listed = np.cumsum([0, *gaps_ms], dtype=np.int64)
    more = max((lifetime_ms - int(listed[-1])) // gaps_ms[-1] + 1, 0)
    return np.concatenate([listed, listed[-1] + gaps_ms[-1] * np.arange(1, more + 1, dtype=np.int64)])


FAILURES: tuple[FailureName, ...] = (
    "refused", "timeout", "silent", "greeting_4xx", "greeting_5xx", "defer", "reject"
)  # fmt: skip
LOOKUPS: tuple[LookupName, ...] = ("servfail", "nxdomain", "no_data", "null_mx", "dangling_mx")


def _after(platform: Platform, never: bool) -> dict[str, str]:
    """By answer. RFC 5321 §5.1: a lookup that fails for now is a reason to wait, the others to bounce."""
    if never:
        return dict.fromkeys((*FAILURES, *LOOKUPS, NOBODY), "bounce")
    fallback, lookups = platform.file.fallback, platform.file.lookups
    hosts: dict[str, str] = {
        name: {"stay": "wait"}.get(fallback[name].value, fallback[name].value) for name in FAILURES
    }
    usual: dict[str, str] = {name: "wait" if name == "servfail" else "bounce" for name in LOOKUPS}
    known: dict[str, str] = {name: fact.value for name, fact in lookups.items()}
    return {NOBODY: "wait", **hosts, **usual, **known}
