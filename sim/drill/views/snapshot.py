"""The part of a drill that a trainee may see. Reading it does not change anything.

Views are made from instruments' readings (`sim.drill.instruments`), from people's own actions and records,
and from the organisation's file; they never look at the world.
"""

from sim.drill.drill import Drill
from sim.drill.instruments import helpdesk_count
from sim.drill.room.staff import Desk
from sim.drill.scoring.objectives import shown_verdicts
from sim.drill.scoring.verdicts import limit_of
from sim.drill.snapshot.console import LISTED, AlertView, ObjectiveView, PersonView, Snapshot
from sim.drill.views.incident_room import room_view
from sim.drill.views.mail_flow import continuity_view, hops, ledger, queue_view
from sim.drill.views.mail_routes import protection_view
from sim.drill.views.zone import dns_view


def snapshot(drill: Drill, listed: int = LISTED) -> Snapshot:
    """Everything that the console shows now; at most `listed` messages."""
    scenario = drill.scenario
    local = drill.local(drill.now_ms)
    gateway, server = drill.last_seen.gateway_on_screen(), drill.last_seen.server_on_screen()
    return Snapshot(
        t_ms=drill.now_ms,
        local=f"{local:%a} {local.day} {local:%b %Y %H:%M:%S %Z}",
        title=scenario.neutral_title,
        hops=hops(drill, gateway, server),
        queue=queue_view(drill, gateway),
        continuity=continuity_view(drill, gateway),
        ledger=ledger(drill, gateway, server),
        users=scenario.organisation.users,
        helpdesk=helpdesk_count.read(drill),
        alerts=_alerts(drill),
        people=_people(drill),
        objectives=_objectives(drill),
        mail=drill.last_seen.mail_on_screen(listed),
        ended=drill.ended,
        room=room_view(drill.room, scenario.rules.words, drill.now_ms),
        dns=dns_view(drill.dns, drill.now_ms),
        protection=protection_view(drill, server),
        behind_gateway=scenario.organisation.behind_gateway,
    )


def _alerts(drill: Drill) -> tuple[AlertView, ...]:
    if not drill.alerting.known:
        return ()  # no person could acknowledge them
    return tuple(
        AlertView(alert.source, alert.source, alert.since_ms, alert.episode.acknowledged, alert.link_until_ms)
        for alert in drill.alerting.open.values()
    )


def _people(drill: Drill) -> tuple[PersonView, ...]:
    return tuple(_person(drill, desk, drill.now_ms) for desk in drill.staff.desks)


def _person(drill: Drill, desk: Desk, now_ms: int) -> PersonView:
    holds = [
        (one.vendor, one.from_ms)
        for one in drill.room.phone.holds
        if one.by == desk.person.name and one.from_ms <= now_ms < one.until_ms and one.ended_ms is None
    ]
    ahead = [task for task in desk.tasks if now_ms < task.done_ms]
    return PersonView(
        id=desk.person.id,
        name=desk.person.name,
        role=desk.person.role,
        doing=desk.doing(now_ms),
        free_at_ms=desk.free_told_ms(now_ms),
        since_ms=ahead[0].starts_ms if ahead and ahead[0].starts_ms <= now_ms else None,
        done_at_ms=desk.done_told_ms(now_ms),
        then=tuple(task.text for task in ahead[1:]),
        hours=desk.person.hours or "",
        on_hold=tuple(holds),
        at_work=drill.staff.on_duty(desk, now_ms),
    )


def _objectives(drill: Drill) -> tuple[ObjectiveView, ...]:
    return tuple(
        ObjectiveView(objective.id, objective.learns, limit_of(objective), verdict.state, verdict.at_ms)
        for objective, verdict in shown_verdicts(drill)
    )
