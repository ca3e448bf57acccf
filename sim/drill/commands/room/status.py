"""The command that checks one source of information; each source has its own age and errors."""

from typing import ClassVar

from sim.drill.commands.command import Command, arg
from sim.drill.commands.command_facts import Facts, InYourProduct, Where
from sim.drill.commands.gateway.queue_report import inbound_queue
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.people.outside_reports import peers_report, round_trip
from sim.drill.room.evidence import GATEWAY_FAILS, PROBED, ROUND_TRIP, Sighting
from sim.drill.room.incident_room import Look
from sim.drill.room.status_pages import Post
from sim.drill.room.work_given import Turn
from sim.kernel.duration import MINUTE_MS, in_words
from sim.kernel.frozen import frozen
from sim.mail.routes.inbound import GATEWAY

VENDORS = ("gateway-vendor", "microsoft")


def no_vendor(organisation: Organisation, name: str) -> str | None:
    """The reason why the vendor `name` cannot be checked; None if this organisation uses it, or if it is
    not a vendor.
    """
    used = [use.vendor for use in organisation.vendors]
    if name in VENDORS and name not in used:
        return f"{name} is not a vendor of this organisation; its vendors: {', '.join(used) or 'none'}"
    return None


@frozen
class StatusCheck(Command):
    """Check a source yourself: the gateway's queue, the server, a vendor's status page, peers, or a probe."""

    component: str = arg("choice", "the source", choices=("gateway", "server", *VENDORS, "peers", "probe"))

    words: ClassVar = ("status", "check")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        anyone_for="pages, peers and probe",
        elsewhere="server: Exchange shell; pages: status page; peers and probe: outside network",
        result="report",
        product=InYourProduct(
            path="Mimecast: Message Center | Delivery Queue; Exchange: Get-Queue, Test-Mailflow; "
            "status.cloud.microsoft; the gateway's status page; an outside mailbox with an auto-reply",
            who="messaging administrator; pages and probe: anyone",
            how_long="4 minutes; for the probe, 2 minutes and up to 8 for its reply",
            simplified="a check shows only what that source knows; pages lag behind the truth, and peers "
            "may be wrong",
        ),
    )

    def never_works(self, organisation: Organisation, rules: HouseRules) -> str | None:
        return no_vendor(organisation, self.component)

    def by_anyone(self) -> bool:
        return self.component not in ("gateway", "server")

    def where(self, drill: Drill) -> Where:
        if self.component == "gateway":
            return "gateway console"
        if self.component == "server":
            return "Exchange shell" if drill.consoles.server().live else "outside network"
        return "outside network" if self.component in ("probe", "peers") else "status page"

    def hands_on_ms(self, drill: Drill) -> int:
        if self.component == "probe":
            return drill.scenario.rules.probe.send_minutes * MINUTE_MS
        return self.usual_hands_on_ms(drill.scenario.rules)

    def lead_ms(self, drill: Drill, turn: Turn) -> int:
        return drill.scenario.rules.probe.waits_ms if self.component == "probe" else 0

    def lead_told_ms(self, drill: Drill, turn: Turn) -> int:
        return self.lead_ms(drill, turn)

    def act(self, drill: Drill, turn: Turn) -> str:
        match self.component:
            case "gateway":
                return inbound_queue(drill)
            case "server":
                drill.last_seen.tried("Exchange shell")
                return server_status(drill)
            case "peers":
                return peers_report(drill, turn)
            case "probe":
                return _probe(drill, self.lead_ms(drill, turn), turn.key(drill.commands_given))
            case vendor:
                return look_at_page(drill, vendor)


def _probe(drill: Drill, waited_ms: int, key: int) -> str:
    trip, now_ms = round_trip(drill, waited_ms, key), drill.now_ms
    seen = [Sighting(now_ms, fails=GATEWAY_FAILS, by=host) for host in trip.met if host in GATEWAY]
    if trip.through:
        seen.append(Sighting(now_ms, trip.through, by=trip.took))
    elif trip.took in GATEWAY:
        seen.append(Sighting(now_ms, fails=PROBED, by=ROUND_TRIP))
    drill.room.sightings += seen
    return f"probe sent at {drill.clock(drill.now_ms - waited_ms)}: {trip.text}"


def server_status(drill: Drill) -> str:
    """The state of the mail server, and the server team's last estimate."""
    down_since = drill.server_down_since()
    if down_since is None:
        drill.room.sightings.append(Sighting(drill.now_ms, frozenset({"mail-server"})))
        return f"mail server: answers on port 25, a test message went through{_submission(drill)}"
    for_ms = drill.now_ms - down_since
    found = f"mail server: {drill.reply()}, for {in_words(for_ms, MINUTE_MS)}"
    if any("mail-server" in use.runs for use in drill.scenario.organisation.vendors):
        return f"{found}; only the vendor can repair it; recovery time unknown"
    last = drill.estimates.known_at(drill.now_ms)
    if last is None or last.t_ms < down_since:
        return f"{found}; the server team has no estimate yet"
    return f"{found}; the server team's estimate of {drill.clock(last.t_ms)}: {last.told(drill.clock)}"


def _submission(drill: Drill) -> str:
    """The server's submission queue and its back pressure, from its own console; empty if the console does
    not answer.
    """
    if not drill.consoles.server().live:
        return ""
    waiting, effect = len(drill.world.intake.submission), drill.world.intake.endpoint.effect
    if effect.disk_full:
        return f"; {waiting:,} in its submission queue, its disk is full: it refuses the gateway"
    if not waiting:
        return ""
    found = f"; {waiting:,} in its submission queue"
    if effect.refuses:
        return f"{found}, back pressure: it refuses the gateway"
    return f"{found}, back pressure: {effect.tarpit_ms // 1000} s at MAIL FROM" if effect.tarpit_ms else found


def look_at_page(drill: Drill, vendor: str) -> str:
    """Read a vendor's status page: the more detailed page if sign-in works, otherwise the public one."""
    pages, now_ms = drill.room.pages, drill.now_ms
    rules = pages.vendors[vendor]
    behind, lost = rules.sign_in_page, pages.no_sign_in_at(vendor, now_ms)
    post = pages.public_at(vendor, now_ms) if lost else pages.full_at(vendor, now_ms)
    page = "public page" if lost or behind is None else behind.name
    drill.room.looks[vendor] = Look(now_ms, page, post)
    blocked = f"{behind.name}: the sign-in fails; " if behind is not None and lost else ""
    if post is None:
        return f"{blocked}{rules.name}, {page}: green, {rules.wording.normal}"
    return f"{blocked}{rules.name}, {page}: {post.colour}, {post.text}; {_age(drill, post)}"


def _age(drill: Drill, post: Post) -> str:
    """The time of the post, its age, and its promise of the next update."""
    old_ms = (drill.now_ms - post.posted_ms) // MINUTE_MS * MINUTE_MS
    told = f"posted at {drill.clock(post.posted_ms)}, {in_words(old_ms)} ago"
    return told if post.next_ms is None else f"{told}, next update by {drill.clock(post.next_ms)}"
