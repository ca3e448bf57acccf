"""One SMTP server of the lab: its port follows the world, and its clients get the answers of the model."""

from collections.abc import Set

from sim.drill.services.wire import Door
from sim.live.gate import LabGate
from sim.live.lab_session import LabSession
from sim.live.listener import SIZE_LIMIT, Listener
from sim.live.mailbox import Mailbox
from sim.live.smtp import MxHooks
from sim.live.store import Store


class LiveHost:
    """A server with a port of its own. Raises PortTaken at construction."""

    def __init__(
        self,
        door: Door,
        drill: LabSession,
        own: Set[int],
        hooks: MxHooks | Store,
        *,
        box: Mailbox | None = None,
        port: int = 0,
        size_limit: int = SIZE_LIMIT,
    ) -> None:
        """Reserve the port (0: a free one), closed until `follow`. `box`: where its mail is stored."""
        self.door, self.box = door, box
        self._gate = LabGate(drill, door, own)
        hooks.gate = self._gate
        self.listener = Listener(hooks, hooks.host, self._gate, port=port, size_limit=size_limit)

    @property
    def port(self) -> int:
        """The number of its port."""
        return self.listener.port

    async def follow(self) -> bool:
        """Bring the port up to date with the drill. Returns True if it was just opened. Raises PortTaken."""
        self._gate.follow()
        return await self.listener.become(self._gate.meets().port)
