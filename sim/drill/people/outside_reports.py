"""Observations from outside the organisation: a round-trip probe, partners, other organisations' reports.

Each depends on the true state at that moment and on random draws by `key`, and has the errors that such
observations have in practice.
"""

from sim.drill.drill_state import DrillState
from sim.drill.instruments.port_25 import answer, comes_back, line
from sim.drill.people.missed_mail import by_users
from sim.drill.people.noticed_trouble import answers, comes_back_to_partners
from sim.drill.room.delays import happens, wait_ms
from sim.drill.room.evidence import PROBED
from sim.drill.room.work_given import Turn
from sim.drill.scenario.fault import Fault
from sim.kernel.duration import MINUTE_MS, in_words
from sim.kernel.frozen import frozen
from sim.mail.routes.connector import GATEWAY
from sim.mail.routes.inbound import GATEWAY as GATEWAY_HOSTS

PROBES_RESOLVER = "google"


def faults_at(drill: DrillState, moment_ms: int) -> list[Fault]:
    """The faults at that moment: truth."""
    return [fault for fault in drill.scenario.timeline if fault.at_ms <= moment_ms < fault.until_ms]


@frozen
class Trip:
    """The result of a probe message and of its reply."""

    text: str
    through: frozenset[str] = frozenset()
    """Components through which the message passed as quickly as usual; empty if no reply came, or if it
    came late.
    """
    took: str = ""
    """The host that accepted the message; empty if no host did."""
    met: tuple[str, ...] = ()
    """The hosts that did not accept the message."""


def round_trip(drill: DrillState, waited_ms: int, key: int) -> Trip:
    """The result of a message that was sent from an outside mailbox to an auto-reply `waited_ms` ago.

    The mailbox's provider queries a large public resolver for the MX, and tries the hosts in order of
    preference.
    """
    failed: list[str] = []
    met: list[str] = []
    for host in _route(drill):
        given = answer(drill, host, key, inside=False)
        if given == "reject":
            failed += [line(drill, host, given), "bounced at once"]
            return Trip("; ".join(failed), met=(*met, host))
        if given == "up":
            took = f"accepted with 250 by {drill.dns.names((host,))[0]}"
            came, as_usual = _reply(drill, host, waited_ms, key)
            through = _passed(drill, host) if as_usual else frozenset()
            return Trip("; ".join([*failed, took, came]), through, host, tuple(met))
        failed.append(line(drill, host, given))
        met.append(host)
    waits = f"not accepted within {in_words(waited_ms)}, still queued at the sender"
    return Trip("; ".join([*failed, waits]), met=tuple(met))


def _passed(drill: DrillState, host: str) -> frozenset[str]:
    """Components through which a probe accepted by `host`, and its reply, have passed."""
    by_gateway = host in GATEWAY_HOSTS and drill.world.writers.outbound.connector == GATEWAY
    return PROBED if by_gateway else frozenset({"mail-server"})


def _route(drill: DrillState) -> tuple[str, ...]:
    """The MX hosts as the probe's resolver knows them."""
    if not drill.dns.entered:
        return drill.dns.first_route
    route: tuple[str, ...] = drill.world.zone.ask(drill.now_ms, PROBES_RESOLVER)[0]
    return route


def _reply(drill: DrillState, host: str, waited_ms: int, key: int) -> tuple[str, bool]:
    """What happened to the reply to a message that `host` accepted, in words; and True if it arrived as
    usual.
    """
    faults = faults_at(drill, drill.now_ms - waited_ms) or faults_at(drill, drill.now_ms)
    stopped = any(one.kind.component == "mail-server" and _stops(drill, one, key) for one in faults)
    late = waited_ms <= _leaves_late_ms(drill)
    if stopped or late or not comes_back(drill, host, waited_ms) or not sends_out(drill, key):
        return f"no reply within {in_words(waited_ms)}", False
    if any(one.kind.slows for one in faults):
        return f"reply came back after {in_words(_slowly_ms(drill, key))}: slower than usual", False
    return "reply came back within a minute", True


