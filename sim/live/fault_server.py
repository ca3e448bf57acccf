"""An SMTP server on loopback that fails by rules, and stores the messages that it accepts."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from sim.live.disk.mailbox import Mailbox
from sim.live.gate import Remembered
from sim.live.lab_session import Say
from sim.live.listener import Listener
from sim.live.rule_file import Point, Rule, RuleAttempt, deciding
from sim.live.smtp import BAD_RECIPIENT, BAD_SENDER, NULL_SENDER, RECIPIENTS_LIMIT, is_address, not_written

HOST = "rules.example"
Wait = Callable[[float], Awaitable[None]]
"""Function that waits for the given number of seconds."""


class FaultServer:
    """aiosmtpd hooks and gate of one server. `open` it, and `close` it at the end.

    The server accepts any sender and recipient unless a rule decides otherwise. Raises PortTaken, OSError.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        box: Mailbox,
        say: Say,
        *,
        port: int = 0,
        wait: Wait = asyncio.sleep,
    ) -> None:
        """Tests replace `wait`."""
        self._rules, self._box, self._say, self._wait = rules, box, say, wait
        self._connections = 0
        self._tries = Remembered()
        self._listener = Listener(self, HOST, self, port=port)

    @property
    def port(self) -> int:
        """The number of the server's port."""
        return self._listener.port

    async def open(self) -> None:
        """Accept connections. Raises PortTaken."""
        await self._listener.open()

    async def close(self) -> None:
        """Cut all connections and release the port."""
        await self._listener.release()

    # The points of a session

    def at_connect(self, peer: object) -> str:
        """As in `sim.live.connection.Gate`: the rules of the file may refuse or close the connection."""
        self._connections += 1
        rule = deciding(self._rules, RuleAttempt("connect", self._connections))
        if rule is None:
            return ""
        self._report("connect", rule)
        return "closed" if rule.drop else rule.reply or ""

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept any sender, unless a rule decides otherwise."""
        sender = "" if address == NULL_SENDER else address
        if sender and not is_address(sender):
            return BAD_SENDER
        refusal = await self._act(server, RuleAttempt("mail", self._tries.count(sender, ""), sender))
        if refusal:
            return refusal
        envelope.mail_from = sender
        return "250 2.1.0 Sender OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept any recipient, unless a rule decides otherwise."""
        if not is_address(address):
            return BAD_RECIPIENT
        if len(envelope.rcpt_tos) >= RECIPIENTS_LIMIT:
            return f"452 4.5.3 Too many recipients, {RECIPIENTS_LIMIT} at most"
        sender = envelope.mail_from or ""
        refusal = await self._act(
            server, RuleAttempt("rcpt", self._tries.count(sender, address), sender, address)
        )
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient OK"

    async def at_data(self, server: SMTP, envelope: Envelope) -> str:
        """The reply to DATA; empty if the client may send its message."""
        return await self._act_for_all(server, envelope, "data")

    def is_own(self, peer: object) -> bool:
        """As in `sim.live.connection.Gate`; no connection to this server is the lab's own."""
        return False

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Store the message durably, unless a rule decides otherwise, then acknowledge it."""
        content = envelope.original_content or b""
        try:
            refusal = await self._act_for_all(server, envelope, "end")
            if refusal:
                return refusal
            head = "\r\n".join(
                [
                    f"Return-Path: <{envelope.mail_from}>",
                    *(f"Delivered-To: {one}" for one in envelope.rcpt_tos),
                    "",
                ]
            )
            await self._box.store((head.encode("ascii", "replace"), content), None)
        except OSError as why:
            self._say(f"a message could not be stored: {why.strerror}")
            return not_written(why)
        return "250 2.6.0 Stored"

    async def handle_exception(self, error: Exception) -> str:
        """Reply to a command that could not be parsed, and report it."""
        self._say(f"an SMTP command failed: {error!r}")
        return "451 4.3.0 Local error in processing"

    # Rules

    async def _act_for_all(self, server: SMTP, envelope: Envelope, at: Point) -> str:
        """The first rule that applies to one of the recipients; it decides about the message."""
        sender = envelope.mail_from or ""
        for whom in envelope.rcpt_tos:
            number = self._tries.get((sender, whom), 1)
            tried = RuleAttempt(at, number, sender, whom)
            if deciding(self._rules, tried) is not None:
                return await self._act(server, tried)
        return ""

    async def _act(self, server: SMTP, tried: RuleAttempt) -> str:
        """Carry out the deciding rule. Returns its reply; empty if the client may continue."""
        rule = deciding(self._rules, tried)
        if rule is None:
            return ""
        self._report(
            f"{tried.at} from {tried.sender or '<>'} to {tried.recipient or '-'}, {tried.number}", rule
        )
        if rule.delay_ms:
            await self._wait(rule.delay_ms / 1000)
        if rule.drop:
            if server.transport is not None:
                cast("asyncio.Transport", server.transport).abort()
            return "421 4.4.2 Connection is cut"  # is never seen
        return rule.reply or ""

    def _report(self, what: str, rule: Rule) -> None:
        done = "connection cut" if rule.drop else rule.reply or "delayed"
        self._say(f"rule {self._rules.index(rule) + 1}: {what}: {done}")
