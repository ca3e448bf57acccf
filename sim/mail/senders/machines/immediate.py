"""The result that all attempts have in common, while every host on the route answers at once and in the
same way.
"""

from collections.abc import Mapping
from typing import NamedTuple

from sim.mail.platforms.platform import Platform
from sim.mail.senders.hosts.host import HOST_FAILED, UP, Behaviour, ReceivingHost
from sim.mail.senders.machines.message_state import AttemptOutcome

IN_LINE = "in line"
"""Placeholder for an outcome: the last host will accept the message when its turn in the waiting line
comes."""

NOT_AT_ONCE = frozenset({"timeout", "silent"})
"""Answers that are known only after a delay."""


class AtOnce(NamedTuple):
    """The attempt that every message makes over a new connection, as long as `holds` returns true."""

    found: tuple[str, ...]
    """The resolver's answer."""
    since_ms: int
    spells: tuple[tuple[ReceivingHost, tuple[int, Behaviour]], ...]
    """Each host that was attempted, with its latest entry in `spells`."""
    tried: tuple[str, ...]
    """The hosts that were attempted, in that order."""
    outcome: AttemptOutcome

    def holds(self, found: tuple[str, ...], now_ms: int) -> bool:
        """True if this result still applies."""
        if found != self.found or now_ms < self.since_ms:
            return False
        for host, spell in self.spells:  # noqa: SIM110 (asked at each attempt: `all` costs twice as much)
            if host.spells[-1] is not spell:
                return False
        return True


def step_after(platform: Platform, answer: str, *, is_last: bool) -> str:
    """The platform's next step after this failure of a host: `next`, `stay` or `bounce`."""
    what = platform.file.fallback[answer].value  # type: ignore[index]
    if what == "next-or-bounce":
        return "bounce" if is_last else "next"
    return what


def at_once(
    platform: Platform, found: tuple[str, ...], hosts: Mapping[str, ReceivingHost], now_ms: int
) -> AtOnce | None:
    """The common result; None if an answer takes time, if results differ, or if a host greylists.

    The result applies to attempts in which the platform skips none of the hosts.
    """
    spells, last, of_host = [], "", True
    for count, name in enumerate(found, start=1):
        host = hosts[name]
        from_ms, behaviour = host.spells[-1]
        if now_ms < from_ms or behaviour.answer in NOT_AT_ONCE:
            return None
        if behaviour.per_mille != 1000 and behaviour.answer != UP:
            return None
        if behaviour.answer == UP and host.greylist is not None:
            return None
        spells.append((host, host.spells[-1]))
        last = behaviour.answer
        if last == UP:
            outcome = AttemptOutcome(IN_LINE if host.takes_time else "delivered", UP, host=name)
            break
        of_host = of_host and last in HOST_FAILED
        what = step_after(platform, last, is_last=count == len(found))
        if what != "next" or count == len(found):
            outcome = AttemptOutcome("bounce" if what == "bounce" else "wait", last, of_host, name)
            break
    else:
        return None
    since_ms = max(from_ms for _, (from_ms, _) in spells)
    return AtOnce(found, since_ms, tuple(spells), found[:count], outcome)
