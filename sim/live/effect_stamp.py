"""The stamp on a message from the bridge, which tells a server the effect that the message carries out.

It is the first header field between the bridge and the server. The server removes it before it stores the
message, so no delivered message contains a stamp. Its signature uses a key that exists only in memory, for
the lifetime of the lab; a forged stamp is treated as part of the message.
"""

import hashlib
import hmac
import re
import secrets

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
