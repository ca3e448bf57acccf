"""The gateway's deliveries: pause, resume, a limit."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from sim.drill.commands.command import Command, Facts, InYourProduct, arg
from sim.drill.commands.gateway.selection import Side, deliveries, is_number, side
from sim.drill.drill import Drill
from sim.drill.people.noticed_trouble import mail_comes_or_not
from sim.drill.room.decisions import DecisionTaken
from sim.drill.scenario.milestones import Milestone
from sim.kernel.duration import MINUTE_MS
from sim.kernel.plural import counted


@dataclass(frozen=True, slots=True)
class DeliveriesPause(Command):
    """Pause deliveries to the mail server or to the internet: mail waits, is not tried, does not bounce."""

    side: Side = side()

    words: ClassVar = ("deliveries", "pause")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        undo="deliveries resume",
        exposes="nothing; but nothing tells you any more that the server is back",
        product=InYourProduct(
            path="Mimecast: Gateway | Delivery Routes, pause deliveries",
            who="Basic Administrator or higher",
            how_long="3 minutes",
            simplified="all routes of a direction at once",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if deliveries(drill, self.side).queue.paused:
            again = f"`deliveries resume {self.side}` starts them again"
            return f"{self.side} deliveries are paused already; {again}"
        return None

    def decides(self) -> DecisionTaken:
        return DecisionTaken("pause" if self.side == "inbound" else "outbound pause")

    def act(self, drill: Drill, by: str) -> str:
        one = deliveries(drill, self.side)
        one.pause()
        if self.side == "inbound":
            mail_comes_or_not(drill)
            drill.reach(Milestone.DELIVERIES_PAUSED)
            drill.reach(Milestone.PAUSE_DECIDED)
        return f"{self.side} deliveries paused with {counted(one.queue.depth(), 'message')} in the queue"


@dataclass(frozen=True, slots=True)
class DeliveriesResume(Command):
    """Resume deliveries: everything that waited is offered in arrival order."""

    side: Side = side()

    words: ClassVar = ("deliveries", "resume")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        undo="deliveries pause",
        exposes="what is past its limit bounces if the server refuses it",
        product=InYourProduct(
            path="Mimecast: Gateway | Delivery Routes, resume deliveries",
            who="Basic Administrator or higher",
            how_long="3 minutes; delivery is gradual",
            simplified="not published: whether mail past 96 h bounces at its first failed try; here it does",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if not deliveries(drill, self.side).queue.paused:
            return f"{self.side} deliveries are not paused; `queue retry {self.side}` forces an attempt"
        return None

    def act(self, drill: Drill, by: str) -> str:
        one = deliveries(drill, self.side)
        waiting = one.queue.depth()
        one.resume()
        if self.side == "inbound":
            mail_comes_or_not(drill)
            drill.reach(Milestone.DELIVERIES_RESUMED)
        if one.queue.stopped:
            return f"{self.side} deliveries resumed; nothing moves until the gateway itself works"
        return f"{self.side} deliveries resumed, {counted(waiting, 'message')} offered"


@dataclass(frozen=True, slots=True)
class DeliveriesLimit(Command):
    """Limit how many messages the gateway hands to the mail server at a time; `connections=all` lifts it."""

    side: Literal["inbound"] = arg("choice", "only to the mail server", choices=("inbound",))
    connections: str = arg("word", "at most so many at a time, half of the usual, or all", key="connections")

    words: ClassVar = ("deliveries", "limit")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        undo="deliveries limit inbound connections=all",
        exposes="nothing; but a limit that is left in place makes every later backlog slow",
        product=InYourProduct(
            path="Exchange Server, at its own end: Set-ReceiveConnector -MaxInboundConnectionPerSource, or "
            "-MaxInboundConnection for all of the gateway's addresses together, on the connector the gateway "
            "delivers to; a gateway of your own on Postfix: default_destination_concurrency_limit; at a "
            "hosted gateway, and at Exchange Online, none is published",
            who="Organization Management; with Postfix whoever runs it",
            how_long="3 minutes, as soon as Exchange's shell answers",
            simplified="at the gateway, so that it can be set while the server is down and nothing is turned "
            "away; Exchange turns away with 421 4.3.2 what is more than its limit, and that is tried again",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if self.connections == "all":
            return None if drill.world.cloud.most_connections else "deliveries are not limited; leave them so"
        usual = drill.world.endpoint.usual_pace.connections
        if self.connections == "half":
            return None
        if not is_number(self.connections) or not 1 <= int(self.connections) <= usual:
            given = self.connections
            return f"`{given}` is no limit; write connections=1 to connections={usual}, half or all"
        return None

    def _most(self, drill: Drill) -> int | None:
        if self.connections == "half":
            return max(1, drill.world.endpoint.usual_pace.connections // 2)
        return None if self.connections == "all" else int(self.connections)

    def act(self, drill: Drill, by: str) -> str:
        most = self._most(drill)
        drill.world.limit_deliveries(most)
        if most is None:
            return "inbound deliveries are not limited any more"
        rate = most * MINUTE_MS // drill.world.queue.line.receiver.per_message_ms
        return f"inbound deliveries limited to {most} at a time, at most {rate:,} a minute"
