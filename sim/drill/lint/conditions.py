"""Lint of conditions that can never be true, or that are true from the start. Runs nothing."""

from collections.abc import Callable, Collection

from sim.drill.scenario.anchor import Anchor
from sim.drill.scenario.condition import (
    Both,
    Comparison,
    Either,
    InTime,
    Reached,
    StateCondition,
    Term,
    denied,
)

Due = Callable[[Anchor], int | None]
"""The time of a moment if the file gives it; None if it depends on people's actions or on the simulation."""


def never(condition: StateCondition, unless: Collection[str], users: int, due: Due, latest_ms: int) -> str:
    """The reason why `condition` cannot be true in any drill before `latest_ms`; empty if it can be true.

    `unless`: milestones that cancel the inject; `users`: the size of the organisation.
    """
    return _never(condition.term, unless, users, due, latest_ms)


def _never(term: Term, unless: Collection[str], users: int, due: Due, latest_ms: int) -> str:
    match term:
        case Either(parts):
            reasons = [_never(part, unless, users, due, latest_ms) for part in parts]
            return reasons[0] if all(reasons) else ""
        case Both(parts):
            for index, part in enumerate(parts):
                if reason := _never(part, unless, users, due, latest_ms):
                    return reason
                if denied(part) in parts[:index] or any(_excludes(part, one) for one in parts[:index]):
                    return "two of its parts can never be true together; remove one, or join them with `or`"
            return ""
        case Comparison():
            return _out_of_range(term, users)
        case Reached() | InTime():
            return _too_late(term, unless, due, latest_ms)


def _excludes(one: Term, other: Term) -> bool:
    """True if no value of the same quantity satisfies both comparisons."""
    if not isinstance(one, Comparison) or not isinstance(other, Comparison):
        return False
    if one.quantity != other.quantity or one.share != other.share or one.below == other.below:
        return False
    high, low = (other, one) if one.below else (one, other)
    return high.least(10_000) >= low.least(10_000)


def _out_of_range(term: Comparison, users: int) -> str:
    least = term.least(users)
    if term.below and least <= 0:
        return f"{term.quantity} is never below zero; write a larger number"
    if not term.below and term.quantity == "users without mail" and least > users:
        return f"there are only {users:,} users; write a smaller number, or a share such as 30 %"
    return ""


def _too_late(term: Reached | InTime, unless: Collection[str], due: Due, latest_ms: int) -> str:
    needed = term.anchor.milestones if isinstance(term, InTime) or not term.yet else ()
    if isinstance(term, InTime) and not term.missed:
        needed = (term.milestone,)
    both = [name for name in needed if name in unless]
    if both:
        what = f"{both[0]} is both in `when` and in `unless`, so the entry is always skipped"
        return f"{what}; remove one of the two"
    due_ms = due(term.anchor)
    if isinstance(term, Reached) and term.yet:
        return "this moment is the start of the drill; write a later time" if due_ms == 0 else ""
    if due_ms is not None and due_ms >= latest_ms and (isinstance(term, Reached) or term.missed):
        return (
            f"the drill is over by {term.anchor.text}; write an earlier time or a longer "
            "`after_recovery_at_most`"
        )
    return ""


def at_once(condition: StateCondition) -> str:
    """The finding about a condition that is true before anything has happened; empty if it is not."""
    if not _true_at_start(condition.term):
        return ""
    return "is true from the start of the drill, before anything has happened; add `and` with a moment"


def _true_at_start(term: Term) -> bool:
    match term:
        case Both(parts):
            return all(_true_at_start(part) for part in parts)
        case Either(parts):
            return any(_true_at_start(part) for part in parts)
        case Comparison():
            return (term.least(10_000) > 0) == term.below
        case Reached():
            return term.yet
        case InTime():
            return False
