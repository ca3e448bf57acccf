"""The hosts where real mail enters a drill: the gateway's MX and smart host, the backup, the server itself.

A 250 after DATA is a promise (RFC 5321 6.1): it is sent once the message is on disk and in the journal, never
before. On a full disk the reply is 452, and acknowledged messages are not lost.
"""

import errno
import re
from collections.abc import Iterator, Sequence
from email import policy
from email.errors import MessageError
from email.utils import format_datetime

from aiosmtpd.smtp import SMTP, Envelope, Session, TLSSetupException

from sim.drill.services.real_mail import Letter, domain_of
from sim.drill.session.journal import DiskFull
from sim.kernel.plain_line import NOT_PLAIN
from sim.live.disk.group_commit import GroupCommit
from sim.live.gate import LabGate
from sim.live.lab_session import LabSession, Say, Site
from sim.mail.message.real_arrivals import Way

RECIPIENTS_LIMIT = 500
"""Maximum number of recipients of one message; RFC 5321 4.5.3.1.8 requires at least 100."""
SUBJECT_SHOWN = 200
SUBJECT_READ = 1_600
"""Number of octets up to which the subject is decoded: 200 characters of four octets each, in encoded
words (RFC 2047).
"""
HEADER_READ = 64 << 10
"""Number of octets at the beginning of a message that are searched for a Subject."""
BAD_SENDER = "553 5.1.7 Sender address is not accepted, write local@domain"
BAD_RECIPIENT = "553 5.1.3 Recipient address is not accepted, write local@domain"
NULL_SENDER = "<>"
NO_SPACE = "452 4.3.1 Insufficient system storage, try again later"
NOT_NOW = "451 4.3.0 Local error, try again later"


_IS: dict[Way, str] = {"gateway": "the MX", "backup": "the backup MX", "direct": "a mail server"}
_SUBJECT = re.compile(
    rb"\A(?:\n(?!\r?\n|Subject[ \t]*:)[^\n]*)*\nSubject[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE
)
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_DOT_STRING = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_DOMAIN = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
_ADDRESS = re.compile(rf"{_DOT_STRING}@{_DOMAIN}")
_LONGEST = 254  # RFC 5321 4.5.3.1.3 allows a path of 256 octets, its angle brackets included


