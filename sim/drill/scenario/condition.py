"""Conditions: the state on which an inject fires, as a scenario's file writes it. Pure.

queue > 5000                        messages in the gateway's inbound queue
oldest >= 12h                       age of the oldest of them
bounced > 0                         messages that this queue has bounced or rejected
calls > 50                          calls to the helpdesk
users without mail > 30 %           users who can neither read nor send; a number or a share
T+2h, Tue 09:30, alert.first + 1m   a moment has come (see `anchor`)
users.told by alert.first + 30m     a milestone came by that moment
not users.told by T+2h              it did not: true from that moment on
A and B, A or B, not A, (A or B)    `not` binds closest, then `and`, then `or`
"""

from collections.abc import Iterator
from dataclasses import replace

from sim.drill.scenario.anchor import Anchor
from sim.kernel.frozen import frozen

QUANTITIES = {
    "queue": "messages",
    "oldest": "time",
    "bounced": "messages",
    "calls": "calls",
    "users without mail": "users",
}
"""Every quantity that can be compared, and its unit."""


class BadCondition(ValueError):
    """A condition that cannot be read; one line with the place in it and the correct form."""


@frozen
class Comparison:
    """The comparison of a quantity: at least `limit`, or `below` it.

    `limit`: messages, calls, users or milliseconds; with `share`, parts of 10,000 of all users. `beyond`: the
    limit itself does not count.
    """

    quantity: str
    limit: int
    beyond: bool
    below: bool = False
    share: bool = False

    def least(self, users: int) -> int:
        """The smallest whole value that is not `below`, for an organisation of that size."""
        if not self.share:
            return self.limit + self.beyond
        return self.limit * users // 10_000 + 1 if self.beyond else -(-self.limit * users // 10_000)


@frozen
class Reached:
    """A term that is true if a moment has come, or (`yet`) is still to come."""

    anchor: Anchor
    yet: bool = False


@frozen
class InTime:
    """A term that is true if a milestone was reached by a moment; `missed`: if that moment has come
    without the milestone.
    """

    milestone: str
    anchor: Anchor
    missed: bool = False


@frozen
class Both:
    """A condition that is true if all its parts are true."""

    parts: "tuple[Term, ...]"


@frozen
class Either:
    """A condition that is true if at least one of its parts is true."""

    parts: "tuple[Term, ...]"


Term = Comparison | Reached | InTime | Both | Either


@frozen
class StateCondition:
    """A condition without any `not`: each term contains its own negation. `text`: as written in the file."""

    text: str
    term: Term

    @property
    def leaves(self) -> tuple[Comparison | Reached | InTime, ...]:
        """The comparisons and moments in a condition, in the order of the text."""
        return tuple(_leaves(self.term))

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        """Every moment that the condition names."""
        return tuple(one.anchor for one in self.leaves if not isinstance(one, Comparison))

    @property
    def milestones(self) -> tuple[str, ...]:
        """Every milestone that the condition names, each once."""
        names = [name for anchor in self.anchors for name in anchor.milestones]
        names += [one.milestone for one in self.leaves if isinstance(one, InTime)]
        return tuple(dict.fromkeys(names))


def _leaves(term: Term) -> Iterator[Comparison | Reached | InTime]:
    if isinstance(term, Both | Either):
        for part in term.parts:
            yield from _leaves(part)
    else:
        yield term


def denied(term: Term) -> Term:
    """The term that is true when `term` is not.

    The negation of "reached by a moment" is "not reached by then", which is true only from that moment on.
    """
    match term:
        case Comparison():
            return replace(term, below=not term.below)
        case Reached():
            return replace(term, yet=not term.yet)
        case InTime():
            return replace(term, missed=not term.missed)
        case Both(parts):
            return Either(tuple(denied(part) for part in parts))
        case Either(parts):
            return Both(tuple(denied(part) for part in parts))
