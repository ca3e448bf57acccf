"""Commands for MTA-STS (RFC 8461): the policy on the web server, and the id in DNS. The order is policy,
id, MX.
"""

from typing import ClassVar

from sim.drill.commands.command import Command, arg
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.commands.dns.mx import Hosts
from sim.drill.drill import Drill
from sim.drill.room.work_given import Turn
from sim.drill.services.mx_zone import ROUTES
from sim.kernel.duration import MINUTE_MS
from sim.kernel.frozen import frozen

_NO_POLICY = "the domain does not publish an MTA-STS policy, so the MX can be changed at once"


def _refusal(drill: Drill) -> str | None:
    return _NO_POLICY if drill.dns.file.mta_sts.mode == "none" else None


@frozen
class MtaStsPolicy(Command):
    """List the MX hosts in the policy; senders fetch it over HTTPS, and only once they have seen a new id."""

    host: Hosts = arg("choice", "the hosts that the policy allows", choices=tuple(ROUTES))

    words: ClassVar = ("mta-sts", "policy")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="DNS host",
        undo="mta-sts policy gateway",
        product=InYourProduct(
            path="https://mta-sts.your.domain/.well-known/mta-sts.txt: the mx: lines",
            who="the administrator of that web server; sometimes the gateway's vendor hosts it",
            how_long="10 minutes",
            simplified="senders with and without a cached policy are treated alike",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if ROUTES[self.host] == drill.dns.policy:
            return _refusal(drill) or f"the policy already names {self.host}"
        return _refusal(drill)

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.dns.serve_policy(drill.now_ms, ROUTES[self.host])
        named = ", ".join(drill.dns.names(ROUTES[self.host]))
        return f"MTA-STS policy names {named}; senders fetch it once they see a new id"


@frozen
class MtaStsId(Command):
    """Change the policy's id in its TXT record, so that senders fetch the policy again."""

    words: ClassVar = ("mta-sts", "id")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="DNS host",
        lead_ms=10 * MINUTE_MS,
        product=InYourProduct(
            path='TXT _mta-sts.your.domain: "v=STSv1; id=20260304120000;", any new value',
            who="a person with access to the zone",
            how_long="as for the MX record; then the TXT record's own TTL",
            simplified="senders that honour the policy check the id before each delivery; some check once a "
            "day",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        return _refusal(drill)

    def lead_ms(self, drill: Drill, turn: Turn) -> int:
        return drill.dns.change_ms

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.dns.change_id(drill.now_ms)
        named = ", ".join(drill.dns.names(drill.dns.policy))
        return f"MTA-STS id changed; senders that see it fetch the policy, which names {named}"


@frozen
class MtaStsShow(Command):
    """Show the policy on the web server and the last change of its id."""

    words: ClassVar = ("mta-sts", "show")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="outside network",
        anyone=True,
        result="report",
        product=InYourProduct(
            path="curl https://mta-sts.your.domain/.well-known/mta-sts.txt; dig TXT _mta-sts.your.domain",
            who="anyone",
            how_long="2 minutes",
            simplified="the policies in senders' caches cannot be seen, as in real life",
        ),
    )

    def act(self, drill: Drill, turn: Turn) -> str:
        dns = drill.dns
        if dns.file.mta_sts.mode == "none":
            return "MTA-STS: no policy is published"
        named = ", ".join(dns.names(dns.policy))
        told = f"id changed at {drill.clock(dns.ids[-1])}" if dns.ids else "id unchanged"
        behind = bool(dns.policies) and (not dns.ids or dns.ids[-1] < dns.policies[-1][0])
        late = "; the policy is newer than its id, so senders do not fetch it" if behind else ""
        if not behind and not set(dns.policy) & set(dns.route):
            late = "; the policy does not list any host of the MX, so senders that honour it keep their mail"
        return f"MTA-STS: mode {dns.file.mta_sts.mode}, names {named}; {told}{late}"
