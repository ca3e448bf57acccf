"""The route to a user's own SMTP server, which takes the place of the lab's mail server.

The simulation decides when a message is handed over; the server decides its fate. A deferred message is
retried until the server accepts or rejects it, and a rejected one bounces to its sender. An effect is settled
after the server's reply, so that a crash in between produces a duplicate, which SMTP cannot prevent (RFC
1047).
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import aiosmtplib

from sim.drill.services.real_mail import Effect, rejected_outside
from sim.drill.session.journal import DiskFull
from sim.kernel.quantities import counted
from sim.live import ports
from sim.live.bridge import BACKOFF_S
from sim.live.certificate import client_context
from sim.live.lab_session import LabSession, Say
from sim.live.outgoing import LargeMessages, Outgoing, TlsFailed, Write, hand_over, in_words

Replies = dict[str, tuple[int, str]]
"""Replies to recipients that were not accepted, as (code, text)."""


@dataclass(slots=True)
class Waiting:
    """A message that the server has not accepted or rejected for all recipients."""

    effect: Effect
    recipients: tuple[str, ...]
    """The recipients that have no final reply yet."""
    due_s: float
    """The time of the next attempt, by the clock of the event loop."""
    tries: int = 0
    reply: str = ""
    """The last reply that deferred the message."""
    rejected: tuple[str, ...] = ()
    rejection: str = ""
    """Permanently rejected recipients, and the most recent reply that rejected one."""


class OwnServer:
    """A `sim.live.bridge.Destination` in which a deferred message does not hold up others."""

    def __init__(
        self,
        port: int,
        *,
        drill: LabSession,
        helo: str,
        write: Write,
        large: LargeMessages,
        say: Say,
        bounce: Callable[[Effect], None],
    ) -> None:
        """`write`: builds messages without a stamp. `bounce`: queues the bounce of a rejected message."""
        self.port = port
        self.waiting: list[Waiting] = []
        self._drill, self._helo, self._write, self._say = drill, helo, write, say
        self._bounce, self._large = bounce, large
        self._failures = 0
        self._trouble = ""
        self._tls, self._tls_trouble = client_context(), ""
        self._task: asyncio.Task[None] | None = None
        self._awake, self._quiet = asyncio.Event(), asyncio.Event()
        self._quiet.set()

    def add(self, effect: Effect) -> None:
        """Queue an effect. The effect is attempted at once, unless the server does not answer."""
        loop = asyncio.get_running_loop()
        down = bool(self._trouble)
        due_s = max((one.due_s for one in self.waiting), default=loop.time()) if down else loop.time()
        self.waiting.append(Waiting(effect, self._recipients(effect), due_s))
        self._quiet.clear()
        self._awake.set()
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._work(), name="mxdrill own mail server")

    def try_now(self) -> None:
        """Cut short a pause between attempts."""
        for one in self.waiting:
            one.due_s = 0
        self._awake.set()

    async def quiet(self) -> None:
        """Return once the queue is empty, or each of its messages waits for its next attempt."""
        await self._quiet.wait()

    async def stop(self) -> None:
        """Stop sending; the remaining effects are in the journal and are carried out after a resume."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    @staticmethod
    def _recipients(effect: Effect) -> tuple[str, ...]:
        return effect.recipients if effect.kind == "relay" else (effect.envelope_from,)

    async def _work(self) -> None:
        try:
            await self._serve()
        finally:
            self._quiet.set()

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        while self.waiting:
            self._awake.clear()
            for one in [one for one in self.waiting if one.due_s <= loop.time()]:
                if not await self._attempt(one):
                    break
            pause_s = min((one.due_s for one in self.waiting), default=0) - loop.time()
            if self._awake.is_set() or pause_s <= 0:
                continue
            self._quiet.set()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), pause_s)
            self._quiet.clear()

    async def _attempt(self, one: Waiting) -> bool:
        """Attempt one message. Returns False if the server does not answer, in which case no other message
        is attempted.
        """
        try:
            async with self._large.turn(one.effect):
                refused = await self._send(one)
            self._sort(one, refused)
            self._answers()
        except FileNotFoundError:
            self._say(f"message {one.effect.message} is missing from the spool and is not sent")
            self.waiting.remove(one)
        except DiskFull as full:
            return self._waits(str(full))
        except (OSError, aiosmtplib.SMTPException) as failed:
            return self._waits(in_words(failed))
        return True

    async def _send(self, one: Waiting) -> Replies:
        """One transaction. Returns the replies to recipients that were not accepted.

        Raises OSError or SMTPException if the server did not answer about this message.
        """
        if not one.recipients:  # its last reply could not be journaled
            return {}
        message = replace(self._write(one.effect), recipients=one.recipients)
        try:
            return await self._hand_over(message)
        except aiosmtplib.SMTPRecipientsRefused as none:
            return {each.recipient: (each.code, each.message) for each in none.recipients}
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as whole:
            if whole.code == 421:  # the server closes the connection, whatever message this was about
                raise
            return dict.fromkeys(one.recipients, (whole.code, whole.message))

    async def _hand_over(self, message: Outgoing) -> Replies:
        """Use TLS if the server offers STARTTLS; continue without it if that fails (RFC 7435:
        opportunistic).
        """
        try:
            refused = await hand_over(await ports.connect(self.port), message, self._helo, self._tls)
        except TlsFailed as failed:
            if str(failed) != self._tls_trouble:
                self._say(
                    f"your mail server on port {self.port}: STARTTLS failed: {failed}; sending without TLS"
                )
            self._tls_trouble = str(failed)
            return await hand_over(await ports.connect(self.port), message, self._helo)
        self._tls_trouble = ""
        return refused

    def _sort(self, one: Waiting, refused: Replies) -> None:
        """Record accepted, rejected and deferred recipients. Raises DiskFull; a retry then only settles
        the effect.
        """
        replies = {who: f"{code} {' '.join(text.split())}" for who, (code, text) in refused.items()}
        rejected = tuple(who for who, (code, _) in refused.items() if code >= 500)
        one.recipients = tuple(who for who in refused if who not in rejected)
        if rejected:
            one.rejected, one.rejection = one.rejected + rejected, replies[rejected[-1]]
        if one.recipients:
            self._defer(one, replies[one.recipients[-1]])
        elif one.rejected:
            self._reject(one)
        else:
            self._drill.settle(one.effect.n)
            self.waiting.remove(one)

    def _defer(self, one: Waiting, reply: str) -> None:
        one.tries += 1
        one.due_s = asyncio.get_running_loop().time() + BACKOFF_S[min(one.tries, len(BACKOFF_S)) - 1]
        if reply != one.reply:
            one.reply = reply
            self._say(f"{self._named(one)} is deferred for {_listed(one.recipients)}: {reply}; retrying")

    def _reject(self, one: Waiting) -> None:
        """Return a message to its sender; with a null sender, the message ends here (RFC 5321 6.1)."""
        effect = one.effect
        line = f"{self._named(one)} is rejected for {_listed(one.rejected)}: {one.rejection}"
        if effect.kind == "relay" and effect.envelope_from:
            now_ms = self._drill.now_ms
            self._bounce(rejected_outside(effect, one.rejected, one.rejection, now_ms))
            self._say(f"{line}; it bounces to {effect.envelope_from}")
        else:
            self._drill.settle(effect.n)
            self._say(f"{line}; its sender is null, so it does not bounce")
        self.waiting.remove(one)

    def _named(self, one: Waiting) -> str:
        return f"your mail server on port {self.port}: {one.effect.kind} of {one.effect.spool}"

    def _waits(self, why: str) -> bool:
        """Defer all messages, because the server does not answer or the journal is full."""
        self._failures += 1
        due_s = asyncio.get_running_loop().time() + BACKOFF_S[min(self._failures, len(BACKOFF_S)) - 1]
        for one in self.waiting:
            one.due_s = max(one.due_s, due_s)
        if why != self._trouble:
            waiting = counted(len(self.waiting), "message")
            self._say(f"your mail server on port {self.port}: {why}; {waiting} waiting, retrying")
        self._trouble = why
        return False

    def _answers(self) -> None:
        if self._trouble:
            self._say(f"your mail server on port {self.port}: delivering again")
            for one in self.waiting:
                if not one.tries:
                    one.due_s = 0
        self._trouble, self._failures = "", 0


def _listed(recipients: Sequence[str]) -> str:
    """The first recipients by name, and the number of the others."""
    shown = ", ".join(recipients[:3])
    return shown if len(recipients) <= 3 else f"{shown} and {len(recipients) - 3} more"
