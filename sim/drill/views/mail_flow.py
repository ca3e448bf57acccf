"""The route of mail, the inbound queue and the ledger on the screen, made from the consoles' figures."""

from sim.drill.drill import Drill
from sim.drill.instruments import backup_console, gateway_console, server_console
from sim.drill.instruments.backup_console import BackupReading
from sim.drill.instruments.gateway_readings import EventReading, GatewayReading
from sim.drill.instruments.server_console import ServerReading
from sim.drill.snapshot.console import ContinuityView, Hop, HopState, QueueView, SeenCount
from sim.drill.snapshot.mail_routes import Seen

DIRECTIONS = ("inbound", "outbound", "internal")
_IN, _OUT, _INTERNAL = range(3)
_NEXT = {"gateway": "Gateway", "secondary": "Secondary", "direct": "Internet"}


def queue_view(drill: Drill, gateway: GatewayReading) -> QueueView:
    """The inbound delivery queue as the gateway's console shows it, or last showed it."""
    return QueueView(
        depth=gateway.depth,
        change_per_minute=gateway.change_per_minute,
        oldest_ms=gateway.oldest_ms,
        retention_ms=gateway.retention_ms,
        paused=gateway.paused,
        bands=gateway.bands,
        last_error=gateway.last_error,
        last_error_ms=gateway.last_error_ms,
        first_expiry_ms=gateway.first_expiry_ms,
        size_bytes=gateway.size_bytes,
        in_process=gateway.in_process,
        outbound=gateway.outgoing.depth,
        outbound_in_process=gateway.outgoing.in_process,
        outbound_paused=gateway.outgoing.paused,
        outbound_error=gateway.outgoing.last_error,
        seen=Seen(gateway_console.NAME, gateway.at_ms),
        no_answer_ms=drill.last_seen.no_answer_ms(gateway_console.NAME),
    )


def continuity_view(drill: Drill, gateway: GatewayReading) -> ContinuityView:
    """The newest event in force. An event started in this drill is known once the console has answered, a
    colleague's event once it is listed.
    """
    seen = Seen(gateway_console.NAME, gateway.at_ms)
    events = [one for one in _events(drill, gateway) if one.start_ms <= drill.now_ms < one.end_ms]
    if not events:
        return ContinuityView(False, "", None, None, 0, seen)
    newest, others = events[-1], len(events) - 1
    group = newest.group + (f" and {others} more" if others else "")
    return ContinuityView(True, group, newest.start_ms, newest.end_ms, gateway.users_in, seen)


def _events(drill: Drill, gateway: GatewayReading) -> tuple[EventReading, ...]:
    if drill.consoles.hung:
        return gateway.events
    continuity, listed = drill.continuity, {one.number for one in gateway.events}
    return tuple(
        EventReading(event.number, continuity.group_of(event), event.start_ms, event.end_ms)
        for event in continuity.events()
        if not continuity.started_by(event) or event.number in listed
    )


# The route of mail


def hops(drill: Drill, gateway: GatewayReading, server: ServerReading) -> tuple[Hop, ...]:
    """The route from the internet to the server, including a bypass of the gateway if mail has used one,
    and the outbound route.
    """
    if not drill.scenario.organisation.behind_gateway:
        first = _straight(drill, server)
        past = [hop for hop in _past_the_gateway(drill, server) if "Backup" in (hop.source, hop.target)]
        return first, *past, *_out(drill, gateway, server)
    return (
        *_inbound(drill, gateway, server),
        *_past_the_gateway(drill, server),
        *_out(drill, gateway, server),
    )


def _flow(per_minute: int) -> HopState:
    return "flowing" if per_minute else "idle"


def _inbound(drill: Drill, gateway: GatewayReading, server: ServerReading) -> tuple[Hop, Hop]:
    organisation, now_ms = drill.scenario.organisation, drill.now_ms
    name, seen = organisation.server.name, Seen(gateway_console.NAME, gateway.at_ms)
    if gateway.at_ms == now_ms:
        senders = f"{organisation.correspondent_count:,} correspondents"
        queued = f"{gateway.depth:,} queued"
        return (
            Hop("Internet", "Gateway", _flow(gateway.arriving), gateway.arriving, senders, seen),
            Hop("Gateway", name, gateway.deliveries, gateway.taken, queued, seen),
        )
    into = Hop("Internet", "Gateway", "unknown", 0, _silent(drill, gateway.at_ms), seen)
    by_server = Seen(server_console.NAME, server.at_ms)
    if server.at_ms == now_ms:
        return into, Hop("Gateway", name, _flow(server.taken), server.taken, "server's view", by_server)
    return into, Hop("Gateway", name, "unknown", 0, _silent(drill, server.at_ms), by_server)


def _straight(drill: Drill, server: ServerReading) -> Hop:
    """The route from the internet to the server, for an organisation without a gateway."""
    name, seen = drill.scenario.organisation.server.name, Seen(server_console.NAME, server.at_ms)
    if server.at_ms < drill.now_ms:
        return Hop("Internet", name, "unknown", 0, _silent(drill, server.at_ms), seen)
    senders = f"{drill.scenario.organisation.correspondent_count:,} correspondents"
    return Hop("Internet", name, _flow(server.direct), server.direct, senders, seen)


