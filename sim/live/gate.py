"""One SMTP server of the lab: it gives real clients the answers of the simulated host, at the same pace.

The state of a port consists of the first contacts of its greylist, the number of attempts for each message,
and the busy connections. All times are simulated; `follow` lets waiting clients continue.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Set
from typing import Protocol

from aiosmtpd.smtp import SMTP, Envelope, Session

from sim.drill.services.real_mail import domain_of
from sim.drill.services.wire import Attempt, Door, PortAnswer
from sim.live.certificate import StartTls
from sim.live.data_phase import Room
from sim.live.disk.mailbox import Mailbox
from sim.live.lab_session import LabSession
from sim.live.listener import SIZE_LIMIT, Listener

REMEMBERED = 10_000
"""Number of senders and messages whose earlier attempts a port remembers; it forgets the oldest first."""
GREYLISTED = "451 4.7.1 Greylisted, please try again later"
OVER = "451 4.3.2 The drill is over, no more mail is accepted"


class LabGate:
    """The gate of one port. `own`: ports of the lab's own connections, which always get through."""

    def __init__(self, drill: LabSession, door: Door, own: Set[int]) -> None:
        self._drill, self._door, self._own = drill, door, own
        self._connections = 0
        self._tries, self._came_ms = Remembered(), Remembered()
        self._free_ms: list[int] = []
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    def meets(self) -> PortAnswer:
        """The answer of the port now."""
        return self._drill.meets(self._door)

    def follow(self) -> None:
        """Let the clients whose waiting time is over continue; called when the simulated clock has
        advanced.
        """
        now_ms, kept = self._drill.now_ms, []
        for until_ms, waiting in self._waiting:
            if waiting.done():
                continue
            if until_ms <= now_ms:
                waiting.set_result(None)
            else:
                kept.append((until_ms, waiting))
        self._waiting = kept

    # The points of a session

    def at_connect(self, peer: object) -> str:
        """Admit a connection, as in `sim.live.connection.Gate`: a share of connections may be lost or cut."""
        if self.is_own(peer):
            return ""
        self._connections += 1
        met = self.meets()
        if met.step != "connect" or not self._drill.hits(met, Attempt(self._connections)):
            return ""
        return {"refused": "closed", "timeout": "silent"}.get(met.answer, met.reply)

    def at_mail(self, session: Session) -> str:
        """The reply to MAIL; empty if accepted."""
        if self.is_own(session.peer):
            return ""
        if self._drill.ended:
            return OVER
        met = self.meets()
        return met.reply if met.step == "mail" and self._drill.hits(met, Attempt(1)) else ""

    def at_rcpt(self, session: Session, envelope: Envelope, recipient: str) -> str:
        """The reply to RCPT; empty if accepted. The RCPT counts as one attempt by this sender and
        recipient.
        """
        if self.is_own(session.peer):
            return ""
        sender, met = envelope.mail_from or "", self.meets()
        tries = self._tries.count(sender, recipient)
        if met.answer in {"defer", "reject"} and self._drill.hits(met, Attempt(tries, sender, recipient)):
            return met.reply
        return GREYLISTED if self._puts_off(met, sender, recipient) else ""

    def _puts_off(self, met: PortAnswer, sender: str, recipient: str) -> bool:
        if not met.greylist_ms:
            return False
        contact = (domain_of(sender), recipient if met.by_pair else "")
        came_ms = self._came_ms.setdefault(contact, self._drill.now_ms)
        return self._drill.now_ms < came_ms + met.greylist_ms

    async def at_data(self, server: SMTP, envelope: Envelope) -> str:
        """Wait for a free connection of the simulated server and for its time per message, then accept."""
        met, now_ms = self.meets(), self._drill.now_ms
        if not met.per_message_ms or self.is_own(server.session.peer if server.session else None):
            return ""
        self._free_ms = sorted(free_ms for free_ms in self._free_ms if free_ms > now_ms)
        busy = len(self._free_ms) - (met.servers or len(self._free_ms) + 1)
        starts_ms = now_ms if busy < 0 else self._free_ms[busy]
        ends_ms = starts_ms + met.per_message_ms
        self._free_ms.append(ends_ms)
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append((ends_ms, waiting))
        await waiting
        return ""

    def is_own(self, peer: object) -> bool:
        """As in `sim.live.connection.Gate`: the lab's own connections are known by their port."""
        return isinstance(peer, tuple) and peer[1] in self._own


class Remembered:
    """A number for each of the latest contacts, which are addresses without regard to case.

    Only a hash of each contact is kept, because the addresses of strangers would take 60 MB.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, int] = OrderedDict()

    def get(self, contact: tuple[str, str], default: int) -> int:
        """The number of a contact; `default` if the contact is not remembered."""
        return self._kept.get(_hash(contact), default)

    def setdefault(self, contact: tuple[str, str], first: int) -> int:
        """The number of a contact; if it is not remembered, its number becomes `first`."""
        return self._keep(_hash(contact), first)

    def count(self, *contact: str) -> int:
        """The number of calls of this method for the contact so far, counting from 1."""
        key = _hash(contact)
        self._kept[key] = number = self._keep(key, 0) + 1
        return number

    def _keep(self, key: bytes, first: int) -> int:
        value = self._kept.setdefault(key, first)
        self._kept.move_to_end(key)
        if len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)
        return value


def _hash(contact: tuple[str, ...]) -> bytes:
    text = "\0".join(contact).lower()
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Hooks(Protocol):
    """aiosmtpd hooks of one of the lab's servers."""

    host: str
    """The host name in the greeting."""
    gate: LabGate


class LiveHost:
    """A server with its own port. Raises PortTaken at construction."""

    def __init__(
        self,
        door: Door,
        drill: LabSession,
        own: Set[int],
        hooks: Hooks,
        *,
        box: Mailbox | None = None,
        port: int = 0,
        size_limit: int = SIZE_LIMIT,
        tls: StartTls | None = None,
        room: Room | None = None,
    ) -> None:
        """Reserve the port (0: a free one), closed until `follow`. `box`: where its mail is stored."""
        self.door, self.box = door, box
        self._gate = LabGate(drill, door, own)
        hooks.gate = self._gate
        self.listener = Listener(
            hooks, hooks.host, self._gate, port=port, size_limit=size_limit, tls=tls, room=room
        )

    @property
    def port(self) -> int:
        """The number of the server's port."""
        return self.listener.port

    def meets(self) -> PortAnswer:
        """The answer of the port in the drill now."""
        return self._gate.meets()

    async def follow(self) -> bool:
        """Bring the port up to date with the drill. Returns True if it was just opened. Raises PortTaken."""
        self._gate.follow()
        return await self.listener.become(self._gate.meets().port)
