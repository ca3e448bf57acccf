"""Where the hours of a drill went: waits for a person, on hold, for an approval, and for a change to reach
the senders.
"""

from collections.abc import Iterator
from typing import Literal

from sim.drill.commands.grammar import BadCommand, parse
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS
from sim.kernel.frozen import frozen
from sim.kernel.quantities import counted
from sim.report.timeline import when

SHOWN = 12
SHORTEST_MS = 5 * MINUTE_MS
"""Waits shorter than this are not listed."""
Wait = Literal["person", "on hold", "approval", "takes effect", "result", "caches"]
TOLD: dict[Wait, str] = {
    "person": "waiting for a person",
    "on hold": "on hold",
    "approval": "waiting for an approval",
    "takes effect": "taking effect",
    "result": "waiting for the result",
    "caches": "old answers in senders' caches",
}


@frozen
class TimeSpent:
    """One wait, and the command or the mail that it held up."""

    wait: Wait
    from_ms: int
    local: str
    elapsed: str
    """The time at which the wait began."""
    span_ms: int
    """The length of the wait; if it is not over, up to now."""
    what: str
    """The person, vendor, approval or record on which the wait depended."""
    held_up: str
    """What the wait held up; empty if this is not known."""


def time_spent(session: Session) -> tuple[TimeSpent, ...]:
    """Every wait of five minutes or more, the longest first; of equally long ones, the earliest first."""
    found = [
        TimeSpent(wait, from_ms, *when(session, from_ms), span_ms, what, held_up)
        for wait, from_ms, span_ms, what, held_up in (
            *_people(session),
            *_holds(session),
            *_approvals(session),
            *_caches(session),
        )
        if span_ms >= SHORTEST_MS
    ]
    return tuple(sorted(found, key=lambda one: (-one.span_ms, one.from_ms)))


_Row = tuple[Wait, int, int, str, str]


def _people(session: Session) -> Iterator[_Row]:
    """Waits from each command to the time at which its person began it, and from its end until it took
    effect, or until a check had its result.
    """
    now_ms = session.now_ms
    work = list(session.drill.work.all)
    for event in (event for event in session.events() if event.kind == "command"):
        one = next((each for each in work if each.text == event.ref), None)
        if one is None:
            continue  # it took no time
        work.remove(one)
        if one.ended_ms is not None and one.ended_ms < one.task.starts_ms:
            continue
        person, starts_ms = one.desk.person, min(one.task.starts_ms, now_ms)
        before = [task.text for task in one.desk.tasks if event.t_ms < task.done_ms <= one.task.starts_ms]
        further = f" and {counted(len(before) - 1, 'further command')}" if len(before) > 1 else ""
        busy = f", busy with `{before[0]}`{further}" if before else ""
        yield "person", event.t_ms, starts_ms - event.t_ms, f"{person.name}{busy}", f"`{one.text}`"
        if not one.text.startswith("phone "):  # a call's time on hold has a row of its own
            ends_ms = one.effective_ms if one.ended_ms is None else one.ended_ms
            done_ms, effective_ms = min(one.task.done_ms, now_ms), min(ends_ms, now_ms)
            wait: Wait = "result" if parse(one.text).facts.result == "report" else "takes effect"
            yield wait, done_ms, effective_ms - done_ms, f"`{one.text}`", ""


def _holds(session: Session) -> Iterator[_Row]:
    """Waits during calls to a vendor's support. They hold up nothing, because the caller does other work."""
    drill = session.drill
    for hold in drill.room.phone.holds:
        until_ms = min(hold.until_ms if hold.ended_ms is None else hold.ended_ms, drill.now_ms)
        yield "on hold", hold.from_ms, until_ms - hold.from_ms, f"support of {hold.vendor} ({hold.by})", ""


def _approvals(session: Session) -> Iterator[_Row]:
    """Waits for answers to requests, each with the first command that the answer allowed."""
    drill = session.drill
    for one in drill.room.approvals.requests:
        if one.state == "overridden":
            continue
        answered_ms = drill.now_ms if one.answered_ms is None else one.answered_ms
        led_to = ""
        for t_ms, text in session.commands:
            try:
                scope = parse(text).needs_approval_in(session.scenario.organisation)
            except BadCommand:
                continue
            if (
                t_ms >= answered_ms
                and scope is not None
                and one.scope.covers(scope)
                and one.state == "granted"
            ):
                led_to = f"`{text}`"
                break
        yield "approval", one.asked_ms, answered_ms - one.asked_ms, f"{one.of}, for {one.scope.told}", led_to


def _caches(session: Session) -> Iterator[_Row]:
    """Waits from each change of the MX until the resolvers of enough senders had it, and the senders that
    honour MTA-STS had a policy that names one of its hosts.
    """
    drill = session.drill
    has_policy = drill.world.zone.has_policy
    for led in drill.dns.led(drill.now_ms):
        until_ms = led.known_ms if led.known_ms is not None else led.until_ms
        to_ms = drill.now_ms if until_ms is None else until_ms
        hosts = ", ".join(str(host) for host in led.route)
        yield (
            "caches",
            led.from_ms,
            to_ms - led.from_ms,
            f"the MX to {hosts}{' (TTL), and the MTA-STS policy' if has_policy else ' (TTL)'}",
            f"mail from senders with the old MX{' or policy' if has_policy else ''}",
        )
