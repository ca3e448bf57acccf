"""The message for an effect: the message itself, its bounce or delay notice, with the stamp of the effect.

The stamp is the first header field between the bridge and the server, which removes it before it stores the
message, so no delivered message contains a stamp. Its signature uses a key that exists only in memory, for
the lifetime of the lab; a forged stamp is treated as part of the message.
"""

import hashlib
import hmac
import re
import secrets

from sim.drill.services.real_mail import Effect
from sim.live.address import domain_of
from sim.live.bounce import FailedDelivery, bounce
from sim.live.bridge import Outgoing, Write
from sim.live.disk.spool import Spool
from sim.live.lab_session import Site

_FIELD = b"X-Mxdrill-Effect: "
_STAMP = re.compile(_FIELD + rb"(\d{1,9}) ([0-9a-f]{64})\r\n")


class EffectStamp:
    """Adds stamps, and checks and removes them, with its own key."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def put_on(self, effect: int, content: bytes) -> bytes:
        """`content` with the stamp of `effect` as its first header field."""
        number = b"%d" % effect
        return _FIELD + number + b" " + self._signature(number) + b"\r\n" + content

    def take_off(self, content: bytes) -> tuple[int | None, bytes]:
        """The effect, and the message without its stamp; None and `content` if there is no valid stamp."""
        found = _STAMP.match(content)
        if found is None or not hmac.compare_digest(found[2], self._signature(found[1])):
            return None, content
        return int(found[1]), content[found.end() :]

    def _signature(self, number: bytes) -> bytes:
        return hmac.new(self._key, number, hashlib.sha256).hexdigest().encode("ascii")


def outgoing(site: Site, spool: Spool, stamp: EffectStamp | None) -> Write:
    """A function that builds the message of an effect. It raises FileNotFoundError for a lost original.

    `stamp`: None for a destination that is not part of the lab, which would not remove it.
    """

    def stamped(effect: Effect, content: bytes) -> bytes:
        return content if stamp is None else stamp.put_on(effect.n, content)

    def write(effect: Effect) -> Outgoing:
        letter = spool.get(effect.spool)
        if effect.kind == "relay":
            return Outgoing(effect.envelope_from, effect.recipients, stamped(effect, letter))
        name = f"<{effect.kind}.{effect.n}.{site.drill}@{reporting(site, effect)}>"
        notice = bounce(_failure(site, effect), letter, name)
        return Outgoing("", (effect.envelope_from,), stamped(effect, notice))

    return write


def reporting(site: Site, effect: Effect) -> str:
    """Name of the host that accepted the message, and reports its fate."""
    return site.backup_host if effect.way == "backup" else site.mx_host


def _failure(site: Site, effect: Effect) -> FailedDelivery:
    outside = f"mx.{domain_of(effect.recipients[0])}"
    return FailedDelivery(
        domain=site.domain,
        reporting_mta=reporting(site, effect),
        remote_mta=outside if effect.way == "smart host" else site.mail_host,
        sender=effect.envelope_from,
        recipients=effect.recipients,
        arrived=site.local(effect.arrived_ms),
        gave_up=site.local(effect.t_ms),
        last_attempt=None if effect.tried_ms is None else site.local(effect.tried_ms),
        diagnostic=effect.reply,
        rejected=effect.rejected,
        retry_until=None if effect.retry_until_ms is None else site.local(effect.retry_until_ms),
    )
