"""MTA-STS (RFC 8461): the policy on the web server, its id in DNS. First policy, then id, then the MX."""

from dataclasses import dataclass
from typing import ClassVar

from sim.drill.commands.command import Command, Facts, InYourProduct, arg
from sim.drill.commands.dns.mx import Hosts
from sim.drill.drill import Drill
from sim.drill.services.mx_zone import ROUTES
from sim.kernel.duration import MINUTE_MS

_NO_POLICY = "the domain publishes no MTA-STS policy; there is nothing to change, go on with the MX"


def _refusal(drill: Drill) -> str | None:
    return _NO_POLICY if drill.dns.file.mta_sts.mode == "none" else None


@dataclass(frozen=True, slots=True)
class MtaStsPolicy(Command):
    """Name hosts in the policy that senders fetch by HTTPS; they look only when they meet a new id."""

    host: Hosts = arg("choice", "which hosts it allows", choices=tuple(ROUTES))

    words: ClassVar = ("mta-sts", "policy")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="DNS host",
        undo="mta-sts policy gateway",
        product=InYourProduct(
            path="https://mta-sts.your.domain/.well-known/mta-sts.txt: the mx: lines",
            who="whoever runs that web server; sometimes the gateway's vendor hosts it",
            how_long="10 minutes",
            simplified="a sender that has no policy yet is not told apart from one that has",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if ROUTES[self.host] == drill.dns.policy:
            return _refusal(drill) or f"the policy names {self.host} already"
        return _refusal(drill)

    def act(self, drill: Drill, by: str) -> str:
        drill.dns.serve_policy(drill.now_ms, ROUTES[self.host])
        named = ", ".join(drill.dns.names(ROUTES[self.host]))
        return f"MTA-STS policy names {named}; senders fetch it once they meet a new id"


@dataclass(frozen=True, slots=True)
class MtaStsId(Command):
    """Give the policy a new id in its TXT record, so that senders look at the policy again."""

    words: ClassVar = ("mta-sts", "id")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="DNS host",
        lead_ms=10 * MINUTE_MS,
        product=InYourProduct(
            path='TXT _mta-sts.your.domain: "v=STSv1; id=20260304120000;", any new value',
            who="whoever has access to the zone",
            how_long="as the MX record; then the TXT record's own TTL",
            simplified="who honours the policy asks for the id before each delivery; some look once a day",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        return _refusal(drill)

    def lead_ms(self, drill: Drill) -> int:
        return drill.dns.change_ms

    def act(self, drill: Drill, by: str) -> str:
        drill.dns.change_id(drill.now_ms)
        named = ", ".join(drill.dns.names(drill.dns.policy))
        return f"MTA-STS id changed; whoever sees it fetches the policy, which names {named}"


@dataclass(frozen=True, slots=True)
class MtaStsShow(Command):
    """Look at the policy as the web server gives it out, and when its id was last changed."""

    words: ClassVar = ("mta-sts", "show")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="outside network",
        result="report",
        product=InYourProduct(
            path="curl https://mta-sts.your.domain/.well-known/mta-sts.txt; dig TXT _mta-sts.your.domain",
            who="anybody",
            how_long="2 minutes",
            simplified="which senders have which policy in their caches cannot be seen, as in real life",
        ),
    )

    def act(self, drill: Drill, by: str) -> str:
        dns = drill.dns
        if dns.file.mta_sts.mode == "none":
            return "MTA-STS: no policy is published"
        named = ", ".join(dns.names(dns.policy))
        told = f"id changed {drill.clock(dns.ids[-1])}" if dns.ids else "its id is that of before"
        behind = bool(dns.policies) and (not dns.ids or dns.ids[-1] < dns.policies[-1][0])
        late = "; the policy is newer than its id, nobody looks" if behind else ""
        if not behind and not set(dns.policy) & set(dns.route):
            late = "; it names no host of the MX: whoever takes it keeps its mail"
        return f"MTA-STS: mode {dns.file.mta_sts.mode}, names {named}; {told}{late}"
