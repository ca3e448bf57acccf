"""The line above the command line: a reply, what could be typed next or is wrong with it, or the places."""

from dataclasses import dataclass

from tui.places import KEYS, PLACES, key_of
from tui.ports import Language
from tui.rows import Row, Span, cut, width_of

_SHORTER = {"Overview": "All"}
"""Names that ten places have room for in 80 cells."""


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to say above the command line."""

    text: str
    """What stands in the line."""
    reply: Row
    """What became of the last command, until something is typed."""
    trouble: str
    place: str
    """The place that is shown."""


def hint(told: Told, language: Language, width: int) -> Row:
    """Trouble first, then the reply, then candidates, then why the text is no command; else the places."""
    text = told.text
    if told.trouble:
        return cut(((" ! ", "bad"), (told.trouble, "bad")), width)
    if told.reply:
        return cut(told.reply, width)
    if not text.strip():
        return places(told.place, width)
    try:
        language.parse(text)
    except ValueError as mistake:
        return _candidates(language.complete(text), text, width) or cut(((f" … {mistake}", "warn"),), width)
    more = _candidates(language.complete(text + " "), text, width - 32)
    return ((" ↵ Enter gives this", "good"), *((("  or add:", "dim"), *more) if more else ()))


def _candidates(lines: list[str], text: str, width: int) -> Row:
    row: Row = ((" ", ""),)
    base = text[: text.rfind(" ") + 1] if " " in text and len(lines) > 1 else ""
    for number, line in enumerate(line.removeprefix(base) for line in lines if line != text):
        piece: Row = (("  · " if number else "", "dim"), (line, "title"))
        if width_of(row) + width_of(piece) > width - 8:
            return (*row, (f"  +{len(lines) - number}", "dim")) if number else cut((*row, *piece), width)
        row = (*row, *piece)
    return row if len(row) > 1 else ()


def places(shown: str, width: int) -> Row:
    """The places with their keys, and which is shown; where they do not fit, what is to be seen there."""
    for names in ({}, _SHORTER):
        row: list[Span] = []
        for key, name in KEYS:
            row.append((" ", ""))
            row.append((f"{key} {names.get(name, name)}", "chosen" if name == shown else "dim"))
        start = 0 if width_of(row) <= width else 1
        if width_of(row[start:]) <= width:
            return tuple(row[start:])
    where: Row = ((" 1…9 0 places  ", "dim"), (f"{key_of(shown)} {shown}: ", "title"))
    return cut((*where, (PLACES[shown][0], "dim")), width)
