"""Regret: the worth of each command, from the same drill without it, or with it earlier or later.

Also the worth of each command that was not given, by adding it from the scenario's reference runbook. Every
figure is the difference of two whole runs with the same seed, which differ in one point only.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Literal

from sim.drill.commands.grammar import parse
from sim.drill.facilitation.inputs import AtTable, Input
from sim.drill.scenario.runbook import reference_runbook
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.branch import give_again, last_moment_ms
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS, in_words
from sim.study.what_if.cost import RunCost, Stake, run_cost, share_of, stake_of
from sim.study.what_if.splices import Edit, changes_something, edits, narrowed, prepared, spliced

_NAMED = 3
_LONGEST = 60
"""Characters of a command in the name of several."""
SHIFT_MS = HOUR_MS
LOOKED_CLOSER = 6
"""Commands whose absence changes most are also tried an hour earlier and an hour later."""
NOTABLE = 0.02
"""A smaller part of the stake does not get a sentence: a few calls more or less are chance."""
How = Literal["without", "earlier", "later", "added", "instead", "prepared"]


@dataclass(frozen=True, slots=True)
class Variation:
    """One difference of a run: every command of that text left out, moved, or added.

    `instead`: several commands at once, left out and given as in the reference runbook, since a change may be
    worthless without the next one; its text names the first ones.
    """

    how: How
    text: str
    edits: tuple[Edit, ...] = ()
    """With `instead`: those commands."""
    by_ms: int = 0
    """With `earlier` and `later`: by how much; 0: by an hour."""


@dataclass(frozen=True, slots=True)
class Regret:
    """A variation and its cost compared with that of the drill."""

    variation: Variation
    first_ms: int
    """The moment when the command was first given; for an added one, when it would have been."""
    times: int
    """How often it was given."""
    did: RunCost
    stake: Stake
    instead: RunCost
    gain: float
    """By how much the variation would have been better, as a share of the stake: for sorting. Negative: the
    drill did better.
    """


Runs = Callable[[Sequence[Variation]], Iterable[RunCost]]
"""The cost of the drill with each variation, in that order, wherever it is computed."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A drill to be studied: everything that its runs are made of, so that another process can make them."""

    scenario: Scenario
    seed: int
    given: tuple[Input, ...]
    """Its inputs."""
    to_ms: int
    """The moment to which each run is played."""
    reference: Mapping[str, tuple[int, ...]]
    """Moments at which the reference runbook gives commands that were not given here."""
    edits: tuple[Edit, ...] = ()
    """All its differences from the drill."""

    def moments(self, one: Variation) -> tuple[int, ...]:
        """When the command was given, or would have been; for `instead`, the first of them."""
        if one.how == "instead":
            return (one.edits[0].t_ms,)
        return tuple(t_ms for t_ms, what in self.given if what == one.text) or self.reference.get(
            one.text, ()
        )

    def inputs(self, variation: Variation) -> tuple[Input, ...]:
        """The drill's inputs with `variation`, in order of time."""
        given = list(self.given)
        match variation.how:
            case "without":
                given = [one for one in given if one[1] != variation.text]
            case "added":
                given += [(t_ms, variation.text) for t_ms in self.reference[variation.text]]
            case "instead":
                return spliced(given, variation.edits)
            case "prepared":
                return prepared(given, variation.text)
            case _:
                by_ms = variation.by_ms or (-SHIFT_MS if variation.how == "earlier" else SHIFT_MS)
                given = [
                    (max(0, t_ms + by_ms), what) if what == variation.text else (t_ms, what)
                    for t_ms, what in given
                ]
        return tuple(sorted(given, key=lambda one: one[0]))

    def cost(self, variation: Variation) -> RunCost:
        """The cost of a run with `variation`."""
        run = Session(self.scenario, self.seed, None)
        return run_cost(give_again(run, self.inputs(variation), self.to_ms))


def subject(session: Session) -> Subject:
    """`session`, and the commands of its reference runbook in it (a run of its own).

    If the runbook gives a command more often than it was given here, its last times are missing.
    """
    to_ms, moments = last_moment_ms(session), dict[str, list[int]]()
    inputs, differs = _without_seats(session.inputs), tuple[Edit, ...]()
    runbook = reference_runbook(session.scenario, parse)
    if runbook is not None:
        reference = Session(session.scenario, session.seed, None)
        play(reference, runbook, to_ms)
        for t_ms, text in reference.commands:
            moments.setdefault(text, []).append(t_ms)
        differs = edits(inputs, reference.inputs)
    given = Counter(text for _t_ms, text in session.commands)
    missing = {
        text: tuple(times[given[text] :]) for text, times in moments.items() if given[text] < len(times)
    }
    acts = {text: times for text, times in missing.items() if changes_something(text)}
    return Subject(session.original, session.seed, inputs, to_ms, acts, differs)


def _without_seats(inputs: Iterable[Input]) -> tuple[Input, ...]:
    """`inputs` with all commands as plain text, from any seat of a table."""
    return tuple(
        (t_ms, what.text) if isinstance(what, AtTable) and not what.word else (t_ms, what)
        for t_ms, what in inputs
    )


def screened(one: Subject) -> tuple[Variation, ...]:
    """The variations that are tried first: without each command, and with each that was not given."""
    texts = dict.fromkeys(
        what for _t_ms, what in one.given if isinstance(what, str) and changes_something(what)
    )
    return (
        *(Variation("without", text) for text in texts),
        *(Variation("added", text) for text in one.reference),
        *([_instead(one.edits)] if len(one.edits) > 1 else []),
    )


