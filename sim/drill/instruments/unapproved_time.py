"""Time in which openings had no valid approval, with the reason: openings compared with the approvals on
record.

Openings come from the state of the protection in front of the mail server, approvals from the recorded
requests.
"""

from collections.abc import Iterable, Iterator

from sim.drill.drill_state import DrillState
from sim.drill.room.approval_requests import ApprovalRequests
from sim.drill.room.approvals import Scope
from sim.kernel.duration import MINUTE_MS
from sim.kernel.frozen import frozen
from sim.mail.server.guard import Gates, MailOrigin

Span = tuple[int, int]
"""A period as (start, end) in ms."""


@frozen
class Unsigned:
    """A span [a_ms, b_ms) in which an opening existed without a valid approval of `scope`."""

    a_ms: int
    b_ms: int
    scope: Scope
    why: str


def opened(gates: Gates, first: Gates) -> tuple[Scope, ...]:
    """The sources that `gates` admits and `first` does not, each as the scope that needed approval."""
    found = []
    off = gates.lock != first.lock
    let_in = frozenset({"internet"}) if off else gates.trusted - first.trusted
    if let_in:
        found.append(Scope("exposure", "lock", _whom(let_in)))
    through = gates.firewall - first.firewall
    if through:
        found.append(Scope("exposure", "firewall", _whom(through)))
    if gates.skips and not first.skips:
        found.append(Scope("exposure", "skip-filter"))
    return tuple(found)


def _whom(sources: Iterable[MailOrigin | str]) -> str:
    return "everybody" if "internet" in sources else "backup"


def open_spans(drill: DrillState) -> Iterator[tuple[Span, tuple[Scope, ...]]]:
    """Spans in which the lock, firewall or filter was open because of the outage, with the scopes that
    needed approval.
    """
    versions = drill.protection.gates
    first = versions[0][1]
    ends = [t_ms for t_ms, _ in versions[1:]] + [drill.now_ms]
    for (a_ms, gates), b_ms in zip(versions, ends, strict=True):
        scopes = opened(gates, first)
        if scopes and a_ms < b_ms:
            yield (a_ms, b_ms), scopes


def unsigned(approvals: ApprovalRequests, spans: Iterable[tuple[Span, tuple[Scope, ...]]]) -> list[Unsigned]:
    """The parts of `spans` in which one of the scopes was not approved, by scope, in chronological order.

    Going ahead in an emergency is not an approval; without rules for approvals, everything is approved.
    """
    if approvals.rules is None:
        return []
    found = []
    for (a_ms, b_ms), scopes in spans:
        for scope in scopes:
            found += [
                Unsigned(from_ms, to_ms, scope, _why(approvals, scope, from_ms))
                for from_ms, to_ms in _gaps(a_ms, b_ms, approvals.signed(scope))
            ]
    return sorted(found, key=lambda one: (one.a_ms, one.b_ms))


def unapproved(drill: DrillState) -> list[Unsigned]:
    """Spans in which the lock, firewall or filter was open without a valid approval."""
    return unsigned(drill.room.approvals, open_spans(drill))


def unapproved_spans(drill: DrillState) -> list[Span]:
    """The same spans as `unapproved`, without their reasons."""
    return [(one.a_ms, one.b_ms) for one in unapproved(drill)]


def _gaps(a_ms: int, b_ms: int, signed: Iterable[tuple[int, int | None]]) -> list[Span]:
    """The parts of [a_ms, b_ms) that no span of `signed` covers."""
    covered = sorted((max(a, a_ms), b_ms if b is None else min(b, b_ms)) for a, b in signed)
    edges, reached_ms = [], a_ms
    for from_ms, to_ms in covered:
        if from_ms >= to_ms:
            continue
        if from_ms > reached_ms:
            edges.append((reached_ms, from_ms))
        reached_ms = max(reached_ms, to_ms)
    return [*edges, (reached_ms, b_ms)] if reached_ms < b_ms else edges


def _why(approvals: ApprovalRequests, scope: Scope, moment_ms: int) -> str:
    """The reason why no record covers `scope` at `moment_ms`."""
    given = [
        one for one in approvals.requests if one.state == "granted" and (one.answered_ms or 0) <= moment_ms
    ]
    own = [one for one in given if one.scope.covers(scope)]
    if any(one.ended_ms is not None for one in own[-1:]):
        return "the approval was for an opening that had been closed"
    if own:
        return "the approval had expired"
    if any(one.scope.opening == scope.opening for one in given):
        return "the approval was for the backup alone"
    if any(one.subject == "exposure" for one in given):
        return "the approval was for another opening"
    if any(one.state == "granted" and one.scope.covers(scope) for one in approvals.requests):
        return "the approval came later"
    if any(one.state == "refused" and one.scope.covers(scope) for one in approvals.requests):
        return "security had refused"
    return "it was never approved"


def joined(spans: Iterable[Span]) -> list[Span]:
    """`spans` in order; spans that touch or overlap become one."""
    found: list[Span] = []
    for a_ms, b_ms in sorted(spans):
        if found and a_ms <= found[-1][1]:
            found[-1] = (found[-1][0], max(b_ms, found[-1][1]))
        else:
            found.append((a_ms, b_ms))
    return found


def total_ms(spans: Iterable[Span]) -> int:
    """The total time of `spans`; time in overlapping spans counts once."""
    return sum(b_ms - a_ms for a_ms, b_ms in joined(spans))


def passed_ms(spans: Iterable[Span], allowed_ms: int) -> int | None:
    """The moment when the total length of `spans` exceeded `allowed_ms`; None if it has not."""
    left_ms = allowed_ms
    for a_ms, b_ms in joined(spans):
        if b_ms - a_ms > left_ms:
            return a_ms + left_ms
        left_ms -= b_ms - a_ms
    return None


def minutes(span_ms: int) -> int:
    """A duration in whole minutes, rounded up."""
    return -(-span_ms // MINUTE_MS)
