"""What can be seen from outside the organisation: a round-trip probe, other people's reports.

Each answers from the truth of that moment and by keyed draws, with the errors of such a look.
"""

from typing import TYPE_CHECKING

from sim.drill.diagnosis import component_of, failure_of
from sim.drill.fault import Fault
from sim.drill.waits import happens, wait_ms
from sim.kernel.duration import MINUTE_MS, format_duration
from sim.mail.outbound import GATEWAY

if TYPE_CHECKING:
    from sim.drill.drill import Drill

_GATEWAY_SAYS = {
    "refuses": "the gateway refuses the connection on every MX host",
    "times-out": "the gateway does not answer on any MX host, the connection times out",
    "answers-4xx": "the gateway puts the message off with a 4xx",
    "rejects": "the gateway rejects the message with a 5xx",
    "accepts-and-holds": "the gateway took the message with 250; no reply came back",
}
_HOST_SAYS = {
    "refuses": "refuses the connection",
    "times-out": "does not answer",
    "answers-4xx": "puts the message off with a 4xx",
    "rejects": "rejects the message with a 5xx",
    "accepts-and-holds": "took a message with 250 that nobody has seen since",
}
_SERVER_HIDES = frozenset({"refuses", "times-out", "answers-4xx", "accepts-and-holds"})
_SLOWS = frozenset({"slow", "intermittent"})


def faults_at(drill: "Drill", moment_ms: int) -> list[Fault]:
    """Truth: the faults of that moment."""
    return [fault for fault in drill.scenario.timeline if fault.at_ms <= moment_ms < fault.until_ms]


def round_trip(drill: "Drill", waited_ms: int) -> str:
    """What came of a message from an outside mailbox to an auto-reply, sent `waited_ms` ago."""
    faults = faults_at(drill, drill.now_ms - waited_ms) or faults_at(drill, drill.now_ms)
    in_the_way = [one for one in faults if component_of(one) == "gateway" and _hits(drill, one)]
    met = next((one for one in in_the_way if one.direction != "outbound"), None)
    took = "the gateway took the message with 250"
    if met is not None and met.hosts == "both":
        how = failure_of(met)
        return _GATEWAY_SAYS.get(how, f"the gateway is {how}; no reply came back")
    if met is not None:
        took = f"one MX host {_HOST_SAYS[failure_of(met)]}, the other took the message with 250"
    stopped = any(component_of(one) == "mail-server" and _stops(drill, one) for one in faults)
    if drill.world.queue.paused or stopped or not sends_out(drill):
        return f"{took}; no reply within {format_duration(waited_ms)}"
    if any(failure_of(one) in _SLOWS for one in faults):
        return f"{took}; reply came back, after {format_duration(_slowly_ms(drill))}: slower than usual"
    return "reply came back within a minute" if met is None else f"{took}; reply came back within a minute"


def sends_out(drill: "Drill") -> bool:
    """Whether mail that is written now leaves for the internet: not through a gateway that fails."""
    blocked = any(
        component_of(one) == "gateway" and one.direction != "inbound" and _hits(drill, one)
        for one in faults_at(drill, drill.now_ms)
    )
    return not blocked or drill.world.writers.outbound.connector != GATEWAY


def _stops(drill: "Drill", fault: Fault) -> bool:
    """Whether the mail server's fault keeps this probe from being answered."""
    return failure_of(fault) in _SERVER_HIDES or _hits(drill, fault)


def _hits(drill: "Drill", fault: Fault) -> bool:
    """Whether this probe is among the share that a fault hits; of a fault without one, all are."""
    if failure_of(fault) == "slow":
        return False
    share = fault.share_percent
    return share is None or happens(drill.seed, "probe hit", drill.commands_given, share)


def _slowly_ms(drill: "Drill") -> int:
    return wait_ms(drill.seed, "slow probe", drill.commands_given, (2, 3, 4, 6)) // MINUTE_MS * MINUTE_MS


def peers_report(drill: "Drill") -> str:
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


def partner_says(drill: "Drill") -> str:
    """What a partner sees who writes to the organisation and waits for answers."""
    gateway = [one for one in faults_at(drill, drill.now_ms) if component_of(one) == "gateway"]
    hears = "what you write arrives" if sends_out(drill) else "nothing comes from you"
    met = next((one for one in gateway if one.direction != "outbound" and one.hosts == "both"), None)
    if met is not None and failure_of(met) != "accepts-and-holds":
        return f"our mail to you waits here, your servers do not take it; {hears}"
    if met is not None or drill.server_down_since() is not None:
        hears = hears if drill.server_down_since() is None else "nothing comes from you"
        return f"our mail to you was taken, nobody answers; {hears}"
    return (
        "mail goes both ways as far as we can see"
        if sends_out(drill)
        else f"our mail to you was taken; {hears}"
    )
