"""Texts of cells: cleaned when they are read, and made harmless for a spreadsheet when they are written."""

import re
from datetime import date, datetime, time, timedelta

from sim.report.paper.plain_text import plain

_HARMFUL = re.compile(r"'*[=+\-@\t\r]")
_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029|\x85|\x0b|\x0c")


def cleaned(text: str) -> str:
    """`text` with one kind of line end, without control characters, and without tabs or blanks at its
    ends.
    """
    return (
        plain(_LINE_ENDS.sub("\n", text))
        .replace("\t", " ")
        .replace("\ufffe", "\ufffd")
        .replace("\uffff", "\ufffd")
        .strip()
    )


def guarded(text: str) -> str:
    """`text` with an apostrophe in front if a spreadsheet would read it as a formula."""
    return f"'{text}" if _HARMFUL.match(text) else text


def unguarded(text: str) -> str:
    """`text` without the apostrophe that `guarded` added in front."""
    return text[1:] if text.startswith("'") and _HARMFUL.match(text) else text


def text_of(value: object) -> str:
    """The text of a spreadsheet's cell: dates and times in the forms that `times` reads."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            shown = value.strftime("%Y-%m-%d %H:%M:%S")
            return shown.removesuffix(" 00:00:00") if not (value.hour or value.minute) else _whole(shown)
        case date():
            return value.isoformat()
        case time():
            return _whole(value.strftime("%H:%M:%S"))
        case timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return cleaned(unguarded(str(value)))


def _whole(shown: str) -> str:
    return shown.removesuffix(":00")
