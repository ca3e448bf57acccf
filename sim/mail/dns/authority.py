"""An authority's answers about one name over time, with several changes, several servers, and times at
which none answers.
"""

from bisect import bisect_right
from dataclasses import replace

from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.mail.dns.cache_policy import CachePolicy, Kind

DAWN_MS = -NEVER_MS
"""A time before all others, at which the first version of a zone took effect."""


@frozen
class Answer:
    """One answer. `value` distinguishes versions (any text: the MX hosts, for example); `ttl_ms` is the
    record's TTL, or for a negative answer the lesser of the SOA's TTL and its minimum (RFC 2308 §5).
    """

    kind: Kind
    value: str
    ttl_ms: int


SERVFAIL = Answer(Kind.SERVFAIL, "", 0)


@frozen
class Authority:
    """One name, with the answers of its authoritative servers.

    `changes_ms` and `answers`, of equal length, ascending: from each time on, the answer at the same index;
    the first time is usually DAWN_MS. `dead_ms`: half-open periods in which no server answers.
    """

    changes_ms: tuple[int, ...]
    answers: tuple[Answer, ...]
    dead_ms: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        if len(self.changes_ms) != len(self.answers) or not self.answers:
            raise ValueError("an authority needs one answer for each change, and at least one")
        if list(self.changes_ms) != sorted(set(self.changes_ms)):
            raise ValueError("changes are in ascending order, each at its own time")

    def version_at(self, t_ms: int) -> int:
        """The index of the answer in force at `t_ms`, whether or not a server answers; 0 before the first
        change.
        """
        return max(bisect_right(self.changes_ms, t_ms) - 1, 0)

    def answer_at(self, t_ms: int) -> Answer:
        """The answer to a query at `t_ms`; SERVFAIL while all servers are dead."""
        if any(start <= t_ms < end for start, end in self.dead_ms):
            return SERVFAIL
        return self.answers[self.version_at(t_ms)]

    def delayed(self, by_ms: int) -> "Authority":
        """The name as seen at a server that gets each change `by_ms` later."""
        shifted = tuple(t if t == DAWN_MS else t + by_ms for t in self.changes_ms)
        return replace(self, changes_ms=shifted)


def mx_change(old_ttl_ms: int, new_ttl_ms: int, at_ms: int = 0, was: Kind = Kind.RECORD) -> Authority:
    """The simplest change: the record is `old` until `at_ms` and `new` from then on."""
    return Authority(
        (DAWN_MS, at_ms), (Answer(was, "old", old_ttl_ms), Answer(Kind.RECORD, "new", new_ttl_ms))
    )


@frozen
class CacheEntry:
    """A cache entry: the answer, the time of the fetch, and the lifetime set at that time.

    A later change of the record's TTL or of the resolver's settings does not affect it.
    """

    answer: Answer
    fetched_ms: int
    renewed_ms: int
    usable_ms: int
    kept_ms: int
    hidden_ms: int = 0

    @property
    def expires_ms(self) -> int:
        """The time at which the entry's TTL ends."""
        return self.fetched_ms + self.kept_ms


def entry_of(policy: CachePolicy, answer: Answer, t_ms: int, rrtype: str) -> CacheEntry | None:
    """The entry after a fetch at `t_ms`, or None if the answer is not cached."""
    life = policy.lifetime(answer.ttl_ms, rrtype, answer.kind)
    if life.usable_ms == 0:
        return None
    kept = (
        policy.negative_ttl_ms(answer.ttl_ms, answer.ttl_ms)
        if answer.kind.negative
        else policy.ttl_ms(answer.ttl_ms)
    )
    return CacheEntry(answer, t_ms, life.renewed_ms, life.usable_ms, kept, life.hidden_ms)
