"""The lab's name servers: the organisation's authority, and one resolver of each kind that the lab
imitates.
"""

from sim.drill.services.zone_records import PERSONAS, ZoneRecords
from sim.kernel.duration import NEVER_MS
from sim.live.dns.answer import NameServer
from sim.live.dns.server import DnsListener
from sim.live.lab_session import LabSession
from sim.mail.dns.dead_spells import Spell

AUTHORITY = "authority"


class LabNames:
    """A port for each name server, for UDP and TCP. Raises PortTaken."""

    def __init__(self, drill: LabSession, port: int = 0) -> None:
        """Reserve the ports; `port`: that of the authority (0: a free one)."""
        self._drill = drill
        self._spells: list[Spell] = []
        self._listeners = {AUTHORITY: self._listener(None, port)}
        for persona in PERSONAS:
            self._listeners[persona] = self._listener(persona)

    def _listener(self, persona: str | None, port: int = 0) -> DnsListener:
        drill = self._drill
        silent = persona is not None and PERSONAS[persona].silent

        def records(_now_ms: int) -> ZoneRecords:
            return drill.zone_records(persona, self._spells)

        def answer(wire: bytes, udp: bool) -> bytes | None:
            if persona is None and not self.authority_answers:
                return None
            return server.answer(wire, udp, drill.now_ms)

        server = NameServer(records, recursive=persona is not None, silent=silent)
        return DnsListener(answer, port)

    @property
    def authority_answers(self) -> bool:
        """True unless the authority was stopped."""
        return not self._spells or self._spells[-1][1] < NEVER_MS

    def stop_authority(self) -> None:
        """Stop answering queries at the authority. Does nothing if it is stopped already."""
        if self.authority_answers:
            self._spells.append((self._drill.now_ms, NEVER_MS))

    def restart_authority(self) -> None:
        """Answer queries at the authority again. Does nothing if it answers already."""
        if not self.authority_answers:
            self._spells[-1] = self._spells[-1][0], self._drill.now_ms

    @property
    def ports(self) -> dict[str, int]:
        """The port of the authority, and of each resolver."""
        return {name: listener.port for name, listener in self._listeners.items()}

    async def open(self) -> None:
        """Start answering on all ports."""
        for listener in self._listeners.values():
            await listener.open()

    async def release(self) -> None:
        """Stop answering, and release the ports."""
        for listener in self._listeners.values():
            await listener.release()

    def describe(self, domain: str) -> list[str]:
        """One line for each port."""
        use = {AUTHORITY: f"DNS: the name servers of {domain}"}
        use |= {name: f"DNS: a resolver with cached answers, as {kind}" for name, kind in PERSONAS.items()}
        return [f"{name:<12} 127.0.0.1:{port:<5}  {use[name]}" for name, port in self.ports.items()]
