"""The server team's estimates of its repair: a first call some time after the onset, then revisions.

Each estimate gives a recovery time, and a time by which the service recovers in nine cases out of ten. Both
times are drawn from the remaining time of the repair: later estimates are better, and none is certain.
Decisions are judged by the last estimate that was known.
"""

from collections.abc import Callable

from sim.drill.organisation.house_rules import EstimateManners
from sim.drill.organisation.staff_file import EstimateRules
from sim.drill.room.delays import wait_ms
from sim.kernel.draws import mix, quantile
from sim.kernel.frozen import frozen


@frozen
class Estimate:
    """An estimate given at `t_ms`: recovery at about `by_ms`, and in nine cases out of ten by `sure_ms`."""

    t_ms: int
    by_ms: int
    sure_ms: int

    def told(self, clock: Callable[[int], str]) -> str:
        """The estimate in words."""
        return f"back at about {clock(self.by_ms)}, by {clock(self.sure_ms)} with 90 % confidence"


def estimate(
    rules: EstimateRules, named_to_ms: int, seed: int, number: int, now_ms: int, end_ms: int
) -> Estimate:
    """The `number`-th estimate, given now for a repair that ends at `end_ms`. Pure."""
    percent = int(quantile(mix(seed, "server team's estimate", number), list(rules.off_percent))[0])
    expected_ms = max((end_ms - now_ms) * percent // 100, named_to_ms)
    sure_ms = expected_ms * rules.sure_percent // 100
    by_ms, by_then_ms = (
        -(-(now_ms + span_ms) // named_to_ms) * named_to_ms for span_ms in (expected_ms, sure_ms)
    )
    return Estimate(now_ms, by_ms, by_then_ms)


class Estimates:
    """The estimates of one drill, in order. `ends_ms`: the end of the present repair; None if there is no
    repair.
    """

    def __init__(
        self,
        rules: EstimateRules | None,
        manners: EstimateManners,
        seed: int,
        at: Callable[[int, Callable[[], None]], None],
        ends_ms: Callable[[], int | None],
        say: Callable[[Estimate], None],
    ) -> None:
        """`rules`: None if a vendor repairs the server; `say` is called with each estimate."""
        self._rules, self._manners = rules, manners
        self._seed, self._at, self._ends_ms, self._say = seed, at, ends_ms, say
        self.given: list[Estimate] = []
        self._under_way = False

    def begin(self, now_ms: int) -> None:
        """Schedule the first estimate if something has just failed."""
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
        """The last estimate that was known at `moment_ms`."""
        return next((one for one in reversed(self.given) if one.t_ms <= moment_ms), None)
