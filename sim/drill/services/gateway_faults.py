"""A failing gateway: its effect on senders, the mail server's connector, and its own console.

Truth. If faults overlap, the most serious one decides, separately for each direction and for the console.
"""

from collections.abc import Callable, Iterable
from typing import Literal

from sim.drill.scenario.fault import Fault
from sim.drill.scenario.fault_kinds import ConsoleTrouble
from sim.drill.services.console_state import Condition
from sim.mail.message.receiver_draws import Sharers
from sim.mail.routes.connector import GATEWAY as CONNECTOR
from sim.mail.routes.inbound import GATEWAY
from sim.mail.senders.hosts.host import Behaviour
from sim.mail.world import World

OF: dict[str, Sharers] = {"sender": "senders", "network": "networks", "platform": "platforms"}
"""For each value of a fault's key `by`: the kind of items, a share of which the fault affects. Without
that key, the kind of fault decides.
"""
_CONSOLE: tuple[ConsoleTrouble, ...] = ("unreachable", "slow", "stale", "works")


class GatewayTrouble:
    """The state of the gateway under the faults in force."""

    def __init__(self, world: Callable[[], World], console_lags_ms: int) -> None:
        """`world`: the world now. `console_lags_ms`: how old the figures of the gateway's console are
        while it shows old ones.
        """
        self._present, self._console_lags_ms = world, console_lags_ms
        self._inbound: tuple[Behaviour, tuple[str, ...]] = (Behaviour(), GATEWAY)
        self._outbound = Behaviour()
        self.dead = False
        """True if the whole gateway is down, so that it does not process or release any mail that it
        holds.
        """
        self._holds: tuple[tuple[str, ...], bool] = ((), False)
        self.console: ConsoleTrouble = "works"
        """The condition of the administrators' console and of users' apps."""
        self._since_ms = 0
        self.replies: dict[Literal["inbound", "outbound"], str] = {}
        """The gateway's reply to attempts in each direction, as set by the fault that decides; see `wire`."""

    @property
    def _world(self) -> World:
        return self._present()

    @property
    def takes_outbound(self) -> bool:
        """True if the gateway accepts and passes on mail from the mail server's connector."""
        return self._outbound.answer == "up" and not self._holds[1]

    def console_holds_back(self, now_ms: int) -> dict[Condition, int]:
        """The condition that keeps the gateway's console from showing current figures, and the time of the
        figures shown.
        """
        match self.console:
            case "unreachable":
                return {"unreachable": self._since_ms}
            case "stale":
                return {"lagging": max(now_ms - self._console_lags_ms, self._since_ms)}
            case _:
                return {}

    def come_to(self, in_force: Iterable[Fault], now_ms: int) -> None:
        """Apply the gateway's faults in `in_force` to the world."""
        before = self.console
        of_gateway = [fault for fault in in_force if fault.kind.component == "gateway"]
        faults = [fault for fault in of_gateway if fault.kind.fails_attempts]
        self.console = min((fault.console_state for fault in of_gateway), key=_CONSOLE.index, default="works")
        if self.console != before:
            self._since_ms = now_ms
            self._world.apps_reach(self.console != "unreachable")
        inbound, outbound = (_gravest(faults, direction) for direction in ("inbound", "outbound"))
        self.replies = {"inbound": _text(inbound), "outbound": _text(outbound)}
        self._filter(_slowest_ms(of_gateway, "inbound"), _slowest_ms(of_gateway, "outbound"))
        self._live(not any(_kills(fault) for fault in faults))
        hosts = GATEWAY[:1] if inbound is not None and inbound.hosts == "one" else GATEWAY
        if self.dead:
            self._hold(*self._holds)
        else:
            self._hold(_holding(inbound, hosts), bool(_holding(outbound, GATEWAY)))
        self._answer(_behaviour(inbound, by_senders=True), hosts)
        if _behaviour(outbound) != self._outbound:
            self._outbound = _behaviour(outbound)
            self._world.gateway_door.outbound_becomes(CONNECTOR, self._outbound)

    def _filter(self, inbound_ms: int | None, outbound_ms: int | None) -> None:
        if inbound_ms != self._world.cloud.processing.every_ms:
            self._world.cloud.filters(inbound_ms, dead=self.dead)
        self._world.writers.outgoing.filters(outbound_ms)

    def _live(self, lives: bool) -> None:
        if self.dead == lives:
            self.dead = not lives
            self._world.gateway_door.revives() if lives else self._world.gateway_door.dies()

    def _answer(self, behaviour: Behaviour, hosts: tuple[str, ...]) -> None:
        if (behaviour, hosts) == self._inbound or (behaviour == self._inbound[0] == Behaviour()):
            return
        self._inbound = (behaviour, hosts)
        self._world.gateway_door.becomes(Behaviour(), [name for name in GATEWAY if name not in hosts])
        self._world.gateway_door.becomes(behaviour, hosts)

    def _hold(self, hosts: tuple[str, ...], outbound: bool) -> None:
        if (hosts, outbound) != self._holds:
            self._holds = (hosts, outbound)
            self._world.gateway_door.holds(hosts, outbound=outbound)


def _slowest_ms(faults: list[Fault], direction: str) -> int | None:
    hit = [fault.per_message_ms for fault in faults if fault.direction in ("both", direction)]
    return max((one for one in hit if one is not None), default=None)


def _gravest(faults: list[Fault], direction: str) -> Fault | None:
    hit = [fault for fault in faults if fault.direction in ("both", direction)]
    return min(reversed(hit), key=lambda fault: fault.leniency, default=None)


def _kills(fault: Fault) -> bool:
    """True if the whole gateway is down: none of its hosts answers in either direction."""
    return fault.kind.silent and fault.hits_all and fault.hosts == "both" and fault.direction == "both"


def _holding(fault: Fault | None, hosts: tuple[str, ...]) -> tuple[str, ...]:
    return hosts if fault is not None and fault.kind.answer == "up" else ()


def _behaviour(fault: Fault | None, *, by_senders: bool = False) -> Behaviour:
    if fault is None or fault.kind.answer is None:
        return Behaviour()
    of = OF.get(fault.by, "attempts") if by_senders else "attempts"
    return Behaviour(fault.kind.answer, 10 * (fault.share_percent or 100), of)


def _text(fault: Fault | None) -> str:
    return "" if fault is None else fault.says
