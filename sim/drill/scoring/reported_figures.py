"""What of the figures and milestones that objectives ask for somebody in the room knows already.

What only the debrief can tell (late mail, what senders gave up, or other hosts refused to them, what nobody
filtered) is not here: an objective about it stays open until the drill is over.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.drill.instruments.unapproved_time import minutes, passed_ms, total_ms, unapproved_spans
from sim.drill.room.stakeholder_calls import called_ms
from sim.kernel.duration import MINUTE_MS
from sim.mail.accounts.return_times import Who
from sim.mail.message.traffic import INBOUND

if TYPE_CHECKING:
    from sim.drill.drill import Drill
    from sim.drill.scenario.scenario import Objective

SEEN: tuple[Who, ...] = ("gateway refused", "backup refused", "server refused senders", "server was refused")
"""What was refused for good and stands on a console: what other hosts refused to senders does not."""
BY_GATEWAY_CONSOLE = frozenset({"bounce.first", "queue.drained", "queue.short"})
"""Milestones that its console tells, as soon as its figures are of a later moment."""


def figures(drill: "Drill") -> Mapping[str, int]:
    """Figures of `target.ONLY_GROW` as far as they are known, by name; none is more than the truth."""
    gateway, server = drill.last_seen.gateway(), drill.last_seen.server()
    return {
        "bounced": gateway.returned[INBOUND],
        "rejected": sum(gateway.rejected) + server.rejected + server.refused,
        "words-that-reached-nobody": sum(one.known and not one.reached for one in drill.room.said),
        "open-unapproved-min": minutes(total_ms(unapproved_spans(drill))),
        "unapproved": len(drill.room.approvals.unsound),
        "calls": drill.helpdesk.calls_before(drill.now_ms),
        "executive-calls": len(called_ms(drill.room.stakeholder_calls, "executives")),
        "partner-calls": len(called_ms(drill.room.stakeholder_calls, "partners")),
    }


def beyond(drill: "Drill", figure: str, number: int) -> int | None:
    """When one of these figures was first more than `number`, by what the same instruments tell."""
    returns = drill.world.ledger.returns
    match figure:
        case "bounced":
            return returns.beyond(number, "gateway expired")
        case "rejected":
            return returns.beyond(number, *SEEN)
        case "words-that-reached-nobody":
            moments = [one.t_ms for one in drill.room.said if one.known and not one.reached]
        case "open-unapproved-min":
            return passed_ms(unapproved_spans(drill), number * MINUTE_MS)
        case "unapproved":
            moments = [one.asked_ms for one in drill.room.approvals.unsound]
        case "executive-calls" | "partner-calls":
            moments = called_ms(drill.room.stakeholder_calls, f"{figure.removesuffix('-calls')}s")
        case "calls":
            return drill.helpdesk.beyond(number, drill.now_ms)
        case _:
            return None
    return moments[number] if number < len(moments) else None


def known_to_ms(drill: "Drill", objective: "Objective") -> int:
    """Up to when its deadlines can be judged: what the gateway's console tells, as far as it has told."""
    asked = {deadline.milestone for deadline in (*objective.met, *objective.failed)}
    return drill.last_seen.gateway().at_ms if asked & BY_GATEWAY_CONSOLE else drill.now_ms


def milestones(drill: "Drill") -> Mapping[str, int]:
    """Those that have come and that somebody can know of."""
    seen_ms = drill.last_seen.gateway().at_ms
    return {
        name: t_ms
        for name, t_ms in drill.milestones.items()
        if name in drill.known and (name not in BY_GATEWAY_CONSOLE or t_ms <= seen_ms)
    }
