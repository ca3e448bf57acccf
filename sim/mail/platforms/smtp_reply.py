"""The meaning of an answer at each step of a delivery attempt: continue, try the next host, wait or bounce.

The rules are those of the standards (RFC 5321 §4.2, §5.1; RFC 3463; RFC 7505), by which a sender behaves
unless its own file differs: `classify`, and `classify_lookup` in `mx_lookup`, take such differences as data
(`overrides`), keyed by the names that they return as `cause`. This module does not depend on any product.
"""

import re
from collections.abc import Mapping
from enum import StrEnum

from sim.kernel.frozen import frozen
from sim.mail.platforms.retry.failure import AttemptFailure


class SmtpStep(StrEnum):
    """The step of the conversation at which an answer comes (RFC 5321 §3)."""

    CONNECT = "connect"
    GREETING = "greeting"
    EHLO = "ehlo"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    MESSAGE = "message"
    """The answer to the final dot: with a 2xx, responsibility for the message passes to the receiver
    (§4.2.5).
    """


class Silence(StrEnum):
    """Events that can take the place of a reply."""

    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    CLOSED = "closed"
    """The connection was closed during the conversation; this is treated like a 451 (§3.8)."""


class SenderAction(StrEnum):
    """The sender's next action."""

    PROCEED = "proceed"
    DELIVERED = "delivered"
    NEXT = "next"
    """The next host in order of preference is attempted at once; if no host is left, the message waits, as
    for WAIT.
    """
    WAIT = "wait"
    """The message stays in the queue."""
    BOUNCE = "bounce"


class ReplyScope(StrEnum):
    """What the answer is about: the host as a whole, this message, or one recipient."""

    HOST = "host"
    MESSAGE = "message"
    RECIPIENT = "recipient"


@frozen
class SmtpReply:
    """A reply: its code, the enhanced status code (RFC 3463) if there is one, and the rest of its text."""

    code: int
    status: str = ""
    text: str = ""


@frozen
class ReplyMeaning:
    """The meaning of an answer. `cause`: its name, the key of `overrides`. `status`: the enhanced status
    for the queue or the bounce. `failure`: the kind of failure, as retry rules distinguish them; None for
    success and for look-ups.
    """

    outcome: SenderAction
    scope: ReplyScope
    cause: str
    status: str
    failure: AttemptFailure | None = None


_REPLY = re.compile(r"([2345]\d\d)(?:[ -](?:([245])\.(\d{1,3})\.(\d{1,3})(?=\s|$))?\s*(.*))?", re.DOTALL)


def parse_reply(line: str) -> SmtpReply:
    """`451 4.3.2 try later` as a reply. An enhanced code whose class differs from the reply's does not count
    as one (RFC 3463 §2, RFC 2034 §4) and stays text. Raises ValueError if the line is not a final reply.
    """
    found = _REPLY.fullmatch(line.strip())
    if found is None:
        raise ValueError(
            f"{line!r} is not an SMTP reply; write a code from 2xx to 5xx such as '451 4.3.2 later'"
        )
    code, klass, subject, detail, text = found.groups()
    if klass and klass != code[0]:
        return SmtpReply(int(code), "", f"{klass}.{subject}.{detail} {text or ''}".strip())
    status = f"{klass}.{subject}.{detail}" if klass else ""
    return SmtpReply(int(code), status, (text or "").strip())


_SILENT: Mapping[tuple[SmtpStep, Silence], tuple[str, str, AttemptFailure]] = {
    (SmtpStep.CONNECT, Silence.REFUSED): ("refused", "4.4.1", AttemptFailure.REFUSED),
    (SmtpStep.CONNECT, Silence.UNREACHABLE): ("unreachable", "4.4.1", AttemptFailure.REFUSED),
    (SmtpStep.CONNECT, Silence.TIMEOUT): ("timeout", "4.4.1", AttemptFailure.TIMEOUT),
    (SmtpStep.GREETING, Silence.TIMEOUT): ("silent", "4.4.2", AttemptFailure.SILENT),
    (SmtpStep.GREETING, Silence.CLOSED): ("closed_before_greeting", "4.4.2", AttemptFailure.GREETING_4XX),
    (SmtpStep.EHLO, Silence.TIMEOUT): ("silent", "4.4.2", AttemptFailure.SILENT),
}
"""The meaning if no conversation begins: the host as a whole has failed, so the next host is attempted
(RFC 5321 §5.1).
"""


