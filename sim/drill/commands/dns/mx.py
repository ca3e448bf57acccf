"""Commands for DNS: set the MX record and its TTL, query resolvers, flush public ones."""

from typing import ClassVar, Literal

from sim.drill.commands.command import NO_GATEWAY, Command, arg
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.organisation.zone_file import check_ttl
from sim.drill.people.missed_mail import mail_comes_or_not
from sim.drill.room.approvals import Scope
from sim.drill.room.decisions import DecisionTaken
from sim.drill.room.work_given import Turn
from sim.drill.services.mx_zone import ROUTES, Told
from sim.kernel.duration import HOUR_MS, MINUTE_MS, SECOND_MS, format_duration, in_words
from sim.kernel.frozen import frozen
from sim.mail.routes.inbound import BACKUP, GATEWAY

Hosts = Literal["gateway", "backup", "server", "gateway+backup", "backup+gateway"]

_EDIT = InYourProduct(
    path="your DNS host's zone editor, or the registrar's: edit the MX record, save, publish; "
    "BIND: the zone file with a new serial, rndc reload",
    who="a person with access to the zone; often another team, a registrar or a change board",
    how_long="5 to 15 minutes if you have access, hours through another team; then each resolver's old TTL",
    simplified="all servers of the zone publish a change at the same moment; the lead time is drawn once per "
    "drill",
)


@frozen
class MxSet(Command):
    """Set the hosts of the MX record, preferred host first; senders see them once their old copy expires."""

    host: Hosts = arg("choice", "the hosts, by preference", choices=tuple(ROUTES))
    ttl_ms: int | None = arg(
        "duration", "the TTL of the new record", key="ttl", default=None, example="300", in_seconds=True
    )

    words: ClassVar = ("mx", "set")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="DNS host",
        lead_ms=10 * MINUTE_MS,
        undo="mx set gateway",
        exposes="mail bypasses the gateway's filter, unless the backup filters as well",
        product=_EDIT,
        needs_approval="mx",
        opens="backup-mx",
    )

    def needs_approval(self) -> Scope | None:
        return None if self.host == "gateway" else Scope("mx")

    def opens(self) -> str:
        return self.facts.opens if BACKUP in ROUTES[self.host] else ""

    def closes(self) -> str:
        return "" if BACKUP in ROUTES[self.host] else self.facts.opens

    def lead_ms(self, drill: Drill, turn: Turn) -> int:
        return drill.dns.change_ms

    def never_works(self, organisation: Organisation, rules: HouseRules) -> str | None:
        missing = GATEWAY[0] in ROUTES[self.host] and not organisation.behind_gateway
        return f"{NO_GATEWAY}; choose backup or server" if missing else None

    def refusal(self, drill: Drill) -> str | None:
        dns = drill.dns
        if (ROUTES[self.host], self.ttl_ms or dns.ttl_ms) == (dns.route, dns.ttl_ms):
            return f"the zone already names {self.host} with a TTL of {_seconds(dns.ttl_ms)}"
        return check_ttl(self.ttl_ms or dns.ttl_ms)

    def decides(self) -> DecisionTaken:
        route = ROUTES[self.host]
        return DecisionTaken("mx back" if route == GATEWAY else "mx", by_backup=BACKUP in route)

    def act(self, drill: Drill, turn: Turn) -> str:
        before_ms, ttl_ms = drill.dns.cached_ms(drill.now_ms), self.ttl_ms or drill.dns.ttl_ms
        enter(drill, turn.by, ROUTES[self.host], ttl_ms, f"{' '.join(self.words)} {self.host}")
        return (
            f"MX record changed: {record(drill, ROUTES[self.host])}, TTL {_seconds(ttl_ms)}; resolvers keep "
            f"the "
            f"old answer for up to {_kept(before_ms)}, some for longer"
        )


@frozen
class TtlSet(Command):
    """Set a new TTL for the same hosts; a lower TTL speeds up the next change once resolvers have it."""

    record: Literal["mx"] = arg("choice", "the record", choices=("mx",))
    ttl_ms: int = arg("duration", "the new TTL", example="300", in_seconds=True)

    words: ClassVar = ("ttl", "set")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="DNS host",
        lead_ms=10 * MINUTE_MS,
        undo="ttl set mx 3600",
        product=_EDIT,
        opens="low-ttl",
    )

    def opens(self) -> str:
        return ""  # `enter` compares it with the TTL from before the drill

    def lead_ms(self, drill: Drill, turn: Turn) -> int:
        return drill.dns.change_ms

    def refusal(self, drill: Drill) -> str | None:
        if self.ttl_ms == drill.dns.ttl_ms:
            return f"the TTL is already {_seconds(self.ttl_ms)}"
        return check_ttl(self.ttl_ms)

    def act(self, drill: Drill, turn: Turn) -> str:
        enter(drill, turn.by, drill.dns.route, self.ttl_ms, " ".join([*self.words, self.record]))
        return (
            f"TTL of the MX record changed: {_seconds(self.ttl_ms)}; cached answers keep the TTL "
            "with which they were fetched"
        )


