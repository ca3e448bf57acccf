"""Regret: the value of each command, from the same drill without it, or with it earlier or later.

Commands that were not given are included: each is added from the scenario's reference runbook. Every figure
is the difference between two whole runs with the same seed that differ in one point only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import shorten

from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS, in_words
from sim.study.what_if.cost import RunCost, Stake, run_cost, share_of, shares, stake_of
from sim.study.what_if.splices import ENOUGH, MATTERS, Edit, changes_something, likely, narrowed
from sim.study.what_if.subject import AS_GIVEN, SHIFT_MS, How, Subject, Variation
from sim.study.what_if.variation_runs import Runs

_NAMED = 3
_LONGEST = 60
"""Maximum length, in characters, of one command in a name that is made up of several."""
LOOKED_CLOSER = 6
"""Number of commands, those whose absence changes most, that are also tried an hour earlier and an hour
later.
"""
NOTABLE = 0.02
"""Smallest share of the stake that is mentioned, because a difference of a few calls is chance."""


@dataclass(frozen=True, slots=True)
class Regret:
    """A variation and its cost compared with that of the drill."""

    variation: Variation
    first_ms: int
    """The time at which the command was first given; for an added command, the time at which it would have
    been given.
    """
    times: int
    """The number of times that the command was given."""
    did: RunCost
    stake: Stake
    instead: RunCost
    gain: float
    """The improvement that the variation brings, as a share of the stake, for sorting; negative if the
    drill did better.
    """


def screened(one: Subject) -> tuple[Variation, ...]:
    """The variations that are tried first: without each command, and with each command that was not given."""
    texts = dict.fromkeys(
        what for _t_ms, what in one.given if isinstance(what, str) and changes_something(what)
    )
    return (
        *(Variation("without", text) for text in texts),
        *(Variation("added", text) for text in one.reference),
        *([_instead(one.edits)] if len(one.edits) > 1 else []),
    )


def _instead(made: tuple[Edit, ...]) -> Variation:
    """The variation that makes these edits, named by the first commands that act and the number of further
    ones.

    Commands given at another time come first, then commands left out, then commands added.
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
    """The variation in words: `lock open backup 2 h 30 min earlier`."""
    return f"{_short(text)} {in_words(abs(by_ms), MINUTE_MS)} {'earlier' if by_ms < 0 else 'later'}"


def _short(text: str) -> str:
    return shorten(text, _LONGEST, placeholder=" …")


class StudyDiffers(Exception):
    """A run without any difference does not reproduce the drill, so that every figure would be wrong: an
    error in the program.
    """


def regrets(session: Session, one: Subject, runs: Runs, nothing: Session | None = None) -> tuple[Regret, ...]:
    """Every variation that was tried, the one with the largest improvement first.

    Of equal improvements, the command that was given last comes first, because earlier commands only led to
    it; after that, the simplest variation. `one`: the subject of `session`; `nothing`: the same drill with no
    action, if it has been run.
    """
    if nothing is None:
        nothing = Session(session.scenario, session.seed, None, session.people)
        play(nothing, None, one.to_ms)
    did, first = run_cost(session), screened(one)
    costs = iter(runs((AS_GIVEN, *first)))
    if (again := next(costs)) != did:
        raise StudyDiffers(
            f"replaying the drill gives a different cost ({again}, not {did}), so it cannot be studied"
        )
    stake = stake_of(session, did, run_cost(nothing))
    tried = priced(one, first, costs, did, stake)
    closest = [each for each in different(tried) if abs(each.gain) >= NOTABLE][:LOOKED_CLOSER]
    closer = tuple(moved for each in closest for moved in _shifts(one, each))
    costs = iter(runs(closer))  # begun first, because the runs that narrow down wait for each other
    tried += _narrowed(one, tried, runs, did, stake)
    tried += priced(one, closer, costs, did, stake)
    return tuple(
        sorted(tried, key=lambda each: (-each.gain, -each.first_ms, _PLAINEST.index(each.variation.how)))
    )


def _shifts(one: Subject, each: Regret) -> list[Variation]:
    """The command an hour earlier (or at the onset of the outage), and the command an hour later."""
    text, early_ms = each.variation.text, one.earlier_ms(each.first_ms, SHIFT_MS)
    later = Variation("later", text, by_ms=SHIFT_MS)
    return [Variation("earlier", text, by_ms=-early_ms), later] if early_ms else [later]


def different(found: Sequence[Regret]) -> list[Regret]:
    """Commands whose absences have different effects, the command with the largest effect first.

    Of commands with the same effect, such as a change and its approval, only the last.
    """
    alone = [each for each in found if each.variation.how == "without"]
    kept: list[Regret] = []
    for each in sorted(alone, key=lambda each: (-abs(each.gain), -each.first_ms)):
        if all(other.instead != each.instead for other in kept):
            kept.append(each)
    return kept


def _narrowed(one: Subject, tried: Sequence[Regret], runs: Runs, did: RunCost, stake: Stake) -> list[Regret]:
    """The few differences from the reference that matter, if together they do more than any single
    command.
    """
    single = max((each.gain for each in tried if each.variation.how != "instead"), default=0.0)
    least = max(single, 0.0) + NOTABLE
    together = [each for each in tried if each.variation.how == "instead" and each.gain >= least]
    if not together:
        return []

    def gain_of(sets: Sequence[tuple[Edit, ...]]) -> list[float]:
        variations = [_instead(made) for made in sets]
        return [each.gain for each in priced(one, variations, runs(variations), did, stake)]

    found, gain = together[0].variation.edits, together[0].gain
    few = likely(found, _notable_alone(tried, MATTERS * gain))
    if few and (kept := gain_of([few])[0]) >= ENOUGH * gain:
        found, gain = few, kept
    few = narrowed(found, gain, gain_of)
    if few == together[0].variation.edits:
        return []
    variation = _instead(few)
    return priced(one, [variation], runs([variation]), did, stake)


def _notable_alone(tried: Sequence[Regret], least: float) -> set[str]:
    """Commands that, by themselves, bring at least that gain if they are left out or added."""
    return {
        each.variation.text
        for each in tried
        if each.variation.how in {"without", "added"} and each.gain >= least
    }


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
            continue  # one command, or fewer of them, explain it better
        led_to = any(one.gain > 0 and other.instead == one.instead for other in kept)
        if one.variation.how in _CHOICES and abs(one.gain) >= NOTABLE and not led_to:
            kept.append(one)
    return tuple(kept)


def timing(found: Sequence[Regret]) -> tuple[Regret, ...]:
    """The better moment for each command, an hour earlier or later, if it makes a notable difference.

    Better moments are kept separate from `choices`, because nearly everything would have been better an hour
    earlier. A moment is left out if it has the same effect as not giving the command, for example because the
    command would have been refused.
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


def is_trade(one: Regret) -> bool:
    """True if a better choice is worse in some kind of cost, by at least half of its advantage in others."""
    parts = [
        was - will
        for was, will in zip(shares(one.did, one.stake), shares(one.instead, one.stake), strict=True)
    ]
    better, worse = sum(part for part in parts if part > 0), -sum(part for part in parts if part < 0)
    return one.gain > 0 and worse >= NOTABLE and 2 * worse >= better
