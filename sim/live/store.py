"""A server that stores every message: the mail server or the internet, to which the gateway delivers.

The bridge stamps each message with its effect. A message that arrives a second time, because a crash lost the
first 250, is acknowledged and not stored again.
"""

from email.utils import format_datetime

from aiosmtpd.smtp import SMTP, Envelope, Session

from sim.drill.services.real_mail import domain_of
from sim.live.disk.mailbox import Mailbox
from sim.live.gate import LabGate
from sim.live.lab_session import LabSession, Say, Site
from sim.live.listener import SIZE_LIMIT
from sim.live.outgoing import EffectStamp
from sim.live.smtp import (
    BAD_RECIPIENT,
    NULL_SENDER,
    RECIPIENTS_LIMIT,
    is_address,
    not_written,
    reply_to_mail,
    what_failed,
)

STORED_LIMIT = SIZE_LIMIT + (1 << 20)
"""Maximum message size in octets: the limit of the MX, plus room for the header fields that are added."""


class Store:
    """aiosmtpd hooks of a server with one mailbox. With an empty `domain`, it accepts any recipient."""

    gate: LabGate

    def __init__(
        self,
        drill: LabSession,
        site: Site,
        box: Mailbox,
        stamp: EffectStamp,
        say: Say,
        *,
        host: str,
        domain: str,
    ) -> None:
        """`gate` is set by the server's `LiveHost`."""
        self._drill, self._site, self._box, self._stamp = drill, site, box, stamp
        self.host, self._domain, self._say = host, domain, say

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept any sender, unless the server fails."""
        return reply_to_mail(self.gate, session, envelope, address, options)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept recipients in the domain; if no domain is set, accept any."""
        if not is_address(address):
            return BAD_RECIPIENT
        if self._domain and domain_of(address) != self._domain:
            return f"550 5.7.1 Relaying denied, this is a mail server of {self._domain}"
        if len(envelope.rcpt_tos) >= RECIPIENTS_LIMIT:
            return f"452 4.5.3 Too many recipients, {RECIPIENTS_LIMIT} at most"
        refusal = self.gate.at_rcpt(session, envelope, address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Store the message durably, once for each effect, then acknowledge it."""
        content = envelope.original_content or b""
        effect, stamped = self._stamp.check(content)
        try:
            fresh = await self._box.store((self._trace(envelope), memoryview(content)[stamped:]), effect)
        except OSError as why:
            self._say(f"{self.host}: a message could not be stored: {why.strerror}")
            return not_written(why)
        return "250 2.6.0 Stored" if fresh else "250 2.6.0 Stored before"

    async def handle_exception(self, error: Exception) -> str:
        """Reply to a command that could not be parsed, and report it."""
        self._say(f"{self.host}: {what_failed(error)}")
        return "451 4.3.0 Local error in processing"

    def _trace(self, envelope: Envelope) -> bytes:
        """The header fields added on final delivery (RFC 5321 4.4): the envelope, and Received in
        simulated time.
        """
        sender = "" if envelope.mail_from in (None, NULL_SENDER) else envelope.mail_from
        when = format_datetime(self._site.local(self._drill.now_ms))
        lines = [f"Return-Path: <{sender}>"]
        lines += [f"Delivered-To: {recipient}" for recipient in envelope.rcpt_tos]
        lines += [f"Received: by {self.host} (mxdrill) with ESMTP; {when}", ""]
        return "\r\n".join(lines).encode("ascii", "replace")