def _instead(made: tuple[Edit, ...]) -> Variation:
    """The variation of these edits, named by the first commands that act, and how many more there are.

    Commands at another moment come first, then those that are left out, then those that are given.
    """
    again = {(one.t_ms, one.text) for one in made if one.adds}
    again &= {(one.t_ms, one.text) for one in made if not one.adds}
    news = [one for one in made if (one.t_ms, one.text) not in again]
    acts = [one for one in news if changes_something(one.text)] or news
    dropped = {one.text: one.t_ms for one in reversed(acts) if not one.adds}
    added = {one.text: one.t_ms for one in reversed(acts) if one.adds}
    names = [_moved(text, t_ms - dropped[text]) for text, t_ms in reversed(added.items()) if text in dropped]
    names += [f"without {_short(text)}" for text in reversed(dropped) if text not in added]
    names += [_short(text) for text in reversed(added) if text not in dropped]
    rest = len(names) - _NAMED
    return Variation("instead", "; ".join(names[:_NAMED]) + (f"; and {rest} more" if rest > 0 else ""), made)


def _moved(text: str, by_ms: int) -> str:
    """`lock open backup 2 h 30 min earlier`."""
    return f"{_short(text)} {in_words(abs(by_ms), MINUTE_MS)} {'earlier' if by_ms < 0 else 'later'}"


def _short(text: str) -> str:
    return shorten(text, _LONGEST, placeholder=" …")


def regrets(session: Session, one: Subject, runs: Runs) -> tuple[Regret, ...]:
    """Every variation that was tried, the one with the largest improvement first.

    Among equals, the command that was given last comes first, since the others only led to it; then the
    simplest variation. `one`: the subject of `session`.
    """
    nothing = Session(session.scenario, session.seed, None)
    play(nothing, None, one.to_ms)
    did = run_cost(session)
    stake = stake_of(session, did, run_cost(nothing))
    first = screened(one)
    tried = priced(one, first, runs(first), did, stake)
    tried += _narrowed(one, tried, runs, did, stake)
    removed = [each for each in tried if each.variation.how == "without" and each.gain]
    closest = sorted(removed, key=lambda each: -abs(each.gain))[:LOOKED_CLOSER]
    shifts: tuple[How, How] = ("earlier", "later")
    closer = tuple(Variation(how, each.variation.text) for each in closest for how in shifts)
    tried += priced(one, closer, runs(closer), did, stake)
    return tuple(
        sorted(tried, key=lambda each: (-each.gain, -each.first_ms, _PLAINEST.index(each.variation.how)))
    )


def _narrowed(one: Subject, tried: Sequence[Regret], runs: Runs, did: RunCost, stake: Stake) -> list[Regret]:
    """The few differences from the reference that matter, if all together notably do."""
    together = [each for each in tried if each.variation.how == "instead" and each.gain >= NOTABLE]
    if not together:
        return []

    def gain_of(sets: Sequence[tuple[Edit, ...]]) -> list[float]:
        variations = [_instead(made) for made in sets]
        return [each.gain for each in priced(one, variations, runs(variations), did, stake)]

    few = narrowed(together[0].variation.edits, together[0].gain, gain_of)
    if few == together[0].variation.edits:
        return []
    variation = _instead(few)
    return priced(one, [variation], runs([variation]), did, stake)


_PLAINEST: tuple[How, ...] = ("without", "added", "instead", "earlier", "later")


def choices(found: Sequence[Regret]) -> tuple[Regret, ...]:
    """The effect of giving a command or not, in the same order, if it is notable.

    Of commands with the same effect, such as a change and its approval, only the one given last.
    """
    kept: list[Regret] = []
    single = max((one.gain for one in found if one.variation.how in {"without", "added"}), default=0.0)
    few = min((len(one.variation.edits) for one in found if one.variation.how == "instead"), default=0)
    for one in found:
        if one.variation.how == "instead" and (one.gain < single + NOTABLE or len(one.variation.edits) > few):
            continue  # one command, or fewer of them, say it better
        led_to = any(one.gain > 0 and other.instead == one.instead for other in kept)
        if one.variation.how in _CHOICES and abs(one.gain) >= NOTABLE and not led_to:
            kept.append(one)
    return tuple(kept)


def timing(found: Sequence[Regret]) -> tuple[Regret, ...]:
    """The better moment for each command, an hour earlier or later, if it makes a notable difference.

    Kept separate from `choices`: nearly everything would have been better an hour earlier. Left out if it has
    the same effect as not giving the command, such as a moment at which it would have been refused.
    """
    without = {one.variation.text: one.instead for one in found if one.variation.how == "without"}
    best: dict[str, Regret] = {}
    for one in found:
        text = one.variation.text
        if one.variation.how not in _CHOICES and one.gain >= NOTABLE and one.instead != without.get(text):
            best.setdefault(text, one)
    return tuple(best.values())


_CHOICES: tuple[How, ...] = ("without", "added", "instead")


def priced(
    one: Subject, variations: Sequence[Variation], costs: Iterable[RunCost], did: RunCost, stake: Stake
) -> list[Regret]:
    """Each of `variations` with its cost, compared with that of the drill."""
    found = []
    for variation, cost in zip(variations, costs, strict=True):
        times = one.moments(variation)
        gain = share_of(did, stake) - share_of(cost, stake)
        found.append(Regret(variation, times[0], len(times), did, stake, cost, round(gain, 9)))
    return found


def in_turn(one: Subject) -> Runs:
    """Runs one after the other, here."""
    return lambda variations: [one.cost(variation) for variation in variations]