def sends_out(drill: DrillState, key: int) -> bool:
    """True if mail written now reaches the internet, because no failing gateway stops or holds it."""
    writers = drill.world.writers
    blocked = not writers.outgoing.hands_on or any(
        one.kind.component == "gateway" and one.direction != "inbound" and _hits(drill, one, key)
        for one in faults_at(drill, drill.now_ms)
    )
    return not blocked or writers.outbound.connector != GATEWAY


def _leaves_late_ms(drill: DrillState) -> int:
    """Delay of mail written now in a slow outbound filter; 0 if it leaves as usual."""
    writers = drill.world.writers
    return writers.outgoing.filter.wait_ms() if writers.outbound.connector == GATEWAY else 0


def _stops(drill: DrillState, fault: Fault, key: int) -> bool:
    """True if the mail server's fault prevents an answer to this probe."""
    return (fault.kind.fails_attempts and not fault.kind.leaks) or _hits(drill, fault, key)


def _hits(drill: DrillState, fault: Fault, key: int) -> bool:
    """True if this probe is in the share that the fault affects; a fault without a share affects all
    probes.
    """
    if fault.per_message_ms is not None:
        return False
    share = fault.share_percent
    number = key if fault.by == "attempt" else 0  # a probe always has the same sender
    return share is None or happens(drill.seed, "probe hit", number, share)


def _slowly_ms(drill: DrillState, key: int) -> int:
    minutes = drill.scenario.rules.probe.slow_minutes
    return wait_ms(drill.seed, "slow probe", key, minutes) // MINUTE_MS * MINUTE_MS


def peers_report(drill: DrillState, turn: Turn) -> str:
    """Reports on mailing lists and outage trackers, per vendor; sometimes they are wrong."""
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
            key, percent = turn.key(drill.room.searches), vendor.peers.false_alarm_percent
            reported = happens(drill.seed, f"{name} false alarm", key, percent)
            since = ""
        if reported:
            found.append(f"others report trouble with {vendor.name}{since}")
    return "peers: " + ("; ".join(found) or "no reports from others")


@frozen
class PartnerReport:
    """A partner's view of the mail to and from the organisation."""

    says: str
    gateway_refuses: bool = False
    """True if the report shows that the organisation's MX hosts do not accept mail."""


def partner_report(drill: DrillState, key: int) -> PartnerReport:
    """The report of a partner who writes to the organisation and expects answers."""
    gateway = [one for one in faults_at(drill, drill.now_ms) if one.kind.component == "gateway"]
    late = _leaves_late_ms(drill) >= drill.scenario.rules.probe.waits_ms
    arrives = "your mail to us arrives late" if late else "your mail to us arrives"
    hears = arrives if sends_out(drill, key) else "we receive nothing from you"
    met = next((one for one in gateway if one.direction != "outbound" and one.hosts == "both"), None)
    if met is not None and met.kind.answer == "reject":
        return PartnerReport(f"our mail to you bounces at once: your servers reject it; {hears}", True)
    if comes_back_to_partners(drill):
        gates = drill.protection.gates_now
        reply = gates.reply if gates.lock == "rejects" else "550 relaying denied"
        return PartnerReport(f"our mail to you bounces at once: your server answers {reply}; {hears}")
    if met is not None and met.per_message_ms is not None:
        return PartnerReport(
            f"our mail to you was accepted, but your people say that it arrives late; {hears}"
        )
    if met is not None and met.kind.answer != "up":
        return PartnerReport(f"our mail to you is queued here: your servers do not accept it; {hears}", True)
    if any(one.kind.answer == "reject" for one in faults_at(drill, drill.now_ms)):
        return PartnerReport("our mail to you was accepted and then bounced; we receive nothing from you")
    if met is not None:
        return PartnerReport(f"our mail to you was accepted, but we get no answers; {hears}")
    return PartnerReport(_by_answers(drill, hears, key))


def _by_answers(drill: DrillState, hears: str, key: int) -> str:
    """The report of a partner whose mail the gateway handles as usual."""
    match answers(drill):
        case "none":
            return "our mail to you was accepted, but we get no answers; we receive nothing from you"
        case "some" if by_users(drill):
            return f"our mail to you was accepted, but only some of you answer; {hears}"
    if sends_out(drill, key):
        return "as far as we can see, mail works in both directions"
    return f"our mail to you was accepted; {hears}"
