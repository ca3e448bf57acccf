"""How a change of the MX went: who knew of it when, and when the mail was taken elsewhere. For a debrief."""

from sim.drill.dns import ROUTES, Led
from sim.drill.house_rules import read_house_rules
from sim.drill.session import Session
from sim.kernel.duration import MINUTE_MS, format_duration
from sim.mail.inbound import GATEWAY


def way_in_findings(session: Session) -> list[str]:
    """One sentence for each time in which the zone named other hosts than the gateway's."""
    return [_told(session, one) for one in session.drill.dns.led(session.now_ms)]


def _told(session: Session, led: Led) -> str:
    share = f"{read_house_rules().inbound.moved_permille / 10:.0f} %"
    (name,) = (name for name, route in ROUTES.items() if route == led.route)
    text = f"From {session.drill.clock(led.from_ms)} the MX named {name}: the senders of {share} of the mail"
    text += ", those whose resolvers stretch TTLs left out, "
    still = " up to the drill's end" if led.until_ms is None else ""
    if led.known_ms is None:
        policy = " and were let there by their MTA-STS policy" * session.drill.world.zone.has_policy
        taken = (
            f"; that much of what came was taken there after {_after(led, led.moved_ms)}"
            if led.moved_ms
            else ""
        )
        return f"{text}never all knew of it{policy}{still}{taken}."
    text += f"knew of it after {_after(led, led.known_ms)}, "
    if led.moved_ms is not None:
        return f"{text}and that much of what they wrote was taken there after {_after(led, led.moved_ms)}."
    why = _why(session, led, led.known_ms)
    return f"{text}and yet so much of what they wrote was never taken there{still}: {why}."


def _why(session: Session, led: Led, known_ms: int) -> str:
    first = session.drill.world.inbound.hosts[led.route[0]]
    if first.name in GATEWAY and first.at(known_ms).answer in ("up", "defer", "reject"):
        return "the gateway was asked first, and what it accepts or puts off few take to another host"
    waited = "what came there was put off, refused or had to wait"
    return waited if led.until_ms is None else f"{waited}, or the MX was changed again too soon"


def _after(led: Led, moment_ms: int) -> str:
    return format_duration(-(-(moment_ms - led.from_ms) // MINUTE_MS) * MINUTE_MS)
