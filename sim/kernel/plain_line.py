"""Characters that are not plain text, which a terminal would execute instead of showing them."""

import re

NOT_PLAIN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Control characters, line separators, changes of direction, lone surrogates, and the two characters that no
XML file may contain.
"""

_NOT_PLAIN_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""The same for several lines: tabs, line feeds, and surrogates, which stand for octets of a file's name, are
kept.
"""


def on_one_line(text: str) -> str:
    """`text` in a form that can be shown and saved: characters that are not plain text become U+FFFD."""
    return NOT_PLAIN.sub("\ufffd", text)


def in_plain_lines(text: str) -> str:
    """`text` of several lines in a form that a terminal shows, but does not execute."""
    return _NOT_PLAIN_LINES.sub("\ufffd", text)


def has_control_character(name: str) -> bool:
    """True for a name that a terminal would execute; octets that are not UTF-8 are no such characters."""
    return NOT_PLAIN.search(name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")) is not None
