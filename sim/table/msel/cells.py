"""Texts of cells, cleaned when they are read."""

import re
from datetime import date, datetime, time, timedelta

from sim.kernel.plain_line import in_plain_lines
from sim.report.paper.spreadsheet_text import unguarded

_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
"""Invisible characters that word processors leave in texts."""
_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029|\x85|\x0b|\x0c")


def cleaned(text: str) -> str:
    """`text` with one kind of line end, without control characters, and without tabs or blanks at its
    ends.
    """
    lines = in_plain_lines(_INVISIBLE.sub("", _LINE_ENDS.sub("\n", text)))
    return lines.replace("\t", " ").strip()


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
