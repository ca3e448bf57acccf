"""From the world's effects to real SMTP: each carried out once, in order for each destination.

An effect is settled in the journal after the destination has stored it. A crash between the two
repeats the effect after a resume, and the destination's mailbox, which knows it by its number,
answers for it. A destination that does not answer is tried again; the world never hears of it.
"""

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import aiosmtplib

from sim.drill.services.real_mail import Effect
from sim.drill.session.journal import DiskFull
from sim.live import ports
from sim.live.lab_session import LabSession, Say
from sim.live.mailbox import Mailbox

BACKOFF_S = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Wall time between two tries of a destination that does not answer; the last repeats."""
REPLY_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message with its envelope; `sender` is empty for the null sender."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


Write = Callable[[Effect], Outgoing]
"""The message that carries an effect out. Raises FileNotFoundError when its letter is gone."""


class Route:
    """The way to one destination: what waits for it, first come first served."""

    def __init__(
        self,
        name: str,
        port: int,
        box: Mailbox,
        *,
        drill: LabSession,
        helo: str,
        write: Write,
        say: Say,
    ) -> None:
        self.name, self.port, self.box = name, port, box
        self.waiting: deque[Effect] = deque()
        self._drill, self._helo, self._write, self._say = drill, helo, write, say
        self._task: asyncio.Task[None] | None = None
        self._awake = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()

    def add(self, effect: Effect) -> None:
        """Put an effect at the end of the line and see to it that somebody works on it."""
        self.waiting.append(effect)
        self._quiet.clear()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work(), name=f"mxdrill {self.name}")

    def try_now(self) -> None:
        """The destination may answer again: do not sit out the rest of the pause."""
        self._awake.set()

    async def quiet(self) -> None:
        """Return when nothing waits, or nothing can be done about it now."""
        await self._quiet.wait()

    async def stop(self) -> None:
        """Stop working; what waits is in the journal and is carried out after a resume."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _work(self) -> None:
        try:
            await self._serve()
        finally:
            self._quiet.set()

    async def _serve(self) -> None:
        failures = 0
        while self.waiting:
            self._awake.clear()
            why = await self._carry_out(self.waiting[0])
            if not why:
                self.waiting.popleft()
                if failures:
                    self._say(f"{self.name} on port {self.port} accepts mail again")
                failures = 0
                continue
            failures += 1
            self._quiet.set()
            pause_s = BACKOFF_S[min(failures, len(BACKOFF_S)) - 1]
            if failures == 1:
                self._say(f"{self.name} on port {self.port}: {why}; {len(self.waiting)} queued, retrying")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), pause_s)
            self._quiet.clear()

    async def _carry_out(self, effect: Effect) -> str:
        """Send and settle one effect; why it could not be done, empty when it is over."""
        try:
            if not self.box.has(effect.n):
                await self._send(self._write(effect))
            self._drill.settle(effect.n)
        except FileNotFoundError:
            self._say(f"the file of message {effect.message} is missing from the spool; it is not sent")
        except DiskFull as full:
            return str(full)
        except (OSError, aiosmtplib.SMTPException) as failed:
            return _in_words(failed)
        return ""

    async def _send(self, message: Outgoing) -> None:
        """One SMTP transaction over loopback; every recipient is taken, or it raises."""
        client = aiosmtplib.SMTP(
            sock=await ports.connect(self.port),
            local_hostname=self._helo,  # else it would ask the system's resolver for a name
            start_tls=False,
            timeout=REPLY_TIMEOUT_S,
        )
        async with client:
            refused, _ = await client.sendmail(message.sender, message.recipients, message.content)
            if refused:
                raise aiosmtplib.SMTPRecipientsRefused(
                    [
                        aiosmtplib.SMTPRecipientRefused(code, text, who)
                        for who, (code, text) in refused.items()
                    ]
                )


def _in_words(failed: OSError | aiosmtplib.SMTPException) -> str:
    """One line: the reply, or the system's own words."""
    if isinstance(failed, aiosmtplib.SMTPResponseException):
        return f"{failed.code} {' '.join(failed.message.split())}"
    if isinstance(failed, OSError) and failed.errno:
        return os.strerror(failed.errno).lower()
    return " ".join(str(failed).split()) or type(failed).__name__


class Bridge:
    """Hands the effects of a drill to the routes; `take` is called after each advance."""

    def __init__(self, drill: LabSession, relay: Route, bounce: Route) -> None:
        self._drill, self._relay, self._bounce = drill, relay, bounce
        self._seen = 0

    def take(self) -> None:
        """Put what has happened since the last call in line. What is settled is never done again.

        The moment is journaled first: a resumed drill has come at least this far, so what has been
        sent stays part of its history whatever people do next. Raises DiskFull: then nothing is sent.
        """
        fresh = self._drill.effects(self._seen)
        if not fresh:
            return
        self._drill.mark()
        settled = self._drill.settled
        for effect in fresh:
            self._seen = effect.n + 1
            nobody = effect.kind == "bounce" and not effect.envelope_from  # RFC 5321 6.1: never bounced
            if effect.n not in settled and not nobody:
                (self._relay if effect.kind == "relay" else self._bounce).add(effect)

    @property
    def waiting(self) -> int:
        """Effects that are still to be carried out."""
        return len(self._relay.waiting) + len(self._bounce.waiting)

    async def quiet(self) -> None:
        """Return when each route has nothing to do, or waits for a destination that does not answer."""
        await self._relay.quiet()
        await self._bounce.quiet()

    async def stop(self) -> None:
        """Stop both routes; nothing is lost by it."""
        await self._relay.stop()
        await self._bounce.stop()
