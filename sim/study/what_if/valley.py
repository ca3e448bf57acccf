"""The valley of a decision: the cost of the drill with a command given at other times."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.study.what_if.cost import RunCost
from sim.study.what_if.regret import NOTABLE, Regret, different, priced
from sim.study.what_if.subject import Subject, Variation
from sim.study.what_if.variation_runs import Runs

AWAY_MS = (30 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS, 4 * HOUR_MS)
"""Times by which the command is tried earlier and later."""
_SAME = 1e-6
SHOWN = 3
"""Number of decisions for which a valley is shown."""


@dataclass(frozen=True, slots=True)
class Valley:
    """The gain of a drill over itself with one command moved; the command's own time is one of the points."""

    text: str
    given_ms: int
    points: tuple[tuple[int, float], ...]
    """(time of the command, gain as a share of the stake), in chronological order; a positive gain is
    better.
    """
    never: float
    """The gain without the command."""

    @property
    def best_ms(self) -> int:
        """The best time: the one at which the command was given, unless another one is notably better; of
        several, the earliest.

        A moment with the same effect as not giving the command, for example by a refusal, does not count.
        """
        took = [one for one in self.points if one[0] == self.given_ms or abs(one[1] - self.never) > _SAME]
        top = max(gain for _t_ms, gain in took)
        if top < NOTABLE:
            return self.given_ms
        return next(t_ms for t_ms, gain in took if gain > top - NOTABLE)

    @property
    def too_late_ms(self) -> int | None:
        """The first time from which the command is worth no more than not giving it.

        None: this applies to none of the times that were tried, or the command was worth nothing at its own
        time.
        """
        late = None
        if self.never > -NOTABLE:
            return None
        for t_ms, gain in reversed(self.points):
            if gain > self.never + NOTABLE:
                break
            late = t_ms
        return late


def valleys(one: Subject, found: Sequence[Regret], runs: Runs) -> tuple[Valley, ...]:
    """The valleys of the commands whose absence changes most, the largest first.

    `found`: the result of `regrets`. A command that was given several times is moved as a whole. The command
    is moved step by step, but not to before the outage, until it has the same effect as not giving it,
    because beyond that it is refused or too late. The steps to earlier times and those to later times do not
    wait for each other.
    """
    chosen = [each for each in different(found) if abs(each.gain) >= NOTABLE][:SHOWN]
    points = {each.variation.text: [(each.first_ms, 0.0)] for each in chosen}
    under_way = deque(_begun(one, each, sign, 0, runs) for each in chosen for sign in (-1, 1))
    while under_way:
        if (run := under_way.popleft()) is None:
            continue
        each, at_ms = run.of, run.of.first_ms + run.sign * AWAY_MS[run.step]
        [moved] = priced(one, [run.variation], run.costs, each.did, each.stake)
        points[each.variation.text].append((at_ms, moved.gain))
        if moved.instead != each.instead:
            under_way.append(_begun(one, each, run.sign, run.step + 1, runs))
    return tuple(
        Valley(each.variation.text, each.first_ms, tuple(sorted(points[each.variation.text])), each.gain)
        for each in chosen
    )


@dataclass(frozen=True, slots=True)
class _MovedRun:
    """A run that has begun, with the command `of` moved by the distance `step`, earlier or later according
    to `sign`.
    """

    of: Regret
    sign: int
    step: int
    variation: Variation
    costs: Iterable[RunCost]


def _begun(one: Subject, each: Regret, sign: int, step: int, runs: Runs) -> _MovedRun | None:
    """The run at the distance `step`; None if there is none."""
    if step == len(AWAY_MS):
        return None
    by_ms = sign * AWAY_MS[step]
    if by_ms < 0 and one.earlier_ms(each.first_ms, -by_ms) != -by_ms:
        return None
    variation = Variation("earlier" if by_ms < 0 else "later", each.variation.text, by_ms=by_ms)
    return _MovedRun(each, sign, step, variation, runs([variation]))
