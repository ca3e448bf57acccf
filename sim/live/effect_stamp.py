"""The stamp by which a server knows the effect that a message from the bridge carries out.

It stands on top of the message between bridge and server only: the server takes it off before it stores
the message, so that no delivered message shows one. It is signed with a key that lives as long as the lab
and is never written down; a stamp that a stranger wrote is content like any other.
"""

import hashlib
import hmac
import re
import secrets

_FIELD = b"X-Mxdrill-Effect: "
_STAMP = re.compile(_FIELD + rb"(\d{1,9}) ([0-9a-f]{64})\r\n")


class EffectStamp:
    """Puts stamps on and takes them off, with a key of its own."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def put_on(self, effect: int, content: bytes) -> bytes:
        """`content` with the stamp of `effect` on top."""
        number = b"%d" % effect
        return _FIELD + number + b" " + self._signature(number) + b"\r\n" + content

    def take_off(self, content: bytes) -> tuple[int | None, bytes]:
        """The effect and the message without its stamp; None and `content` if there is none of this key."""
        found = _STAMP.match(content)
        if found is None or not hmac.compare_digest(found[2], self._signature(found[1])):
            return None, content
        return int(found[1]), content[found.end() :]

    def _signature(self, number: bytes) -> bytes:
        return hmac.new(self._key, number, hashlib.sha256).hexdigest().encode("ascii")