class Entrance:
    """aiosmtpd hooks of a host that accepts mail for the organisation. The host accepts every address of
    the domain, because it has no recipient list.
    """

    gate: LabGate

    def __init__(
        self, drill: LabSession, site: Site, commits: GroupCommit, say: Say, host: str, way: Way = "gateway"
    ) -> None:
        """`host`: the host's name in the greeting and in Received lines. `gate` is set by `LiveHost`."""
        self._drill, self._site, self._commits, self._say, self.host = drill, site, commits, say, host
        self._way = way

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept any sender address, and the null sender."""
        return reply_to_mail(self.gate, session, envelope, address, options)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept any recipient in the organisation's domain, and postmaster (RFC 5321 4.5.1); the smart host
        accepts any recipient.
        """
        if address.lower() == "postmaster":
            address = f"postmaster@{self._site.domain}"
        if not is_address(address):
            return BAD_RECIPIENT
        if self._way != "smart host" and domain_of(address) != self._site.domain:
            return f"550 5.7.1 Relaying denied, this is {_IS[self._way]} of {self._site.domain}"
        if len(envelope.rcpt_tos) >= RECIPIENTS_LIMIT:
            return f"452 4.5.3 Too many recipients, {RECIPIENTS_LIMIT} at most"
        refusal = self.gate.at_rcpt(session, envelope, address)
        if refusal:
            return refusal
        if address not in envelope.rcpt_tos:
            envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Write the message to disk and to the journal, and only then acknowledge it."""
        content = envelope.original_content or b""
        sender = "" if envelope.mail_from in (None, NULL_SENDER) else str(envelope.mail_from)
        subject, size = subject_of(content), len(content)
        ways = tuple(self._ways(envelope.rcpt_tos))
        pieces = (self._trace(session, envelope), content)

        def letters(name: str) -> list[Letter]:
            return [Letter(sender, whom, subject, size, name, way) for way, whom in ways]

        try:
            name = await self._commits.keep(pieces, letters)
        except OSError as why:
            self._say(f"a message could not be written to the spool: {why.strerror}; the sender will retry")
            return not_written(why)
        except DiskFull as why:
            self._say(f"a message could not be journaled: {why}; the sender will retry")
            return NO_SPACE
        return f"250 2.6.0 Queued as {name.replace('.eml', '')}"

    def _ways(self, recipients: Sequence[str]) -> Iterator[tuple[Way, tuple[str, ...]]]:
        """The messages to be queued when one message arrives: the smart host passes mail for the
        organisation's own domain to the inbound queue.
        """
        if self._way != "smart host":
            yield self._way, tuple(recipients)
            return
        own = tuple(one for one in recipients if domain_of(one) == self._site.domain)
        others = tuple(one for one in recipients if domain_of(one) != self._site.domain)
        if own:
            yield "gateway", own
        if others:
            yield "smart host", others

    async def handle_exception(self, error: Exception) -> str:
        """Reply to a command that could not be parsed, and report it."""
        self._say(f"{self.host}: {what_failed(error)}")
        return "451 4.3.0 Local error in processing"

    def _trace(self, session: Session, envelope: Envelope) -> bytes:
        """The Received line (RFC 5321 4.4), in simulated local time."""
        site = self._site
        kind = "ESMTP" if session.extended_smtp else "SMTP"
        when = format_datetime(site.local(self._drill.now_ms))
        lines = (
            f"Received: from {_atom(session.host_name)} ([127.0.0.1])",
            f" by {self.host} (mxdrill) with {kind}; {when}",
        )
        return "\r\n".join((*lines, "")).encode("ascii")


def not_written(why: OSError) -> str:
    """The reply to a message that could not be written; it mentions a full disk only if the disk is full."""
    return NO_SPACE if why.errno in {errno.ENOSPC, errno.EDQUOT} else NOT_NOW


def what_failed(error: Exception) -> str:
    """A command that failed, in words."""
    if isinstance(error, TLSSetupException):
        return "a client broke off STARTTLS, as clients do when they do not accept the certificate"
    return f"an SMTP command failed: {error!r}"


def subject_of(content: bytes) -> str:
    """The decoded Subject on one line, at most 200 characters; empty if it is missing or unreadable.

    The time that the parser of encoded words takes grows with the square of its input, so it gets only a
    short piece of the field. The cost does not depend on the size of the message.
    """
    found = _SUBJECT.search(b"\n" + content[:HEADER_READ])
    if found is None:
        return ""
    raw = _FOLD.sub(b" ", found[1]).strip()
    if len(raw) > SUBJECT_READ:
        raw = raw[:SUBJECT_READ]
        raw = raw[: max(raw.rfind(b" "), raw.rfind(b"=?"))] or raw  # cut before an incomplete encoded word
    try:
        subject = str(policy.default.header_factory("Subject", raw.decode("utf-8", "replace")))
    except (MessageError, ValueError, LookupError, AttributeError, IndexError, TypeError):
        return ""  # the parser fails in many ways on hostile headers; the message itself is not changed
    return " ".join(NOT_PLAIN.sub(" ", subject).split())[:SUBJECT_SHOWN]


def _atom(name: str | None) -> str:
    """A HELO name without characters that could break the header field."""
    plain = "".join(char for char in name or "" if char.isascii() and (char.isalnum() or char in ".-[]:"))
    return plain[:255] or "unknown"


def reply_to_mail(
    gate: LabGate, session: Session, envelope: Envelope, address: str, options: list[str]
) -> str:
    """The reply to MAIL from `address`, which is noted if accepted: that of the port, or BAD_SENDER for text
    that is not an address.
    """
    refusal = gate.at_mail(session)
    if refusal:
        return refusal
    if address != NULL_SENDER and not is_address(address):
        return BAD_SENDER
    envelope.mail_from = address
    envelope.mail_options.extend(options)
    return "250 2.1.0 Sender OK"


def is_address(text: str) -> bool:
    """True if `text` is a plain `local@domain` (RFC 5321 4.1.2). Quoted local parts and address literals are
    not accepted.
    """
    return len(text) <= _LONGEST and _ADDRESS.fullmatch(text) is not None
