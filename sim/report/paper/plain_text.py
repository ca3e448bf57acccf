"""Text without control characters and marks that change its direction."""

import re

_NOT_SHOWN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters, lone surrogates, and marks that change the direction of the following text."""


def plain(text: str) -> str:
    """`text` without invisible characters; each becomes U+FFFD."""
    return _NOT_SHOWN.sub("\ufffd", text)
