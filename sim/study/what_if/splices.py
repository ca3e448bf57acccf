"""The differences of a drill from its reference runbook, and the drill with some of them undone. Pure.

A mistake often consists of several commands: a wrong command and the commands missing in its place, or a
chain in which each command is worthless without the next. So all differences are first tried together, and
then narrowed down to the parts that matter.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from sim.drill.commands.grammar import BadCommand, parse
from sim.drill.facilitation.inputs import Input
from sim.kernel.duration import MINUTE_MS

SAME_MS = 10 * MINUTE_MS
"""Difference in time up to which the same command, given earlier or later, does not count as a difference."""
APART_MS = 30 * MINUTE_MS
"""Distance in time below which differences are tried together as one part."""
MATTERS = 0.1
"""Share of the gain that has to be lost without a part for that part to matter."""
ENOUGH = 0.8
"""Share of the gain that the parts that matter must have together to replace the whole list."""
MOST = 24
"""Maximum number of parts that are tried one by one."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A command that the drill gives and the reference does not, or the reverse."""

    t_ms: int
    text: str
    adds: bool
    """True if the reference gives the command; False if the drill does."""


GainOf = Callable[[Sequence[tuple[Edit, ...]]], Sequence[float]]
"""Function that returns the gain of the drill with each of the given sets of edits."""


def edits(given: Sequence[Input], reference: Sequence[Input]) -> tuple[Edit, ...]:
    """Every edit that turns the commands of `given` into the commands of `reference`, in chronological order.

    Commands at the same moment are in the order of the reference: if one of them differs, all are removed and
    given again.
    """
    free: dict[str, list[int]] = defaultdict(list)
    for t_ms, text in _texts(reference):
        free[text].append(t_ms)
    same: list[tuple[int, int, str]] = []
    found = []
    for t_ms, text in _texts(given):
        near = [one for one in free[text] if abs(one - t_ms) <= SAME_MS]
        if near:
            nearest = min(near, key=lambda one: abs(one - t_ms))
            free[text].remove(nearest)
            same.append((t_ms, nearest, text))
        else:
            found.append(Edit(t_ms, text, adds=False))
    differ = {t_ms for times in free.values() for t_ms in times}
    for t_ms, then_ms, text in same:
        if t_ms == then_ms and t_ms in differ:
            free[text].append(t_ms)
            found.append(Edit(t_ms, text, adds=False))
    for t_ms, text in _texts(reference):
        if t_ms in free[text]:
            free[text].remove(t_ms)
            found.append(Edit(t_ms, text, adds=True))
    return tuple(sorted(found, key=lambda one: (one.t_ms, one.adds)))


def _texts(inputs: Sequence[Input]) -> list[tuple[int, str]]:
    return [(t_ms, what) for t_ms, what in inputs if isinstance(what, str)]


def spliced(given: Sequence[Input], made: Sequence[Edit]) -> tuple[Input, ...]:
    """`given` with the edits `made`, in chronological order."""
    dropped = [(one.t_ms, one.text) for one in made if not one.adds]
    kept: list[Input] = []
    for one in given:
        if one in dropped:
            dropped.remove((one[0], str(one[1])))
        else:
            kept.append(one)
    kept += [(one.t_ms, one.text) for one in made if one.adds]
    return tuple(sorted(kept, key=lambda one: one[0]))


def changes_something(text: str) -> bool:
    """True for a command that acts, rather than reads or records."""
    try:
        return parse(text).facts.result == "done"
    except BadCommand:
        return False


def stretches(found: Sequence[Edit]) -> list[tuple[Edit, ...]]:
    """The edits in stretches of time that are separated by gaps."""
    parts: list[list[Edit]] = []
    for one in found:
        if parts and one.t_ms - parts[-1][-1].t_ms < APART_MS:
            parts[-1].append(one)
        else:
            parts.append([one])
    return [tuple(part) for part in parts]


def likely(found: tuple[Edit, ...], texts: Container[str]) -> tuple[Edit, ...]:
    """The edits in `found` that add or remove one of `texts`, as a first guess that may save the search."""
    return tuple(one for one in found if one.text in texts)


def narrowed(found: tuple[Edit, ...], gain: float, gain_of: GainOf) -> tuple[Edit, ...]:
    """The parts of `found`, which brings `gain`, that matter: first stretches of time, then texts of commands
    that act.

    Commands that only read stay with the other commands of their stretch, because they are the evidence for
    them.
    """
    for by_stretch in (True, False, False):
        parts = stretches(found) if by_stretch else _acts(found)
        if not 1 < len(parts) <= MOST:
            continue
        without = gain_of([_less(found, part) for part in parts])
        losses = sorted(((gain - left, at) for at, left in enumerate(without)))
        idle = [parts[at] for loss, at in losses if loss < MATTERS * gain]
        found, gain = _without_idle(found, gain, idle, gain_of)
    return found


def _without_idle(
    found: tuple[Edit, ...], gain: float, idle: list[tuple[Edit, ...]], gain_of: GainOf
) -> tuple[tuple[Edit, ...], float]:
    """The edits in `found` without those that are in `idle` and not needed; the least important are
    removed first.
    """
    while idle:
        fewer = _less(found, [one for part in idle for one in part])
        if any(changes_something(one.text) for one in fewer):
            together = gain_of([fewer])[0]
            if together >= ENOUGH * gain:
                return fewer, together
        idle = idle[: len(idle) // 2]
    return found, gain


def _acts(found: Sequence[Edit]) -> list[tuple[Edit, ...]]:
    """The edits of each command that acts, grouped however often it is given."""
    texts = dict.fromkeys(one.text for one in found if changes_something(one.text))
    return [tuple(one for one in found if one.text == text) for text in texts]


def _less(found: tuple[Edit, ...], part: Sequence[Edit]) -> tuple[Edit, ...]:
    return tuple(one for one in found if one not in part)
