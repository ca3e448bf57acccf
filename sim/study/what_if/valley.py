"""The valley of a decision: the cost of the drill with a command given at other moments."""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.study.what_if.regret import NOTABLE, Regret, different, priced
from sim.study.what_if.subject import Runs, Subject, Variation

AWAY_MS = (30 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS, 4 * HOUR_MS)
"""Distances from the moment given at which a command is tried, earlier and later."""
_SAME = 1e-6
SHOWN = 3
"""Number of decisions with a valley."""


@dataclass(frozen=True, slots=True)
class Valley:
    """The gain of a drill over itself with one command moved; its own moment is among them."""

    text: str
    given_ms: int
    points: tuple[tuple[int, float], ...]
    """(moment of the command, gain as a share of the stake), in order of time. Positive: better."""
    never: float
    """The gain without the command."""

    @property
    def best_ms(self) -> int:
        """The moment given, unless another one is notably better; of several, the earliest.

        A moment with the same effect as not giving the command, for example by a refusal, does not count.
        """
        took = [one for one in self.points if one[0] == self.given_ms or abs(one[1] - self.never) > _SAME]
        top = max(gain for _t_ms, gain in took)
        if top < NOTABLE:
            return self.given_ms
        return next(t_ms for t_ms, gain in took if gain > top - NOTABLE)

    @property
    def too_late_ms(self) -> int | None:
        """The first moment from which on the command is worth no more than not giving it.

        None: at none of the moments that were tried, or it was worth nothing at its own moment.
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

    `found`: the result of `regrets`. A command that was given several times is moved as a whole. It is moved
    away step by step, but not to before the outage, until it has the same effect as not giving it: beyond
    that, it is refused or too late.
    """
    chosen = [each for each in different(found) if abs(each.gain) >= NOTABLE][:SHOWN]
    points = {each.variation.text: [(each.first_ms, 0.0)] for each in chosen}
    sides = [(each, sign) for each in chosen for sign in (-1, 1)]
    for away_ms in AWAY_MS:
        sides = [
            (each, sign)
            for each, sign in sides
            if sign > 0 or one.earlier_ms(each.first_ms, away_ms) == away_ms
        ]
        tried = [_moved(each.variation.text, sign * away_ms) for each, sign in sides]
        if not tried:
            break
        costs = priced(one, tried, runs(tried), chosen[0].did, chosen[0].stake)
        for (each, sign), regret in zip(sides, costs, strict=True):
            points[each.variation.text].append((each.first_ms + sign * away_ms, regret.gain))
        sides = [side for side, regret in zip(sides, costs, strict=True) if regret.instead != side[0].instead]
    return tuple(
        Valley(each.variation.text, each.first_ms, tuple(sorted(points[each.variation.text])), each.gain)
        for each in chosen
    )


def _moved(text: str, by_ms: int) -> Variation:
    return Variation("earlier" if by_ms < 0 else "later", text, by_ms=by_ms)