def _past_the_gateway(drill: Drill, server: ServerReading) -> tuple[Hop, ...]:
    name, found = drill.scenario.organisation.server.name, list[Hop]()
    backup = backup_console.read(drill)
    if backup.ever and (backup.arriving or backup.depth or backup.taken or "backup" in drill.dns.route):
        seen = Seen(backup_console.NAME, backup.at_ms)
        found.append(Hop("Internet", "Backup", _flow(backup.arriving), backup.arriving, "", seen))
        queued = f"{backup.depth:,} queued"
        found.append(Hop("Backup", name, backup.deliveries, backup.taken, queued, seen))
    if server.direct:
        seen = Seen(server_console.NAME, server.at_ms)
        if server.at_ms == drill.now_ms:
            found.append(Hop("Internet", name, _flow(server.direct), server.direct, "straight", seen))
    return tuple(found)


def _out(drill: Drill, gateway: GatewayReading, server: ServerReading) -> tuple[Hop, ...]:
    """The route from the server, or instead from users' apps, to the outside."""
    beyond = _NEXT[drill.protection.connector]
    first = _from_server(drill, gateway, server, beyond)
    if beyond == "Internet":
        return (first,)
    if beyond == "Secondary":
        told = Seen(backup_console.NAME, drill.now_ms)
        rate = server.handed if server.at_ms == drill.now_ms else 0
        return first, Hop(beyond, "Internet", _flow(rate), rate, "", told)
    seen = Seen(gateway_console.NAME, gateway.at_ms)
    if gateway.at_ms < drill.now_ms:
        return first, Hop(beyond, "Internet", "unknown", 0, _silent(drill, gateway.at_ms), seen)
    return first, Hop(beyond, "Internet", _flow(gateway.leaving), gateway.leaving, "", seen)


def _from_server(drill: Drill, gateway: GatewayReading, server: ServerReading, beyond: str) -> Hop:
    name, now_ms = drill.scenario.organisation.server.name, drill.now_ms
    by_apps = drill.continuity.in_force() is not None
    by_server = Seen(server_console.NAME, server.at_ms)
    if server.at_ms == now_ms:
        told = f"{server.waiting:,} queued" if server.waiting else "from the server"
        writer = f"{name}, apps" if by_apps else name
        return Hop(writer, beyond, server.leaving, server.handed, told, by_server)
    if by_apps and gateway.at_ms == now_ms and beyond == "Gateway":
        seen = Seen(gateway_console.NAME, now_ms)
        return Hop("Users' apps", beyond, _flow(gateway.leaving), gateway.leaving, "in continuity", seen)
    return Hop(name, beyond, "unknown", 0, _silent(drill, server.at_ms), by_server)


def _silent(drill: Drill, at_ms: int) -> str:
    return f"since {drill.clock(at_ms)}"


# The ledger


def ledger(
    drill: Drill, gateway: GatewayReading, server: ServerReading
) -> tuple[tuple[str, tuple[tuple[str, SeenCount], ...]], ...]:
    """The accounts of mail by custody; each figure comes from the one system that can show it."""
    backup = backup_console.read(drill)
    shown = []
    for direction, name in enumerate(DIRECTIONS):
        accounts = [
            *_at_gateway(direction, gateway),
            *_at_server(direction, server),
            *_at_backup(direction, backup),
            *(_sent_out(drill, gateway, server) if direction == _OUT else ()),
        ]
        order = ("gateway_queue", "server_queue", "relay_queue", "delivered", "junked", "bounced", "rejected")
        accounts = _added_up(accounts)
        accounts.sort(key=lambda one: order.index(one[0]))
        shown.append((name, tuple((account, figure) for account, figure in accounts if figure.count)))
    return tuple(shown)


def _added_up(accounts: list[tuple[str, SeenCount]]) -> list[tuple[str, SeenCount]]:
    """Each account once: messages returned by two systems are added up, with the age of the older figure."""
    found: dict[str, SeenCount] = {}
    for account, figure in accounts:
        before = found.get(account)
        if before is None or not before.count:
            found[account] = figure
        elif figure.count:
            older = min(before.seen, figure.seen, key=lambda seen: seen.at_ms)
            found[account] = SeenCount(before.count + figure.count, older)
    return list(found.items())


def _at_gateway(direction: int, gateway: GatewayReading) -> list[tuple[str, SeenCount]]:
    seen = Seen(gateway_console.NAME, gateway.at_ms)
    figures = [("gateway_queue", SeenCount(gateway.queued[direction], seen))]
    figures.append(("bounced", SeenCount(gateway.returned[direction], seen)))
    figures.append(("rejected", SeenCount(gateway.rejected[direction], seen)))
    return figures


def _at_server(direction: int, server: ServerReading) -> list[tuple[str, SeenCount]]:
    seen = Seen(server_console.NAME, server.at_ms)
    figures = [("server_queue", SeenCount(server.accepted[direction], seen))]
    if direction == _OUT:
        figures.append(("bounced", SeenCount(server.returned, seen)))
        figures.append(("rejected", SeenCount(server.rejected, seen)))
        return figures
    figures.append(("delivered", SeenCount(server.delivered[direction], seen)))
    if direction == _IN:
        figures.append(("junked", SeenCount(server.junked, seen)))
        figures.append(("rejected", SeenCount(server.refused, seen)))
    return figures


def _at_backup(direction: int, backup: BackupReading) -> list[tuple[str, SeenCount]]:
    if direction != _IN:
        return []
    return [("relay_queue", SeenCount(backup.depth, Seen(backup_console.NAME, backup.at_ms)))]


def _sent_out(drill: Drill, gateway: GatewayReading, server: ServerReading) -> list[tuple[str, SeenCount]]:
    """The number of outbound messages passed on by the gateway, through which all outbound mail passes
    until the connector points elsewhere.
    """
    if drill.protection.connected:
        return [("delivered", SeenCount(server.delivered[_OUT], Seen(server_console.NAME, server.at_ms)))]
    return [("delivered", SeenCount(gateway.sent_out, Seen(gateway_console.NAME, gateway.at_ms)))]