def classify(
    step: SmtpStep, answer: SmtpReply | Silence, overrides: Mapping[str, SenderAction] | None = None
) -> ReplyMeaning:
    """The meaning of `answer` at `step`. `overrides`: actions of a product that differ from the standards,
    by `ReplyMeaning.cause`.
    """
    verdict = _silence(step, answer) if isinstance(answer, Silence) else _reply(step, answer)
    return overridden(verdict, overrides)


def _silence(step: SmtpStep, silence: Silence) -> ReplyMeaning:
    early = _SILENT.get((step, silence))
    if early is not None:
        cause, status, failure = early
        return ReplyMeaning(SenderAction.NEXT, ReplyScope.HOST, cause, status, failure)
    # A conversation that breaks off is a 4xx for the message (RFC 5321 §3.8); after the dot the
    # receiver may still have it, which is how duplicates arise (RFC 1047).
    cause = "broken_after_dot" if step is SmtpStep.MESSAGE else "broken"
    return ReplyMeaning(SenderAction.WAIT, ReplyScope.MESSAGE, cause, "4.4.2", AttemptFailure.DEFER)


def _reply(step: SmtpStep, reply: SmtpReply) -> ReplyMeaning:
    kind = reply.code // 100
    status = reply.status or f"{kind}.0.0"
    if step in (SmtpStep.CONNECT, SmtpStep.GREETING, SmtpStep.EHLO):
        return _host_reply(step, reply, kind, status)
    if kind == 3 if step is SmtpStep.DATA else kind == 2:
        done = SenderAction.DELIVERED if step is SmtpStep.MESSAGE else SenderAction.PROCEED
        return ReplyMeaning(done, ReplyScope.MESSAGE, "accepted", status)
    if kind in (2, 3):
        # A reply out of sequence does not refer to the message, which therefore waits (RFC 5321 §4.3.2).
        return ReplyMeaning(
            SenderAction.WAIT, ReplyScope.MESSAGE, "out_of_place", "4.5.0", AttemptFailure.DEFER
        )
    scope = ReplyScope.RECIPIENT if step is SmtpStep.RCPT else ReplyScope.MESSAGE
    if reply.code == 421:
        # The host closes the connection, so the reply refers to the host, whatever the command was (§3.8,
        # §4.2.3).
        return ReplyMeaning(
            SenderAction.NEXT,
            ReplyScope.HOST,
            f"421_at_{step}",
            reply.status or "4.3.2",
            AttemptFailure.DEFER,
        )
    if kind == 4:
        return ReplyMeaning(SenderAction.NEXT, scope, f"4xx_at_{step}", status, AttemptFailure.DEFER)
    return ReplyMeaning(SenderAction.BOUNCE, scope, f"5xx_at_{step}", status, AttemptFailure.REJECT)


def _host_reply(step: SmtpStep, reply: SmtpReply, kind: int, status: str) -> ReplyMeaning:
    """The meaning at greeting and EHLO: a 2xx opens the conversation, anything else concerns only the host.

    A 5xx greeting means that *this host* does not accept mail (RFC 5321 §3.1), not that the message is
    rejected everywhere: other hosts of the domain are attempted, and if none is left, the message waits. Some
    senders bounce it, which is an override (`5xx_greeting`). A host that answers 521 or 556 does not accept
    any mail (RFC 7504).
    """
    if kind == 2:
        return ReplyMeaning(SenderAction.PROCEED, ReplyScope.HOST, "accepted", status)
    name = "greeting" if step is not SmtpStep.EHLO else "ehlo"
    if kind == 4:
        status = reply.status or ("4.3.2" if reply.code == 421 else "4.0.0")
        return ReplyMeaning(
            SenderAction.NEXT, ReplyScope.HOST, f"4xx_{name}", status, AttemptFailure.GREETING_4XX
        )
    return ReplyMeaning(
        SenderAction.NEXT,
        ReplyScope.HOST,
        f"5xx_{name}",
        reply.status or "5.3.2",
        AttemptFailure.GREETING_5XX,
    )


def overridden(verdict: ReplyMeaning, overrides: Mapping[str, SenderAction] | None) -> ReplyMeaning:
    """The product's own outcome; if its status has the wrong class, the class is corrected."""
    outcome = (overrides or {}).get(verdict.cause)
    if outcome is None or outcome is verdict.outcome:
        return verdict
    klass = {SenderAction.BOUNCE: "5", SenderAction.WAIT: "4", SenderAction.NEXT: "4"}.get(
        outcome, verdict.status[0]
    )
    return ReplyMeaning(outcome, verdict.scope, verdict.cause, klass + verdict.status[1:], verdict.failure)
