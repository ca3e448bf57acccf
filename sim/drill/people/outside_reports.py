"""What can be seen from outside the organisation: a round-trip probe, other people's reports.

Each answers from the truth of that moment and by keyed draws, with the errors of such a look.
"""

from dataclasses import dataclass

from sim.drill.drill_state import DrillState
from sim.drill.instruments.port_25 import answer, comes_back, line
from sim.drill.people.noticed_trouble import answers, comes_back_to_partners
from sim.drill.room.delays import happens, wait_ms
from sim.drill.room.evidence import PROBED
from sim.drill.scenario.fault import Fault
from sim.kernel.duration import MINUTE_MS, format_duration
from sim.mail.routes.connector import GATEWAY
from sim.mail.routes.inbound import GATEWAY as GATEWAY_HOSTS

PROBES_RESOLVER = "google"
_AT_ONCE = "reply came back within a minute"


def faults_at(drill: DrillState, moment_ms: int) -> list[Fault]:
    """Truth: the faults of that moment."""
    return [fault for fault in drill.scenario.timeline if fault.at_ms <= moment_ms < fault.until_ms]


@dataclass(frozen=True, slots=True)
class Trip:
    """What came of a probe that was to make its way in and its reply's way out."""

    text: str
    through: frozenset[str] = frozenset()
    """Components that it went through as quickly as ever; empty if no reply came, or a late one."""
    took: str = ""
    """The host that took it; empty: none did."""
    met: tuple[str, ...] = ()
    """The hosts that did not."""


def round_trip(drill: DrillState, waited_ms: int) -> Trip:
    """What came of a message from an outside mailbox to an auto-reply, sent `waited_ms` ago.

    The mailbox's provider asks a big public resolver for the MX, and tries the hosts in their order.
    """
    failed: list[str] = []
    met: list[str] = []
    for host in _route(drill):
        given = answer(drill, host, inside=False)
        if given == "reject":
            failed += [line(drill, host, given), "returned at once"]
            return Trip("; ".join(failed), met=(*met, host))
        if given == "up":
            took = f"taken with 250 by {drill.dns.names((host,))[0]}"
            came = _came_of(drill, host, waited_ms)
            through = _passed(drill, host) if came == _AT_ONCE else frozenset()
            return Trip("; ".join([*failed, took, came]), through, host, tuple(met))
        failed.append(line(drill, host, given))
        met.append(host)
    waits = f"not taken within {format_duration(waited_ms)}, it waits at the sender"
    return Trip("; ".join([*failed, waits]), met=tuple(met))


def _passed(drill: DrillState, host: str) -> frozenset[str]:
    """What a probe that `host` took, and the reply to it, went through."""
    by_gateway = host in GATEWAY_HOSTS and drill.world.writers.outbound.connector == GATEWAY
    return PROBED if by_gateway else frozenset({"mail-server"})


def _route(drill: DrillState) -> tuple[str, ...]:
    """The MX hosts as the probe's resolver knows them."""
    if not drill.dns.entered:
        return GATEWAY_HOSTS
    route: tuple[str, ...] = drill.world.zone.ask(drill.now_ms, PROBES_RESOLVER)[0]
    return route


def _came_of(drill: DrillState, host: str, waited_ms: int) -> str:
    """What came of a message that `host` has taken."""
    faults = faults_at(drill, drill.now_ms - waited_ms) or faults_at(drill, drill.now_ms)
    stopped = any(one.kind.component == "mail-server" and _stops(drill, one) for one in faults)
    if stopped or not comes_back(drill, host, waited_ms) or not sends_out(drill):
        return f"no reply within {format_duration(waited_ms)}"
    if any(one.kind.slows for one in faults):
        return f"reply came back, after {format_duration(_slowly_ms(drill))}: slower than usual"
    return _AT_ONCE


def sends_out(drill: DrillState) -> bool:
    """Whether mail that is written now leaves for the internet: no gateway fails or keeps it."""
    writers = drill.world.writers
    blocked = not writers.outgoing.hands_on or any(
        one.kind.component == "gateway" and one.direction != "inbound" and _hits(drill, one)
        for one in faults_at(drill, drill.now_ms)
    )
    return not blocked or writers.outbound.connector != GATEWAY


def _stops(drill: DrillState, fault: Fault) -> bool:
    """Whether the mail server's fault keeps this probe from being answered."""
    return (fault.kind.fails_attempts and not fault.kind.leaks) or _hits(drill, fault)


def _hits(drill: DrillState, fault: Fault) -> bool:
    """Whether this probe is among the share that a fault hits; of a fault without one, all are."""
    if fault.per_message_ms is not None:
        return False
    share = fault.share_percent
    return share is None or happens(drill.seed, "probe hit", drill.commands_given, share)


def _slowly_ms(drill: DrillState) -> int:
    minutes = drill.scenario.rules.probe.slow_minutes
    return wait_ms(drill.seed, "slow probe", drill.commands_given, minutes) // MINUTE_MS * MINUTE_MS


def peers_report(drill: DrillState) -> str:
    """What others say on lists and outage trackers, per vendor; sometimes they are wrong."""
    pages, now_ms = drill.room.pages, drill.now_ms
    drill.room.searches += 1
    found = []
    for name, vendor in pages.vendors.items():
        since_ms = pages.since_ms(name, now_ms)
        if since_ms is not None:
            first_ms = since_ms + wait_ms(drill.seed, f"{name} peers", since_ms, vendor.peers.minutes)
            reported = first_ms <= now_ms
            since = f" since about {drill.clock(first_ms)}"
        else:
            reported = happens(
                drill.seed, f"{name} false alarm", drill.room.searches, vendor.peers.false_alarm_percent
            )
            since = ""
        if reported:
            found.append(f"others report trouble with {vendor.name}{since}")
    return "peers: " + ("; ".join(found) or "nobody else reports anything")


def not_taken(said: str) -> bool:
    """Whether a partner says so of the organisation's MX hosts."""
    return any(words in said for words in ("your servers do not take it", "your servers reject it"))


def partner_says(drill: DrillState) -> str:
    """What a partner sees who writes to the organisation and waits for answers."""
    gateway = [one for one in faults_at(drill, drill.now_ms) if one.kind.component == "gateway"]
    hears = "what you write arrives" if sends_out(drill) else "nothing comes from you"
    met = next((one for one in gateway if one.direction != "outbound" and one.hosts == "both"), None)
    if met is not None and met.kind.answer == "reject":
        return f"our mail to you comes back at once, your servers reject it; {hears}"
    if comes_back_to_partners(drill):
        gates = drill.protection.gates_now
        reply = gates.reply if gates.lock == "rejects" else "550 relaying denied"
        return f"our mail to you comes back at once, your server says {reply}; {hears}"
    if met is not None and met.per_message_ms is not None:
        return f"our mail to you was taken, your people say that it comes late; {hears}"
    if met is not None and met.kind.answer != "up":
        return f"our mail to you waits here, your servers do not take it; {hears}"
    if any(one.kind.answer == "reject" for one in faults_at(drill, drill.now_ms)):
        return "our mail to you was taken and then returned to us; nothing comes from you"
    if met is not None:
        return f"our mail to you was taken, nobody answers; {hears}"
    if answers(drill) == "none":
        return "our mail to you was taken, nobody answers; nothing comes from you"
    if answers(drill) == "some":
        return f"our mail to you was taken, some of you answer and some do not; {hears}"
    return (
        "mail goes both ways as far as we can see"
        if sends_out(drill)
        else f"our mail to you was taken; {hears}"
    )
