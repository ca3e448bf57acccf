"""The text above the command line: a reply, completions, a mistake in the typed text, or the list of
places.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from tui.painting.places import PLACE_KEYS, PLACES, key_of
from tui.painting.rows import Row, Span, cut, text_of, whole_words, width_of, wrap
from tui.playing import console_words
from tui.playing.protocols import Language

_SHORTER = {"Overview": "All"}
"""Shorter names of places, so that all ten fit in 80 cells."""


@dataclass(frozen=True, slots=True)
class HintState:
    """The state of the console on which the hint depends."""

    text: str
    """The text in the command line."""
    reply: Row
    """The outcome of the last command; shown until something is typed."""
    trouble: str
    place: str
    """The current place."""
    place_keys: Sequence[tuple[str, str]] = PLACE_KEYS
    """Keys and names of the available places."""


MOST = 5
"""Maximum number of rows of a reply; the reply covers the pane above while it is shown."""


def hints(told: HintState, language: Language, width: int) -> list[Row]:
    """The content of the hint: trouble first, then the reply, completions, a mistake in the typed text;
    otherwise the places.

    A sentence takes as many rows as it needs, at most MOST.
    """
    text = told.text
    if told.trouble:
        return _sentence(((" ! ", "bad"), (told.trouble, "bad")), width)
    if told.reply:
        return _sentence(told.reply, width)
    if not text.strip():
        return [places(told.place, width, told.place_keys)]
    if (word := console_words.meant(text)) is not None:
        return [((" ↵ ", "good"), (f"Enter: {word.does}", "good"))]
    if words := console_words.begun(text):
        return [_candidates([one for one in words if one.startswith(text)] or words, "", width)]
    try:
        language.parse(text)
    except ValueError as mistake:
        lines = [line for line in language.complete(text) if line != text]
        known = text[: text.rfind(" ") + 1] if len(lines) > 1 else ""
        candidates = _candidates(lines, known, width)
        return [candidates] if candidates else _sentence(((" … ", "warn"), (str(mistake), "warn")), width)
    more = _candidates(language.complete(text + " "), text + " ", width - 32)
    return [((" ↵ Enter runs this", "good"), *((("  or add:", "dim"), *more) if more else ()))]


def _sentence(row: Row, width: int) -> list[Row]:
    """A glyph and a wrapped text; its further rows are indented to the first word."""
    if width_of(row) <= width or len(row) < 2:
        return [cut(row, width)]
    (glyph, role), *rest = row
    margin = cell_len(glyph)
    first, *more = wrap(text_of(rest), width - margin)
    shown = [((glyph, role), (first, rest[0][1])), *(((" " * margin + line, rest[0][1]),) for line in more)]
    if len(shown) > MOST:
        shown[MOST - 1] = cut((*shown[MOST - 1], (" …" + " " * width, rest[0][1])), width)
    return [tuple(line) for line in shown[:MOST]]


def _candidates(lines: list[str], known: str, width: int) -> Row:
    """As many completions as fit, without the `known` beginning, and the number of further ones."""
    row: Row = ((" ", ""),)
    for number, line in enumerate(line.removeprefix(known) for line in lines):
        piece: Row = (("  · " if number else "", "dim"), (line, "title"))
        if width_of(row) + width_of(piece) > width - 8:
            return (*row, (f"  +{len(lines) - number}", "dim")) if number else cut((*row, *piece), width)
        row = (*row, *piece)
    return row if len(row) > 1 else ()


def places(shown: str, width: int, place_keys: Sequence[tuple[str, str]] = PLACE_KEYS) -> Row:
    """The places with their keys, the current place marked; if they do not fit, the content of the current
    place.
    """
    for names in ({}, _SHORTER):
        row: list[Span] = []
        for key, name in place_keys:
            row.append((" ", ""))
            row.append((f"{key} {names.get(name, name)}", "chosen" if name == shown else "dim"))
        start = 0 if width_of(row) <= width else 1
        if width_of(row[start:]) <= width:
            return tuple(row[start:])
    where: Row = ((" 1…9 0 places  ", "dim"), (f"{key_of(shown)} {shown}: ", "title"))
    return (*where, (whole_words(PLACES[shown][0], width - width_of(where)), "dim"))
