"""Sentences about a change of the MX: when senders saw it, and when their mail arrived elsewhere."""

from sim.drill.services.mx_zone import ROUTES, Led, Route
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS, in_words
from sim.mail.routes.inbound import GATEWAY

_NOT_COUNTED = "Senders whose resolvers keep answers beyond the TTL are not counted."


def mx_findings(session: Session) -> list[str]:
    """One sentence for each period in which the zone named hosts other than the gateway's."""
    return [_told(session, one) for one in session.drill.dns.led(session.now_ms)]


def policy_findings(session: Session) -> list[str]:
    """Periods of an hour or more in which most senders that honour MTA-STS followed a policy that did not
    name any host of the MX (RFC 8461 §5).

    Such senders follow the policy that was served when they saw a new id, and the MX that their resolvers
    know.
    """
    told, drill, now_ms = [], session.drill, session.now_ms
    for from_ms, end_ms in drill.world.zone.shut_out() if drill.world.zone.has_policy else []:
        until_ms = None if end_ms is None or end_ms >= now_ms else end_ms
        if (now_ms if until_ms is None else until_ms) - from_ms < HOUR_MS:
            continue
        until = "to the end of the drill" if until_ms is None else f"until {drill.clock(until_ms)}"
        entered = [one.route for one in drill.dns.entered if one.t_ms <= from_ms]
        name = _name(entered[-1] if entered else GATEWAY)
        told.append(
            f"From {drill.clock(from_ms)} {until}, the MX named {name}, but the MTA-STS policy that most "
            "senders had fetched did not: they queued their mail, then bounced it. "
            f"This is self-inflicted; undo it with `mta-sts policy {name}`, and then `mta-sts id`."
        )
    return told


def _name(hosts: Route) -> str:
    return next(name for name, route in ROUTES.items() if route == hosts)


def _hosts(hosts: Route) -> str:
    """The hosts in words, the preferred one first: `the gateway, then the backup`."""
    return f"the {_name(hosts)}".replace("+", ", then the ")


def _told(session: Session, led: Led) -> str:
    share = f"{session.scenario.rules.inbound.moved_permille / 10:.0f} %"
    text = f"From {session.drill.clock(led.from_ms)} the MX pointed to {_hosts(led.route)}. "
    still = " by the end of the drill" if led.until_ms is None else ""
    policy = " and had an MTA-STS policy that allowed it" * session.drill.world.zone.has_policy
    if led.known_ms is None:
        taken = (
            f"; after {_after(led, led.moved_ms)}, {share} of the arriving mail went there"
            if led.moved_ms
            else ""
        )
        text += f"Senders of less than {share} of the mail saw the change{policy}{still}{taken}."
        return f"{text} {_NOT_COUNTED}"
    text += f"After {_after(led, led.known_ms)}, senders of {share} of the mail had seen the change{policy}"
    if led.moved_ms is not None:
        moved = _after(led, led.moved_ms)
        return f"{text}; after {moved}, {share} of their mail was accepted there. {_NOT_COUNTED}"
    why = _why(session, led, led.known_ms)
    return f"{text}, but less than {share} of their mail was accepted there{still}: {why}. {_NOT_COUNTED}"


def _why(session: Session, led: Led, known_ms: int) -> str:
    first = session.drill.world.inbound.hosts[led.route[0]]
    if first.name in GATEWAY and first.at(known_ms).answer in ("up", "defer", "reject"):
        return "senders try the gateway first, and few try another host after it accepts or defers a message"
    waited = "mail arriving there was deferred, rejected or had to wait"
    return waited if led.until_ms is None else f"{waited}, or the MX was changed again too soon"


def _after(led: Led, moment_ms: int) -> str:
    return in_words(-(-(moment_ms - led.from_ms) // MINUTE_MS) * MINUTE_MS)
