"""The results of decisions on routes: changing the MX, changing it back, and routing outbound mail past
the gateway.
"""

from sim.drill.room.decisions import Judged
from sim.drill.scenario.fault import directions_hit
from sim.drill.scenario.objective import Target
from sim.drill.scoring.figures.registry import FIGURES
from sim.drill.scoring.targets import compare
from sim.drill.session.session import Session
from sim.kernel.quantities import counted
from sim.mail.accounts.return_times import Who
from sim.mail.message.traffic import INBOUND
from sim.mail.routes.connector import CONNECTORS, GATEWAY
from sim.report.decisions.outage_span import (
    LITTLE_PERMILLE,
    PAYS_MS,
    TurnedOut,
    is_over,
    minutes_text,
    outage_left_ms,
    up_to_the_end,
)

REJECTED = "rejected"
"""The figure of rejected mail, for which objectives may set stricter limits than the house rules."""


def mx(session: Session, one: Judged) -> TurnedOut:
    """A change was worth it if mail arrived over the new route before the recovery, hardly any of it was
    rejected, and more of it reached mailboxes than was junked. Without the change, the rejected mail would
    have waited in its senders' queues. If the MX is changed again later, mail from then on counts for that
    change.
    """
    drill, lasted_ms = session.drill, outage_left_ms(session, one.t_ms)
    back = f"the outage went on for {minutes_text(lasted_ms)}" if lasted_ms else "the outage was over"
    if not is_over(session):
        back = "the outage is not over"
    book = drill.world.custody()["inbound"]
    if one.answer == "no":
        gone = book.get("bounced", 0) - int(drill.world.ledger.expired[INBOUND])
        little = 1000 * gone <= LITTLE_PERMILLE * drill.world.generated()[INBOUND]
        return TurnedOut(
            little, f"{back}; {_messages(gone)} in all bounced at the sender (retry limit reached)"
        )
    from_ms, until_ms = _period(session, one)
    came = _came_round(session, from_ms, min(until_ms, session.scenario.outage_end_ms))
    led_ms = [led.until_ms for led in drill.dns.led(drill.now_ms) if led.until_ms and led.until_ms > one.t_ms]
    refused, aside = _refused(session, one.t_ms, min(led_ms, default=drill.now_ms)), book.get("junked", 0)
    text = f"{back}; {_messages(came)} arrived over the other route before the recovery"
    text += f", {_were(refused)} permanently rejected"
    text += f", {_were(aside)} junked" if aside else ""
    if not (came or refused or is_over(session)):
        return TurnedOut(None, text)
    few = 1000 * refused <= LITTLE_PERMILLE * came
    lost = failed_for_refusals(session) if refused and few else ""
    return TurnedOut(few and not lost and came > 2 * aside, text + lost)


def mx_back(session: Session, one: Judged) -> TurnedOut:
    """The change back turned out well if the outage was over and hardly any mail was rejected after it."""
    lasted_ms, now_ms = outage_left_ms(session, one.t_ms), session.now_ms
    text = f"the outage went on for {minutes_text(lasted_ms)}" if lasted_ms else "the outage was over"
    refused, came = _refused(session, one.t_ms, now_ms), _came_round(session, 0, now_ms)
    verb = "was" if refused == 1 else "were"
    still = f"{_messages(refused)} that still used the other route {verb} permanently rejected"
    text += f"; {still}" if refused else ""
    few = 1000 * refused <= LITTLE_PERMILLE * came
    lost = failed_for_refusals(session) if refused and few else ""
    return TurnedOut(not lasted_ms and few and not lost, text + lost)


def failed_for_refusals(session: Session) -> str:
    """The name of an objective that failed because of rejected mail, which means that the decision did not
    turn out well; empty if there is none.
    """
    drill = session.drill
    failed = (
        objective.id
        for objective in session.scenario.objectives
        for target in objective.targets
        if target.measure == REJECTED and _is_failed(target, FIGURES[REJECTED].measure(drill) or 0)
    )
    found = next(failed, "")
    return f", for which `{found}` failed" if found else ""


def _is_failed(target: Target, rejected: int) -> bool:
    return compare(target, rejected).state == "failed"


