"""The server team's estimates: a call some time after the onset, wrong as people are, revised as time passes.

Each names a time, and one by which it is back nine times in ten, as the team sees it. Both are drawn about
what is left of the repair, so that a late word is a better one and none is sure. What people decide is
held against the last word that they had.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sim.drill.organisation.house_rules import EstimateManners
from sim.drill.organisation.staff_file import EstimateRules
from sim.drill.room.delays import wait_ms
from sim.kernel.draws import mix, quantile


@dataclass(frozen=True, slots=True)
class Estimate:
    """Said at `t_ms`: back about `by_ms`; nine times in ten by `sure_ms`."""

    t_ms: int
    by_ms: int
    sure_ms: int

    def told(self, clock: Callable[[int], str]) -> str:
        """In words."""
        return f"back about {clock(self.by_ms)}, nine times in ten by {clock(self.sure_ms)}"


def estimate(
    rules: EstimateRules, named_to_ms: int, seed: int, number: int, now_ms: int, end_ms: int
) -> Estimate:
    """The `number`-th word, said now of a repair that ends at `end_ms`. Pure."""
    percent = int(quantile(mix(seed, "server team's estimate", number), list(rules.off_percent))[0])
    expected_ms = max((end_ms - now_ms) * percent // 100, named_to_ms)
    sure_ms = expected_ms * rules.sure_percent // 100
    by_ms, by_then_ms = (
        -(-(now_ms + span_ms) // named_to_ms) * named_to_ms for span_ms in (expected_ms, sure_ms)
    )
    return Estimate(now_ms, by_ms, by_then_ms)


class Estimates:
    """The words of one drill, in order. `ends_ms`: when what fails now is repaired, None if nothing does."""

    def __init__(
        self,
        rules: EstimateRules | None,
        manners: EstimateManners,
        seed: int,
        at: Callable[[int, Callable[[], None]], None],
        ends_ms: Callable[[], int | None],
        say: Callable[[Estimate], None],
    ) -> None:
        """`rules`: None if nobody here repairs the server; `say` tells of each word as it comes."""
        self._rules, self._manners = rules, manners
        self._seed, self._at, self._ends_ms, self._say = seed, at, ends_ms, say
        self.given: list[Estimate] = []
        self._under_way = False

    def begin(self, now_ms: int) -> None:
        """Something may have failed now: the first word comes some time later."""
        if self._rules is None or self._under_way or self._ends_ms() is None:
            return
        self._under_way = True
        key = len(self.given)
        self._speak(now_ms + wait_ms(self._seed, "first estimate", key, self._rules.after_minutes))

    def _speak(self, moment_ms: int) -> None:
        self._at(moment_ms, lambda: self._give(moment_ms))

    def _give(self, now_ms: int) -> None:
        end_ms, rules = self._ends_ms(), self._rules
        if end_ms is None or rules is None:
            self._under_way = False
            return
        one = estimate(rules, self._manners.named_to_ms, self._seed, len(self.given), now_ms, end_ms)
        self.given.append(one)
        self._say(one)
        least_ms = self._manners.apart_ms
        self._speak(now_ms + max(least_ms, min(rules.every_ms, one.by_ms - now_ms)))

    def known_at(self, moment_ms: int) -> Estimate | None:
        """The last word that was known at `moment_ms`."""
        return next((one for one in reversed(self.given) if one.t_ms <= moment_ms), None)
