"""Text that is shown: characters that are not plain text, because a terminal would execute them or a reader
would not see them; text in HTML and Markdown; and the number of cells that a text takes on a terminal.
"""

import re
import unicodedata

NOT_SHOWN = (
    ("\x00-\x08\x0b-\x1f\x7f-\x9f", "control characters except tab and line feed"),
    ("\u2028\u2029", "separators of lines and paragraphs"),
    ("\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f", "marks that change the direction of text"),
    ("\u00ad\u034f\u180e\u200b\u2060-\u2065\ufeff", "invisible blanks, hyphens and joiners"),
    ("\u115f\u1160\u17b4\u17b5\u3164\uffa0", "invisible letters"),
    ("\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a", "invisible annotations and layout"),
    ("\U000e0000-\U000e00ff\U000e01f0-\U000e0fff", "invisible tags"),
    ("\ud800-\udfff", "lone surrogates, which stand for octets that are not UTF-8"),
    ("\ufffe\uffff", "the two characters that no XML file may contain"),
)
"""Every character that is replaced or refused, as ranges, and its kind: those of the Unicode property
Default_Ignorable_Code_Point, and those that a terminal or a file could not hold.

The zero-width joiner and non-joiner and the variation selectors have this property too, but are kept: Persian
and Sinhala names and emoji need them.
"""
_NOT_PLAIN_LINES = re.compile(f"[{''.join(range_ for range_, _kind in NOT_SHOWN)}]")
NOT_PLAIN = re.compile(f"[\\t\\n{''.join(range_ for range_, _kind in NOT_SHOWN)}]")
"""A character that text on one line must not contain."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_JOINER = "\u200d"


def on_one_line(text: str) -> str:
    """`text` in a form that can be shown and saved: characters that are not plain text become U+FFFD."""
    return NOT_PLAIN.sub("\ufffd", text)


def in_plain_lines(text: str) -> str:
    """`text` of several lines in a form that a terminal shows, but does not execute."""
    return _NOT_PLAIN_LINES.sub("\ufffd", text)


def in_cells(text: str) -> str:
    """`text` without characters that are not plain text, and without joiners, so that every terminal needs
    the same number of cells for it.
    """
    return NOT_PLAIN.sub("", text.replace(_JOINER, ""))


def not_plain(text: str) -> str:
    """The first character of `text` that must not be on a line, such as `U+202E`; empty if there is none."""
    found = NOT_PLAIN.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


def has_control_character(name: str) -> bool:
    """True for a name that a terminal would execute; octets that are not UTF-8 do not count."""
    return NOT_PLAIN.search(_SURROGATE.sub("", name)) is not None


_OF_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|!~&$]|%(?=[\w\"])|:(?=//)|(?<=www)\.)", re.IGNORECASE)
_REFERENCE = re.compile(r"((?<![A-Za-z0-9])@(?=[\w\\])|\\#(?=[\w\\])|\bGH-(?=\d))", re.IGNORECASE)
"""In escaped text: the start of a mention of a person or team, and of a reference to an issue. GitHub looks
for them after it has removed backslashes, so only markup within them stops it.
"""


def in_markdown(text: str) -> str:
    """`text` on one line, so that Markdown shows it as it is: special characters of Markdown, HTML and
    mathematics are escaped, addresses are no links, and on GitHub and GitLab, `@name` notifies no person and
    `#12` does not refer to an issue.
    """
    escaped = _OF_MARKDOWN.sub(r"\\\1", in_plain_lines(" ".join(text.split())))
    return _REFERENCE.sub(r"\1<!-- -->", escaped)


def in_markup(text: str) -> str:
    """`text`, escaped so that HTML and XML show it as it is, in an element or a quoted attribute."""
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        text = text.replace(sign, entity)
    return in_plain_lines(text)


def cells_of(text: str) -> int:
    """Number of cells that `text` takes on a terminal: two for wide characters, none for accents and joiners
    that are added to a character.
    """
    if text.isascii():
        return len(text)
    return sum(map(_cells_of_sign, text))


def _cells_of_sign(sign: str) -> int:
    if unicodedata.category(sign) in {"Mn", "Me"} or sign in "\u200c\u200d":
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def padded(text: str, cells: int) -> str:
    """`text`, followed by as many blanks as fill that number of cells; a longer text is not cut."""
    return text + " " * (cells - cells_of(text))


def within(text: str, cells: int) -> str:
    """`text` in at most that number of cells; an ellipsis marks a cut."""
    if cells_of(text) <= cells:
        return text
    kept = ""
    for sign in text:
        if cells_of(kept + sign) > cells - 1:
            break
        kept += sign
    return f"{kept}…"