def _period(session: Session, one: Judged) -> tuple[int, int]:
    """The period [from, until) in which mail came over the route that the decision chose, until the MX was
    changed again; an empty one if it was never changed.

    A change begins with the next period in which the zone names other hosts. A decision that was recorded
    while it already named them, after the change, counts from its own time.
    """
    now_ms = session.drill.now_ms
    led = session.drill.dns.led(now_ms)
    later_ms = [each.from_ms for each in led if each.from_ms >= one.t_ms]
    in_force = any(each.from_ms < one.t_ms < (each.until_ms or now_ms) for each in led)
    starts_ms = [one.t_ms, *later_ms] if in_force and not (one.deed and later_ms) else later_ms
    from_ms, until_ms, *_ = (*starts_ms, now_ms, now_ms)
    return from_ms, until_ms


def _messages(number: int) -> str:
    return counted(number, "message")


def _were(number: int) -> str:
    """`1 was` or `302 were`."""
    return f"{number:,} {'was' if number == 1 else 'were'}"


def _came_round(session: Session, a_ms: int, b_ms: int) -> int:
    """Messages that the backup or the server accepted from their senders in [a, b); 0 if b comes before a."""
    world = session.drill.world
    if b_ms <= a_ms:
        return 0
    return world.relay.entered.between(a_ms, b_ms) + world.inbound.direct.between(a_ms, b_ms)


def _refused(session: Session, a_ms: int, b_ms: int) -> int:
    """Inbound messages that were permanently rejected in [a, b), to their senders or to the backup."""
    returns = session.drill.world.ledger.returns
    whose: tuple[Who, ...] = ("senders were refused", "backup refused")
    return returns.since(a_ms, *whose) - returns.since(b_ms, *whose)


def outbound(session: Session, one: Judged) -> TurnedOut:
    """Another outbound route was worth it if the usual one was blocked for a while and receivers accepted
    the mail on the new one, which a route that no mail took cannot show; waiting turned out well if the usual
    route was not blocked.
    """
    blocked = [
        (max(fault.at_ms, one.t_ms), fault.until_ms)
        for fault in session.scenario.timeline
        if fault.until_ms > one.t_ms
        and "outbound" in directions_hit(fault)
        and fault.kind.component in ("gateway", "receivers")
    ]
    lasted_ms = outage_left_ms(session, one.t_ms)
    if lasted_ms and not blocked:
        return TurnedOut(one.answer == "no", "receivers did not block mail from the gateway")
    if blocked:
        lasted_ms = min(
            lasted_ms, max(end for _start, end in blocked) - min(start for start, _end in blocked)
        )
    most_ms = session.scenario.organisation.decision_rules.outbound_more_ms
    blocked_for = (
        f"the outbound route was blocked for another {minutes_text(lasted_ms)}{up_to_the_end(session)}"
    )
    text = blocked_for if lasted_ms else "the outage was over"
    if one.answer == "no":
        return TurnedOut(lasted_ms <= most_ms, text)
    left, refused, aside = _by_other_way(session, one)
    if one.deed and lasted_ms and not left + refused:
        return TurnedOut(False if is_over(session) else None, f"{text}; no mail left over this route")
    if left + refused:
        text += f"; {_messages(left)} left over the other route, {_were(refused)} permanently rejected"
        text += f", {_were(aside)} junked" if aside else ""
    least = session.scenario.rules.outbound.restored_permille * (left + refused)
    enough = 1000 * (left - aside) >= least
    lost = failed_for_refusals(session) if refused and enough else ""
    return TurnedOut(lasted_ms >= PAYS_MS and enough and not lost, text + lost)


def _by_other_way(session: Session, one: Judged) -> tuple[int, int, int]:
    """Mail over the route that the decision chose, from then on until the connector was set to another:
    accepted by receivers, rejected, and junked after being accepted.

    A decision that names no route counts as choosing every route that bypasses the gateway, until the
    connector was set back.
    """
    protection, world, now_ms = session.drill.protection, session.drill.world, session.drill.now_ms
    named = one.text.split()[-1] if one.deed else ""
    chosen = [name for name in CONNECTORS if name == named] or [
        each for each in CONNECTORS if each != GATEWAY
    ]
    after = [each for each in protection.connected if each.t_ms >= one.t_ms]
    from_ms = next((each.t_ms for each in after if each.name in chosen), None)
    if from_ms is None:
        return 0, 0, 0
    to_ms = next((each.t_ms for each in after if each.name not in chosen and each.t_ms > from_ms), now_ms)
    outbound, returns = world.writers.outbound, world.ledger.returns
    left = sum(outbound.handed_ms[name].between(from_ms, to_ms) for name in chosen)
    aside = sum(outbound.junked_ms[name].between(from_ms, to_ms) for name in chosen)
    refused = returns.since(from_ms, "server was refused") - returns.since(to_ms, "server was refused")
    return left, refused, aside
