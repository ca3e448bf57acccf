"""Sends the drill's effects (relays and bounces) over real SMTP: each once, in order for each destination.

An effect is settled in the journal after the destination has stored it. A crash between the two repeats the
effect after a resume; the destination's mailbox recognises its number and does not store the message again.
If a destination does not answer, the bridge retries; this does not affect the simulation.
"""

import asyncio
import contextlib
import errno
from collections import deque
from collections.abc import Callable, Sized
from typing import Protocol

import aiosmtplib

from sim.drill.services.real_mail import Effect, domain_of, rejection_number
from sim.drill.session.journal import DiskFull
from sim.kernel.quantities import counted
from sim.live import ports
from sim.live.disk.mailbox import Mailbox
from sim.live.lab_session import LabSession, Say
from sim.live.outgoing import LargeMessages, Outgoing, Write, hand_over, in_words

SAID_EVERY_S = 3.0
"""Wall time, while the lab is stopping, between reports about messages that still have to be delivered."""
BACKOFF_S = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Wall time between attempts at a destination that does not answer; the last value is used for all further
attempts.
"""


class Route:
    """The route to one destination, with its queue of effects in order of arrival."""

    def __init__(
        self,
        name: str,
        port: int,
        box: Mailbox,
        *,
        drill: LabSession,
        helo: str,
        write: Write,
        large: LargeMessages,
        say: Say,
        own: set[int],
        silent: Callable[[], bool],
    ) -> None:
        """`own`: the lab's own connections, by port. `silent`: True while the destination loses packets."""
        self._own, self._silent = own, silent
        self.name, self.port, self.box = name, port, box
        self.waiting: deque[Effect] = deque()
        self._drill, self._helo, self._write, self._say = drill, helo, write, say
        self._large = large
        self._task: asyncio.Task[None] | None = None
        self._awake = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()

    def add(self, effect: Effect) -> None:
        """Add an effect to the end of the queue, and start processing the queue if it is idle."""
        self.waiting.append(effect)
        self._quiet.clear()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work(), name=f"mxdrill {self.name}")

    def try_now(self) -> None:
        """Cut short the pause between attempts, because the destination may answer again."""
        self._awake.set()

    async def quiet(self) -> None:
        """Return when the queue is empty, or when its destination does not answer."""
        await self._quiet.wait()

    async def stop(self) -> None:
        """Stop sending; the remaining effects are in the journal and are carried out after a resume."""
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
                waiting = counted(len(self.waiting), "message")
                self._say(f"{self.name} on port {self.port}: {why}; {waiting} waiting, retrying")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), pause_s)
            self._quiet.clear()

    async def _carry_out(self, effect: Effect) -> str:
        """Send and settle one effect. Returns the error in one line; empty if the effect is done."""
        try:
            if not self.box.has(effect.n):
                async with self._large.turn(effect):
                    await self._send(self._write(effect))
            self._drill.settle(effect.n)
        except FileNotFoundError:
            self._say(f"message {effect.message} is missing from the spool and is not sent")
        except DiskFull as full:
            return str(full)
        except (OSError, aiosmtplib.SMTPException) as failed:
            return in_words(failed)
        return ""

    async def _send(self, message: Outgoing) -> None:
        """One SMTP transaction over loopback. Raises an error unless every recipient is accepted."""
        if self._silent():
            raise OSError(errno.ETIMEDOUT, "connection timed out")
        link = await ports.connect(self.port, known=self._own)
        own = ports.number(link)
        try:
            refused = await hand_over(link, message, self._helo)
        finally:
            self._own.discard(own)
        if refused:
            raise aiosmtplib.SMTPRecipientsRefused(
                [aiosmtplib.SMTPRecipientRefused(*reply, who) for who, reply in refused.items()]
            )


class Destination(Protocol):
    """The route to one destination, with its queue."""

    @property
    def waiting(self) -> Sized:
        """Effects that are still to be carried out."""

    def add(self, effect: Effect) -> None:
        """Queue an effect, and carry it out in the background."""

    def try_now(self) -> None:
        """Cut short a pause between attempts."""

    async def quiet(self) -> None:
        """Return once the queue is empty, or its messages have to wait."""

    async def stop(self) -> None:
        """Stop sending; the remaining effects are carried out after a resume."""


class Bridge:
    """Passes the effects of a drill on to the routes; `take` is called after each advance."""

    def __init__(self, drill: LabSession, domain: str, inside: Destination, outside: Destination) -> None:
        """`inside`: the route to the mail server of `domain`; `outside`: the route to everyone else."""
        self._drill, self._domain, self._inside, self._outside = drill, domain, inside, outside
        self._seen = 0

    def take(self) -> None:
        """Queue the effects since the last call. Settled effects are never repeated.

        The current time is journaled first, so that a resumed drill reaches at least this time, and mail that
        was sent always stays part of its history. Raises DiskFull, in which case nothing is sent.
        """
        fresh = self._drill.effects(self._seen)
        if not fresh:
            return
        self._drill.mark()
        settled = self._drill.settled
        self._seen += len(fresh)
        for effect in fresh:
            # RFC 5321 6.1: a null sender is never notified
            to_nobody = effect.kind != "relay" and not effect.envelope_from
            done = effect.n in settled
            # also if the user's own mail server has rejected it and it has bounced
            if effect.kind == "relay":
                done = done or rejection_number(effect.n) in settled
            if not (done or to_nobody):
                self.put(effect)

    def put(self, effect: Effect) -> None:
        """Queue one effect on its route."""
        (self._inside if self._is_inside(effect) else self._outside).add(effect)

    def _is_inside(self, effect: Effect) -> bool:
        if effect.kind == "relay":
            return effect.way != "smart host"
        return domain_of(effect.envelope_from) == self._domain

    @property
    def waiting(self) -> int:
        """Effects that are still to be carried out."""
        return len(self._inside.waiting) + len(self._outside.waiting)

    async def quiet(self) -> None:
        """Return when each route either has an empty queue or has a destination that does not answer."""
        await self._inside.quiet()
        await self._outside.quiet()

    async def deliver_the_rest(self, at_once: asyncio.Event, say: Say) -> None:
        """Return when all mail that can be delivered now is delivered, or when `at_once` is set.

        `say` gets regular reports about how many messages remain.
        """
        quiet = asyncio.ensure_future(self.quiet())
        hurry = asyncio.ensure_future(at_once.wait())
        try:
            while not (quiet.done() or at_once.is_set()):
                await asyncio.wait((quiet, hurry), timeout=SAID_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
                if not (quiet.done() or at_once.is_set()):
                    say(f"delivering {self._remaining} first; stopping immediately loses none")
            if at_once.is_set() and self.waiting:
                say(f"stopped immediately: {self._remaining} will be delivered after a resume")
        finally:
            quiet.cancel()
            hurry.cancel()

    @property
    def _remaining(self) -> str:
        return counted(self.waiting, "message")

    async def stop(self) -> None:
        """Stop both routes; messages are not lost."""
        await self._inside.stop()
        await self._outside.stop()
