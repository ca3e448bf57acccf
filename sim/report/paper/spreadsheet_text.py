"""Text for the cells of a CSV or XLSX file: a spreadsheet never reads it as a formula."""

import re

_CELL = r"(?:\A|(?<=[;\t\n\r]))"
"""The beginning of a cell. In many countries a spreadsheet expects semicolons in a CSV file, and splits the
text at them.
"""
_HARMFUL = r"(?=(?:[^\S\t\n\r]|')*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])"
"""The beginning of a formula. Some spreadsheets also accept full-width signs, or remove blanks first."""
_UNGUARDED = re.compile(_CELL + _HARMFUL)
_GUARDED = re.compile(f"{_CELL}'{_HARMFUL}")


def guarded(text: str) -> str:
    """`text` with an apostrophe in front of each part that a spreadsheet could read as a formula."""
    return _UNGUARDED.sub("'", text)


def unguarded(text: str) -> str:
    """`text` without the apostrophes that `guarded` added."""
    return _GUARDED.sub("", text)
