"""Standard input, output and error in any state in which `mxdrill` may be started: closed, or not UTF-8."""

import codecs
import io
import os
import select
import sys
from typing import TextIO

PATIENCE_S = 1.0

PLAIN = {
    "×": "x",
    "–": "-",
    "—": "-",
    "…": "...",
    "✉": "[mail]",
    "✓": "[ok]",
    "✗": "[no]",
    "→": "->",
    "←": "<-",
    "›": ">",
    "·": "-",
    "≤": "<=",
    "≥": ">=",
    "−": "-",
    "\u00a0": " ",
    "\u202f": " ",
    "’": "'",
    "“": '"',
    "”": '"',
}
"""ASCII replacements for characters that the output's encoding may not have. A character without a
replacement becomes a question mark.
"""


def in_plain_signs(error: UnicodeError) -> tuple[str, int]:
    """Error handler of an encoder; it writes ASCII instead of raising an exception."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(PLAIN.get(sign, "?") for sign in signs), error.end


def make_usable() -> None:
    """Open closed streams on the null device, and write characters that an encoding lacks as plain signs.

    A closed descriptor would be given to the next file that is opened, and a message would be written
    into a journal. Call before any file is opened.
    """
    codecs.register_error("mxdrill", in_plain_signs)
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = getattr(sys, name)
        if stream is None:
            mode = "w" if number else "r"
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
        elif number and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="mxdrill")


def silence(stream: TextIO) -> None:
    """Drop the unwritten text of `stream`, and everything that is still written to it."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)


def tell(line: str) -> None:
    """Write one line to standard error. If standard error is full, closed or not read, only the exit
    status reports the mistake.
    """
    try:
        if _takes_more(sys.stderr):
            print(line, file=sys.stderr, flush=True)
    except OSError:
        silence(sys.stderr)


def _takes_more(stream: TextIO) -> bool:
    """False for a terminal that has not read for `PATIENCE_S`, because writing to it would never return."""
    if not stream.isatty() or sys.platform == "win32":
        return True
    return bool(select.select([], [stream.fileno()], [], PATIENCE_S)[1])
