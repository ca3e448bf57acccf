"""Sentences on a change of the MX: the time at which senders saw it, and at which their mail arrived
elsewhere.
"""

from collections.abc import Iterator

from sim.drill.services.mx_zone import ROUTES, Led, Route
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS, in_words
from sim.mail.routes.inbound import GATEWAY


def mx_findings(session: Session) -> list[str]:
    """One sentence for each period in which the zone named hosts other than the gateway's."""
    return [_told(session, one) for one in session.drill.dns.led(session.now_ms)]


def policy_findings(session: Session) -> list[str]:
    """Periods of an hour or more in which the newest MTA-STS policy named no host of the MX (RFC 8461 §5)."""
    told, clock = [], session.drill.clock
    for from_ms, until_ms, named, route in _shut_out(session):
        if (session.now_ms if until_ms is None else until_ms) - from_ms < HOUR_MS:
            continue
        until = "to the end of the drill" if until_ms is None else f"until {clock(until_ms)}"
        told.append(
            f"From {clock(from_ms)} {until} the MTA-STS policy named {_name(named)}, and the MX "
            f"{_name(route)}: senders that honour the policy queued their mail, then bounced it. "
            f"This is self-inflicted; undo it with `mta-sts policy {_name(route)}` and `mta-sts id`."
        )
    return told


def _shut_out(session: Session) -> Iterator[tuple[int, int | None, Route, Route]]:
    """(from, until, hosts that the policy names, hosts that the MX names) for periods in which these have no
    host in common.

    A policy counts from the first new id after it; the delay until resolvers have that id is ignored.
    """
    dns = session.drill.dns
    if dns.file.mta_sts.mode != "enforce":
        return
    named: Route = GATEWAY
    route: Route = GATEWAY
    since_ms: int | None = None
    for moment_ms in sorted({*dns.ids, *(one.t_ms for one in dns.entered)}):
        was = (named, route)
        if moment_ms in dns.ids:
            named = next((hosts for at_ms, hosts in reversed(dns.policies) if at_ms <= moment_ms), named)
        route = next((one.route for one in reversed(dns.entered) if one.t_ms <= moment_ms), route)
        if since_ms is not None and (named, route) != was:
            yield since_ms, moment_ms, *was
            since_ms = None
        if since_ms is None and not set(named) & set(route):
            since_ms = moment_ms
    if since_ms is not None:
        yield since_ms, None, named, route


def _name(hosts: Route) -> str:
    return next(name for name, route in ROUTES.items() if route == hosts)


def _hosts(hosts: Route) -> str:
    """The hosts in a sentence, the preferred one first: `the gateway, then the backup`."""
    return f"the {_name(hosts)}".replace("+", ", then the ")


def _told(session: Session, led: Led) -> str:
    share = f"{session.scenario.rules.inbound.moved_permille / 10:.0f} %"
    text = f"From {session.drill.clock(led.from_ms)} the MX pointed to {_hosts(led.route)}. "
    text += "Not counting senders whose resolvers keep answers beyond the TTL, "
    still = " by the end of the drill" if led.until_ms is None else ""
    policy = " and were allowed there by their MTA-STS policy" * session.drill.world.zone.has_policy
    if led.known_ms is None:
        taken = (
            f"; {share} of the arriving mail went there after {_after(led, led.moved_ms)}"
            if led.moved_ms
            else ""
        )
        return f"{text}senders of less than {share} of the mail saw the change{policy}{still}{taken}."
    text += f"the senders of {share} of the mail saw the change{policy} after {_after(led, led.known_ms)}, "
    if led.moved_ms is not None:
        return f"{text}and {share} of their mail was accepted there after {_after(led, led.moved_ms)}."
    why = _why(session, led, led.known_ms)
    return f"{text}but less than {share} of their mail was accepted there{still}: {why}."


def _why(session: Session, led: Led, known_ms: int) -> str:
    first = session.drill.world.inbound.hosts[led.route[0]]
    if first.name in GATEWAY and first.at(known_ms).answer in ("up", "defer", "reject"):
        return "senders try the gateway first, and few try another host after it accepts or defers a message"
    waited = "mail arriving there was deferred, rejected or had to wait"
    return waited if led.until_ms is None else f"{waited}, or the MX was changed again too soon"


def _after(led: Led, moment_ms: int) -> str:
    return in_words(-(-(moment_ms - led.from_ms) // MINUTE_MS) * MINUTE_MS)
