"""Text without control characters and marks that change its direction."""

import re

_NOT_SHOWN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters, lone surrogates, and marks that turn the direction of the text after them."""


def plain(text: str) -> str:
    """`text` without characters that are not shown; each becomes U+FFFD."""
    return _NOT_SHOWN.sub("\ufffd", text)
