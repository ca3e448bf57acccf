"""How many caches still have the old answer after a change, in closed form: for busy names, rarely queried
ones, and lowered TTLs.

The change happens at 0, independently of the cache's fetches. A cache that is queried all the time fetches
every `renewed_ms`, so the remaining life of its entry is uniform in (0, renewed_ms]. A cache that is queried
at random, every `gap_ms` on average, renews its entry with the first query at or after `renewed_ms` of age:
its cycle is renewed_ms + gap_ms long on average, and it has an answer for T / (T + gap) = λT / (1 + λT) of
the time (renewal argument).

Two results follow: `share_old`, the share of old answers to a query at time t; and `share_unmoved`, the share
of caches that have not fetched the new answer by then. For a rarely queried name, a cache fetches it at the
first query after the old answer has expired. Both shares are 1 − t/T for a busy name.
"""

from math import exp, inf

from sim.kernel.frozen import frozen
from sim.mail.dns.cache_policy import EntryLifetime


def share_old(life: EntryLifetime, t_ms: float, gap_ms: float = 0) -> float:
    """The share of caches that would answer a query at `t_ms` ≥ 0 with data from before the change.

    `gap_ms`: mean time between queries for the name, at random; 0: queried all the time.
    """
    renewed, usable = _ages(life, gap_ms)
    if usable == 0 or gap_ms == inf or (gap_ms and t_ms >= usable):
        return 0.0
    if gap_ms == 0:
        return _busy(life, t_ms)
    waiting = gap_ms * (exp(-(max(t_ms, renewed) - renewed) / gap_ms) - exp(-(usable - renewed) / gap_ms))
    return (max(renewed - t_ms, 0) + waiting) / (renewed + gap_ms)


def share_unmoved(life: EntryLifetime, t_ms: float, gap_ms: float = 0) -> float:
    """The share of caches that held the old answer at 0 and have not fetched the new one by `t_ms`.

    A cache without an answer at 0 counts as moved, because its first answer is the new one.
    """
    renewed, usable = _ages(life, gap_ms)
    if usable == 0 or gap_ms == inf:
        return 0.0
    if gap_ms == 0:
        return _busy(life, t_ms)
    within = max(renewed - t_ms, 0)
    asked = gap_ms * (exp(-(t_ms - min(renewed, t_ms)) / gap_ms) - exp(-t_ms / gap_ms))
    waiting = gap_ms * (1 - exp(-(usable - renewed) / gap_ms)) * exp(-t_ms / gap_ms)
    return (within + asked + waiting) / (renewed + gap_ms)


def _busy(life: EntryLifetime, t_ms: float) -> float:
    """The share for a cache that is queried all the time: uniform in (hidden, hidden + renewed]."""
    return min(max(1 - (t_ms - life.hidden_ms) / life.renewed_ms, 0.0), 1.0)


def _ages(life: EntryLifetime, gap_ms: float) -> tuple[int, int]:
    """The times at which an entry is renewed and at which its use ends. A hidden prefetch has no effect
    for a rarely queried name: the query that triggers it is the last one for a while.
    """
    return (life.usable_ms if gap_ms and life.hidden_ms else life.renewed_ms), life.usable_ms


@frozen
class Lowering:
    """The TTL was lowered `lead_ms` before the change, from the life `before` to the life `after`.

    The lower TTL helps only caches that have fetched since then. Caches whose old entry is still valid at the
    change keep it to its end, so the full effect needs a lead of the *old* TTL.
    """

    before: EntryLifetime
    after: EntryLifetime
    lead_ms: int

    def share_old(self, t_ms: int) -> float:
        """The share of busy caches that still answer with the record from before the change."""
        old, new = self.before.renewed_ms, self.after.renewed_ms
        if old == 0 or new == 0:
            return share_old(self.after, t_ms)
        left = max(old - self.lead_ms - t_ms, 0)
        left += self._fetched_since(self.lead_ms, t_ms) - self._fetched_since(
            max(self.lead_ms - old, 0), t_ms
        )
        return left / old

    def _fetched_since(self, span_ms: int, t_ms: int) -> int:
        """The share of the times within `span_ms` before the change at which the old entry may have ended,
        and after which a short-lived entry is still valid at `t_ms`.
        """
        new = self.after.renewed_ms
        good = max(new - t_ms, 0)
        return span_ms // new * good + min(span_ms % new, good)
