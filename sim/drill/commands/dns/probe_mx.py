"""Commands that check the inbound route: a test of port 25 from another network, and arrival logs."""

from typing import ClassVar, Literal

from sim.drill.commands.command import Command, arg
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.drill import Drill
from sim.drill.instruments import arrival_logs as arrivals
from sim.drill.instruments import port_25 as probes
from sim.drill.room.evidence import GATEWAY_FAILS, NOTHING, PROBED, Sighting
from sim.drill.room.work_given import Turn
from sim.kernel.duration import in_words
from sim.kernel.frozen import frozen
from sim.mail.routes.inbound import GATEWAY, HOSTS


@frozen
class ProbeMx(Command):
    """Test port 25 of MX hosts: refused, no answer, 4xx or accepted, and whether the test mail returns."""

    host: str = arg(
        "choice",
        "the host to test; `all` tests every host in the current MX record; gateway-1 and gateway-2 are "
        "the gateway's hosts in the order of the record (mx-a and mx-b in reports)",
        choices=("all", *HOSTS),
    )
    network: Literal["outside", "inside"] = arg(
        "choice",
        "where the test comes from: a second network, or your own",
        choices=("outside", "inside"),
        key="from",
        default="outside",
    )

    words: ClassVar = ("probe", "mx")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="outside network",
        anyone=True,
        result="report",
        product=InYourProduct(
            path="swaks --server HOST:25 --to probe@your.domain from a second network, such as a phone's "
            "hotspot or a cloud shell that can use port 25; your own firewall may block it",
            who="anyone with a shell outside",
            how_long="3 minutes per host, and up to 8 more until an accepted message arrives",
            simplified="one message per host; in a partial failure, the result is a matter of chance",
        ),
    )

    def hosts(self, drill: Drill) -> tuple[str, ...]:
        """The hosts to test."""
        return drill.dns.shown(drill.now_ms).route if self.host == "all" else (self.host,)

    def hands_on_ms(self, drill: Drill) -> int:
        return self.usual_hands_on_ms(drill.scenario.rules) * len(self.hosts(drill))

    def act(self, drill: Drill, turn: Turn) -> str:
        inside = self.network == "inside"
        key = turn.key(drill.commands_given)
        met = {host: probes.answer(drill, host, key, inside=inside) for host in self.hosts(drill)}
        taken = [host for host, given in met.items() if given == "up"]
        for host in (one for one in met if one not in taken and not inside):
            _saw(drill, host, fails=GATEWAY_FAILS)
        if taken:
            sent_ms, waits_ms = drill.now_ms, drill.scenario.rules.probe.waits_ms
            drill.at(sent_ms + waits_ms, lambda: _say_whether_it_came(drill, taken, sent_ms))
        found = "; ".join(probes.line(drill, host, given) for host, given in met.items())
        return f"probe from {self.network}: {found}"

    def found(self, drill: Drill, turn: Turn) -> bool:
        """True if every host accepts the probe; whether a reply returns is known only later."""
        inside, key = self.network == "inside", turn.key(drill.commands_given)
        return all(probes.answer(drill, host, key, inside=inside) == "up" for host in self.hosts(drill))


def _saw(drill: Drill, host: str, works: frozenset[str] = NOTHING, fails: frozenset[str] = NOTHING) -> None:
    """Keep the result of a probe; the result of an accepted one is known only after its waiting time."""
    if host in GATEWAY:
        drill.room.sightings.append(Sighting(drill.now_ms, works, fails, host))


def _say_whether_it_came(drill: Drill, hosts: list[str], sent_ms: int) -> None:
    """Report the outcome of the accepted probes."""
    waits_ms = drill.scenario.rules.probe.waits_ms
    for host in hosts:
        (name,) = drill.dns.names((host,))
        waited = in_words(waits_ms)
        back = probes.comes_back(drill, host, waits_ms)
        _saw(drill, host, works=PROBED) if back else _saw(drill, host, fails=PROBED)
        came = "returned" if back else f"has not returned within {waited}"
        drill.say(
            "report", "probe", f"{name}: the probe sent at {drill.clock(sent_ms)} {came}", f"probe mx {host}"
        )


@frozen
class ArrivalsShow(Command):
    """Show, from the logs, how much mail each host received in recent half hours, and the usual amount."""

    words: ClassVar = ("arrivals", "show")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="Exchange shell",
        result="report",
        product=InYourProduct(
            path="Exchange Server: Get-MessageTrackingLog -EventId RECEIVE; Microsoft 365: "
            "Exchange admin center | Mail flow | Message trace, or Get-MessageTraceV2; "
            "the backup's own log or portal; "
            "Mimecast: Message Center | Message Tracking, while the console can be reached",
            who="messaging administrator",
            how_long="4 minutes",
            simplified="counted per half hour; the usual figure comes from a week without an outage",
        ),
    )

    def act(self, drill: Drill, turn: Turn) -> str:
        rows = arrivals.half_hours(drill)
        drill.dns.arrivals = (drill.now_ms, rows)
        return arrivals.told(drill, rows)
