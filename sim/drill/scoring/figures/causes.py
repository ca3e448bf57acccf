"""Causes of figures that miss their target: one clause each, with times. Truth, for the debrief."""

from collections.abc import Callable, Iterable

from sim.drill.drill import Drill
from sim.drill.instruments.unapproved_time import Unsigned
from sim.drill.room.openings_register import Opening
from sim.drill.scoring.closing_delays import latest_closed
from sim.drill.scoring.tried import tried
from sim.mail.accounts.return_times import Who

BARRIERS = ("lock", "firewall")
_TESTS_OF_BARRIERS = ("lock test", "backup test")
"""Commands that prove a barrier closed, as `openings prove` does."""
NAMED = 3
"""At most this many events are named; any others are only counted."""
REJECTED_BY: dict[Who, str] = {
    "gateway refused": "from the gateway's queue",
    "backup refused": "on the way from the backup",
    "senders were refused": "to their senders",
    "server was refused": "outbound, by receivers",
}
BOUNCED_BY: dict[Who, str] = {"senders gave up": "at the sender", "backup expired": "at the backup"}


def each(drill: Drill, moments: Iterable[tuple[int, str]]) -> str:
    """Events with their times, the first few named: `mx at Mon 09:12, pause at Mon 10:00`."""
    found = sorted(moments)
    named = [f"{what} at {drill.clock(moment)}" for moment, what in found[:NAMED]]
    return ", ".join([*named, *([f"and {len(found) - NAMED} more"] if len(found) > NAMED else [])])


def returned(who: dict[Who, str]) -> Callable[[Drill], str]:
    """The times at which messages were returned in each of the ways in `who`."""

    def because(drill: Drill) -> str:
        return ", ".join(filter(None, (_span(drill, one, words) for one, words in who.items())))

    return because


def _span(drill: Drill, who: Who, words: str) -> str:
    returns = drill.world.ledger.returns
    first_ms, last_ms = returns.first_since(0, who), returns.last(who)
    if first_ms is None or last_ms is None:
        return ""
    first, last = drill.clock(first_ms), drill.clock(last_ms)
    when = f"at {first}" if first == last else f"from {first} to {last}"
    return f"{returns.count(who):,} {words} {when}"


def rejected(drill: Drill) -> str:
    """The times of rejections, with the closed barrier that rejected the mail."""
    firsts = [
        moment
        for who in ("senders were refused", "backup refused")
        if (moment := drill.world.ledger.returns.first_since(0, who)) is not None
    ]
    why = _shut_out(drill, min(firsts)) if firsts else ""
    return "; ".join(filter(None, (why, returned(REJECTED_BY)(drill))))


def _shut_out(drill: Drill, moment_ms: int) -> str:
    """The barrier that rejected mail at that moment; empty if the MX had never been changed."""
    led = [one for one in drill.dns.led(drill.now_ms) if one.from_ms <= moment_ms]
    if not led:
        return ""
    ours = [one for one in drill.room.openings.entries if one.kind in BARRIERS]
    shut = [
        one for one in ours if one.opened_ms <= moment_ms and (one.closed_ms or moment_ms + 1) <= moment_ms
    ]
    if shut:
        last = max(shut, key=lambda one: one.closed_ms or 0)
        closed = drill.clock(last.closed_ms or 0)
        return f"{last.kind} closed at {closed} while some senders still used the old MX"
    changed = f"the MX was changed at {drill.clock(led[-1].from_ms)}"
    later = min((one.opened_ms for one in ours if one.opened_ms > moment_ms), default=None)
    if later is not None:
        return (
            f"{changed}, {min(ours, key=lambda one: one.opened_ms).kind} opened only at {drill.clock(later)}"
        )
    return f"{changed} and the mail server was never opened for it" if not ours else changed


def unproven(drill: Drill) -> str:
    """Each opening that was not proven closed, in words."""
    return ", ".join(_opening(drill, one) for one in drill.room.openings.unproven())


def _opening(drill: Drill, one: Opening) -> str:
    closed = (
        "never closed" if one.closed_ms is None else f"closed at {drill.clock(one.closed_ms)}, not proven"
    )
    return f"{one.kind} opened at {drill.clock(one.opened_ms)}, {closed}"


def proven_late(drill: Drill) -> str:
    """The opening whose proof came latest after it was due, with the tests of it before that, in words.

    A test of another opening is not an attempt to prove this one closed. A `lock test` or `backup test` is,
    if it came after the barrier was closed: before that, it tested that mail could get in.
    """
    last = latest_closed(drill)
    if drill.room.openings.unproven() or last is None or last.proven_ms is None:
        return unproven(drill)
    closed_ms = last.opened_ms if last.closed_ms is None else last.closed_ms
    proofs = [f"openings prove {last.kind}"]
    if last.kind in BARRIERS:
        proofs += _TESTS_OF_BARRIERS
    tests = tried(drill, proofs, closed_ms, last.proven_ms)
    closed = f"{last.kind} closed at {drill.clock(closed_ms)}"
    return ", ".join(filter(None, (closed, tests, f"proven at {drill.clock(last.proven_ms)}")))


def without_approval(spans: Callable[[Drill], list[Unsigned]]) -> Callable[[Drill], str]:
    """The longest span without a valid approval, with its reason, in words."""

    def because(drill: Drill) -> str:
        found = spans(drill)
        if not found:
            return ""
        one = max(found, key=lambda span: span.b_ms - span.a_ms)
        what = one.scope.opening or one.scope.subject
        return f"{what} from {drill.clock(one.a_ms)} to {drill.clock(one.b_ms)}: {one.why}"

    return because
