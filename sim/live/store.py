"""A server that stores what it gets: both ends that the gateway delivers to are one.

The gateway names the effect that a message carries out in a header field of its own, so that what
comes a second time, because a crash swallowed the first 250, is acknowledged and not stored again.
"""

import re
from email.utils import format_datetime

from aiosmtpd.smtp import SMTP, Envelope, Session

from sim.live.address import domain_of
from sim.live.lab_session import Door, Say, Site
from sim.live.mailbox import Mailbox
from sim.live.smtp import NO_SPACE, NULL_SENDER

_EFFECT = re.compile(rb"X-Mxdrill-Effect: (\S+)/(\d{1,8})\r\n")


def stamp(site: Site, effect: int, content: bytes) -> bytes:
    """`content` with the effect that it carries out on top, as `drill/number`."""
    return f"X-Mxdrill-Effect: {site.drill}/{effect}\r\n".encode("ascii") + content


def effect_of(site: Site, content: bytes) -> int | None:
    """The number that `stamp` wrote, if it was for this drill."""
    found = _EFFECT.match(content)
    return int(found[2]) if found and found[1] == site.drill.encode("ascii") else None


class Store:
    """aiosmtpd hooks of a server with one mailbox. `domain` empty: mail to anybody is taken."""

    def __init__(self, door: Door, site: Site, box: Mailbox, say: Say, *, host: str, domain: str) -> None:
        self._door, self._site, self._box = door, site, box
        self._host, self._domain, self._say = host, domain, say

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Recipients of the domain; of any domain when there is none."""
        if self._domain and domain_of(address) != self._domain:
            return f"550 5.7.1 Relaying denied, this is the mail server of {self._domain}"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Stored durably, once for each effect, then acknowledged."""
        content = envelope.original_content or b""
        effect = effect_of(self._site, content)
        try:
            fresh = self._box.store(self._trace(envelope) + content, effect)
        except OSError as why:
            self._say(f"{self._host}: no space for a message: {why.strerror}")
            return NO_SPACE
        return "250 2.6.0 Stored" if fresh else "250 2.6.0 Stored before"

    async def handle_exception(self, error: Exception) -> str:
        """What could not be parsed: refused, and said."""
        self._say(f"{self._host}: an SMTP command failed: {error!r}")
        return "451 4.3.0 Local error in processing"

    def _trace(self, envelope: Envelope) -> bytes:
        """What final delivery adds (RFC 5321 4.4): the envelope, and a Received line in simulated time."""
        sender = "" if envelope.mail_from in (None, NULL_SENDER) else envelope.mail_from
        when = format_datetime(self._site.local(self._door.now_ms))
        lines = [f"Return-Path: <{sender}>"]
        lines += [f"Delivered-To: {recipient}" for recipient in envelope.rcpt_tos]
        lines += [f"Received: by {self._host} (mxdrill) with ESMTP; {when}", ""]
        return "\r\n".join(lines).encode("ascii", "replace")
