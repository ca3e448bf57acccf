"""Commands that pause, resume and limit the gateway's deliveries."""

from typing import ClassVar, Literal

from sim.drill.commands.command import Command, arg
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.commands.gateway.selection import Side, deliveries, is_number, side
from sim.drill.drill import Drill
from sim.drill.people.missed_mail import mail_comes_or_not
from sim.drill.room.decisions import DecisionTaken
from sim.drill.room.work_given import Turn
from sim.drill.scenario.milestones import Milestone
from sim.kernel.duration import MINUTE_MS, in_words
from sim.kernel.frozen import frozen
from sim.kernel.quantities import counted


@frozen
class DeliveriesPause(Command):
    """Pause deliveries to the mail server or the internet; mail stays queued and does not bounce."""

    side: Side = side()

    words: ClassVar = ("deliveries", "pause")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        undo="deliveries resume",
        exposes="nothing, but deliveries no longer show when the server is back",
        product=InYourProduct(
            path="Mimecast: Gateway | Delivery Routes, pause deliveries",
            who="Basic Administrator or higher",
            how_long="3 minutes",
            simplified="pauses all routes of a direction at once",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if deliveries(drill, self.side).queue.paused:
            again = f"`deliveries resume {self.side}` restarts them"
            return f"{self.side} deliveries are already paused; {again}"
        return None

    def decides(self) -> DecisionTaken:
        return DecisionTaken("pause" if self.side == "inbound" else "outbound pause")

    def act(self, drill: Drill, turn: Turn) -> str:
        one = deliveries(drill, self.side)
        one.pause()
        if self.side == "inbound":
            mail_comes_or_not(drill)
            drill.reach(Milestone.DELIVERIES_PAUSED)
            drill.reach(Milestone.PAUSE_DECIDED)
        return f"{self.side} deliveries paused, {counted(one.queue.depth(), 'message')} in the queue"


@frozen
class DeliveriesResume(Command):
    """Resume deliveries: all queued mail is offered in arrival order."""

    side: Side = side()

    words: ClassVar = ("deliveries", "resume")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        undo="deliveries pause",
        exposes="mail past its limit bounces if the server refuses it",
        product=InYourProduct(
            path="Mimecast: Gateway | Delivery Routes, resume deliveries",
            who="Basic Administrator or higher",
            how_long="3 minutes; delivery is gradual",
            simplified="mail older than 96 h bounces at its first failed attempt; the product's rule is "
            "unpublished",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if not deliveries(drill, self.side).queue.paused:
            return f"{self.side} deliveries are not paused; `queue retry {self.side}` forces an attempt"
        return None

    def act(self, drill: Drill, turn: Turn) -> str:
        one = deliveries(drill, self.side)
        waiting = one.queue.depth()
        one.resume()
        if self.side == "inbound":
            mail_comes_or_not(drill)
            drill.reach(Milestone.DELIVERIES_RESUMED)
        if one.queue.stopped:
            return f"{self.side} deliveries resumed; mail does not move until the gateway itself works"
        return f"{self.side} deliveries resumed, {counted(waiting, 'message')} offered"


@frozen
class DeliveriesLimit(Command):
    """Limit the gateway's simultaneous deliveries to the mail server; `connections=all` lifts the limit."""

    side: Literal["inbound"] = arg(
        "choice", "the direction; only `inbound`, to the mail server, can be limited", choices=("inbound",)
    )
    connections: str = arg(
        "word",
        "the maximum number at a time: a number, `half` of the usual number, or `all`",
        key="connections",
    )

    words: ClassVar = ("deliveries", "limit")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        undo="deliveries limit inbound connections=all",
        exposes="nothing, but a limit left in place slows down every later backlog",
        product=InYourProduct(
            path="Exchange Server, at its own end: Set-ReceiveConnector -MaxInboundConnectionPerSource, or "
            "-MaxInboundConnection for all of the gateway's addresses together, on the connector that "
            "receives "
            "from the gateway; your own gateway on Postfix: default_destination_concurrency_limit; hosted "
            "gateways and Exchange Online do not offer such a setting publicly",
            who="Organization Management; with Postfix its administrator",
            how_long="3 minutes, once Exchange's shell answers",
            simplified="the limit is set at the gateway, so it can be set while the server is down and "
            "connections are not refused; a real Exchange Server refuses connections above its "
            "limit with 421 4.3.2, and the sender retries",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if self.connections == "all":
            return (
                None
                if drill.world.cloud.most_connections
                else "deliveries are not limited, so there is no limit to lift"
            )
        usual = drill.world.endpoint.usual_pace.connections
        if self.connections == "half":
            return None
        if not is_number(self.connections) or not 1 <= int(self.connections) <= usual:
            given = self.connections
            return f"`{given}` is not a limit; write connections=1 to connections={usual}, half or all"
        return None

    def _most(self, drill: Drill) -> int | None:
        if self.connections == "half":
            return max(1, drill.world.endpoint.usual_pace.connections // 2)
        return None if self.connections == "all" else int(self.connections)

    def act(self, drill: Drill, turn: Turn) -> str:
        most = self._most(drill)
        drill.world.server_door.limit_deliveries(most)
        if most is None:
            return "inbound deliveries are no longer limited"
        usual_ms = drill.world.endpoint.usual_pace.per_message_ms
        rate = most * MINUTE_MS // usual_ms
        limited = f"inbound deliveries limited to {most} at a time, at most {rate:,} a minute"
        return limited + _for_now(drill, most)


def _for_now(drill: Drill, most: int) -> str:
    """The delivery rate while back pressure delays each message, if the server's console shows it."""
    endpoint = drill.world.endpoint
    if not endpoint.effect.tarpit_ms or not drill.consoles.server().live:
        return ""
    slowed_ms = endpoint.usual_pace.per_message_ms + endpoint.effect.tarpit_ms
    wait = in_words(endpoint.effect.tarpit_ms)
    return f"; {most * MINUTE_MS // slowed_ms:,} while back pressure lasts, with {wait} at MAIL FROM"