@frozen
class DnsAsk(Command):
    """Query the MX record: each resolver caches its own copy, and its answer shows only that copy."""

    source: str = arg(
        "choice",
        "the server to query; all: the authority and the public resolvers",
        choices=("authority", "own", "google", "cloudflare", "quad9", "opendns", "all"),
    )

    words: ClassVar = ("dns", "ask")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="outside network",
        anyone=True,
        result="report",
        product=InYourProduct(
            path="dig MX your.domain @ns1.your-dns-host, @8.8.8.8, @1.1.1.1, @9.9.9.9, @208.67.222.222",
            who="anyone",
            how_long="a minute each",
            simplified="each public resolver has a single cache; in real life each of its many sites has a "
            "separate one",
        ),
    )

    def _sources(self, drill: Drill) -> tuple[str, ...]:
        return ("authority", *drill.dns.file.asked) if self.source == "all" else (self.source,)

    def hands_on_ms(self, drill: Drill) -> int:
        return self.usual_hands_on_ms(drill.scenario.rules) * len(self._sources(drill))

    def act(self, drill: Drill, turn: Turn) -> str:
        found = [(source, drill.dns.ask(source, drill.now_ms)) for source in self._sources(drill)]
        return "; ".join(f"{source}: {_answer(drill, told)}" for source, told in found)

    def found(self, drill: Drill, turn: Turn) -> bool:
        """True if every server queried returns the hosts that are in the zone."""
        answers = (drill.dns.ask(source, drill.now_ms) for source in self._sources(drill))
        return all(told.route == drill.dns.route for told in answers)


@frozen
class DnsFlush(Command):
    """Flush a public resolver's cached answer, once the authoritative servers have the new record."""

    resolver: str = arg("choice", "the resolver whose flush page to use", choices=("google", "cloudflare"))

    words: ClassVar = ("dns", "flush")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="outside network",
        anyone=True,
        undo="no",
        product=InYourProduct(
            path="developers.google.com/speed/public-dns/cache; one.one.one.one/purge-cache",
            who="anyone",
            how_long="3 minutes",
            simplified="all of the resolver's caches are flushed at once",
        ),
    )

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.dns.flush(drill.now_ms, self.resolver)
        return f"{self.resolver}: cache flushed; its next lookup goes to the authoritative servers"


def enter(drill: Drill, by: str, route: tuple[str, ...], ttl_ms: int, command: str) -> None:
    """Change the MX record; a TTL lower than before the drill goes on the register of openings."""
    drill.dns.enter(drill.now_ms, by, route, ttl_ms)
    mail_comes_or_not(drill)
    if ttl_ms < drill.dns.file.ttl_ms:
        text = f"{command} {'ttl=' if command.startswith('mx') else ''}{format_duration(ttl_ms)}"
        drill.room.opened("low-ttl", text, by, drill.now_ms)
    else:
        drill.room.closed("low-ttl", drill.now_ms)


def record(drill: Drill, route: tuple[str, ...]) -> str:
    """Hosts in the form of an MX record: `10 mx.backup.example, 20 …`."""
    names = drill.dns.names(route)
    return ", ".join(f"{10 * place} {name}" for place, name in enumerate(names, start=1))


def _answer(drill: Drill, told: Told) -> str:
    return f"{record(drill, told.route)}, {_seconds(told.ttl_ms)} left"


def _kept(span_ms: int) -> str:
    """A TTL, or the time that remains of one, in whole minutes."""
    if span_ms < 2 * MINUTE_MS or span_ms % MINUTE_MS == 0:
        return _seconds(span_ms)
    return in_words(-(-span_ms // MINUTE_MS) * MINUTE_MS)


def _seconds(ttl_ms: int) -> str:
    """A TTL in seconds, as in a zone file; from two minutes upwards, also in words."""
    text = f"{ttl_ms // SECOND_MS} s"
    if ttl_ms < 2 * MINUTE_MS:
        return text
    unit = MINUTE_MS if ttl_ms < 2 * HOUR_MS else HOUR_MS
    return f"{text} ({in_words(ttl_ms // unit * unit)})" if ttl_ms % unit == 0 else text
