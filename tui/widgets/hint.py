"""The line above the command line: a reply, what could be typed next, or what is wrong with it."""

from tui.ports import Language
from tui.rows import Row, cut, width_of

READY: Row = ((" Type a command; Tab lists what there is", "dim"),)


def hint(text: str, reply: Row, trouble: str, language: Language, width: int) -> Row:
    """Trouble first, then the reply to the last command, then candidates, then why `text` is no command."""
    if trouble:
        return cut(((" ! ", "bad"), (trouble, "bad")), width)
    if reply:
        return cut(reply, width)
    if not text.strip():
        return READY
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
