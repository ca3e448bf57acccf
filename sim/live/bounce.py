"""Bounces and delay notices: delivery status notifications for mail in a queue of the drill.

RFC 3464 (message/delivery-status) inside RFC 6522 (multipart/report), with the headers of the original as RFC
6522's text/rfc822-headers, marked as RFC 3834 requires (Auto-Submitted).
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime

from sim.kernel.duration import MINUTE_MS, in_words

DELAYED_STATUS = "4.4.1"
"""Status for a delay notice if the last reply has no code of its own. RFC 3463 3.5, X.4.1: no answer from
host.
"""
REFUSED_STATUS = "5.0.0"
"""Status for a rejection if the reply has no code of its own. RFC 3463 3.1: permanent and undefined."""
EXPIRED_STATUS = "4.4.7"
"""Status for an expired message. RFC 3463 3.5, X.4.7: delivery time expired; class 4, because every attempt
failed transiently.

RFC 3464 2.3.4 allows it for a failed action. Assumed for the gateway: its vendor publishes no status code.
"""
_ENHANCED = re.compile(r"[45]\d\d ([45]\.\d{1,3}\.\d{1,3}) ")
HEADERS_RETURNED = 32_768
"""Maximum size, in octets, of the original's headers in the bounce."""


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """The facts that a bounce reports. Times are simulated, with their time zone."""

    domain: str
    """The organisation's domain; the bounce is sent by MAILER-DAEMON at this domain."""
    reporting_mta: str
    """Host name of the gateway."""
    remote_mta: str
    """Host name of the mail server that the gateway could not reach."""
    sender: str
    """Envelope sender of the original. Never the null sender, to which no bounce is sent (RFC 5321 6.1)."""
    recipients: Sequence[str]
    arrived: datetime
    gave_up: datetime
    last_attempt: datetime | None
    """The time of the last attempt; None if no attempt was made or the time is unknown."""
    diagnostic: str
    """The result of the last attempt in one line (the reply or the connection error); empty if unknown."""
    rejected: bool = False
    """True if the message was permanently rejected; False if it expired."""
    retry_until: datetime | None = None
    """If not None, the message is only delayed: attempts continue until this time (RFC 3464 2.3.9), and
    `gave_up` is the present time.
    """

    @property
    def status(self) -> str:
        """The status code (RFC 3463)."""
        found = _ENHANCED.match(self.diagnostic)
        if self.retry_until is not None:
            return found[1] if found and found[1][0] == "4" else DELAYED_STATUS
        if self.rejected:
            return found[1] if found and found[1][0] == "5" else REFUSED_STATUS
        return EXPIRED_STATUS

    @property
    def subject(self) -> str:
        """The subject of the notification."""
        if self.retry_until is not None:
            return "Delayed: still trying to deliver your message"
        return "Undeliverable: rejected" if self.rejected else "Undeliverable: delivery time expired"


def bounce(failure: FailedDelivery, original: bytes, message_id: str) -> bytes:
    """The complete notification with CRLF line ends, to be sent with a null envelope sender (RFC 3464 2).

    `original` is the message as it was received. Raises ValueError for a null sender.
    """
    if not failure.sender:
        raise ValueError("mail with a null sender is never bounced (RFC 5321 6.1)")
    report = MIMEMultipart(
        "report",
        report_type="delivery-status",
        # a message cannot contain its own hash
        boundary=f"=_mxdrill_{hashlib.sha256(original).hexdigest()[:40]}",
        policy=policy.SMTP.clone(cte_type="8bit", max_line_length=998),
    )
    report["From"] = f"Mail Delivery System <MAILER-DAEMON@{failure.domain}>"
    report["To"] = failure.sender
    report["Subject"] = failure.subject
    report["Date"] = format_datetime(failure.gave_up)
    report["Message-ID"] = message_id
    report["Auto-Submitted"] = "auto-replied"
    report.attach(_for_people(failure))
    report.attach(_for_machines(failure))
    report.attach(_original_headers(original))
    return report.as_bytes()


def _for_people(failure: FailedDelivery) -> Message:
    age = in_words(round((failure.gave_up - failure.arrived).total_seconds() * 1000), MINUTE_MS)
    remote = f"Their mail server, {failure.remote_mta}, could not be reached."
    if failure.retry_until is not None:
        until = format_datetime(failure.retry_until)
        told = f"Your message has not been delivered for {age}. Delivery will be attempted until {until}."
        remote = f"Their mail server is {failure.remote_mta}. You do not need to send the message again."
    elif failure.rejected:
        told = "Your message was rejected. Delivery will not be attempted again."
        remote = f"It was rejected at {failure.remote_mta}."
    else:
        told = f"Your message could not be delivered within {age}. Delivery will not be attempted again."
    lines = [told, "", *(f"    <{recipient}>" for recipient in failure.recipients), "", remote]
    if failure.diagnostic:
        lines.append(f"Last answer: {failure.diagnostic}")
    lines += ["", "This is a simulation made by mxdrill; no real mail was lost."]
    return MIMEText("\n".join(lines) + "\n", "plain", "us-ascii")


def _for_machines(failure: FailedDelivery) -> Message:
    """The fields of RFC 3464 2.2 and 2.3: one group for the message, and one for each recipient."""
    whole = Message()
    whole["Reporting-MTA"] = f"dns; {failure.reporting_mta}"
    whole["Arrival-Date"] = format_datetime(failure.arrived)
    part = Message()
    part["Content-Type"] = "message/delivery-status"
    part.attach(whole)
    for recipient in failure.recipients:
        group = Message()
        group["Final-Recipient"] = f"rfc822; {recipient}"
        group["Action"] = "failed" if failure.retry_until is None else "delayed"
        group["Status"] = failure.status
        group["Remote-MTA"] = f"dns; {failure.remote_mta}"
        if failure.diagnostic:
            # RFC 3464 2.3.6: `smtp` is for SMTP replies, and a refused connection gives none
            kind = "smtp" if failure.diagnostic[:3].isdigit() else "x-mxdrill"
            group["Diagnostic-Code"] = f"{kind}; {failure.diagnostic}"
        if failure.last_attempt is not None:
            group["Last-Attempt-Date"] = format_datetime(failure.last_attempt)
        if failure.retry_until is not None:
            group["Will-Retry-Until"] = format_datetime(failure.retry_until)
        part.attach(group)
    return part


def _original_headers(original: bytes) -> Message:
    """The headers as they were received, octet by octet: they are evidence and stay unchanged."""
    normal = original.replace(b"\r\n", b"\n")
    head = normal.partition(b"\n\n")[0][:HEADERS_RETURNED]
    if len(head) == HEADERS_RETURNED:
        head = head.rpartition(b"\n")[0]
    part = Message()
    part["Content-Type"] = "text/rfc822-headers"
    if not head.isascii():
        part["Content-Transfer-Encoding"] = "8bit"
    part.set_payload(head.decode("ascii", "surrogateescape") + "\n")
    return part
