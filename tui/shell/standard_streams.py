"""Standard input, output and error in any state in which `mxdrill` may be started: closed, not UTF-8, or
not a terminal.
"""

import codecs
import io
import os
import select
import sys
from typing import TextIO

from sim.kernel.plain_line import in_plain_lines

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


class PlainStream(io.TextIOWrapper):
    """Standard output or error. Text from files, names and arguments does not control the terminal: control
    characters and changes of text direction become U+FFFD.
    """

    def __init__(self, stream: io.TextIOWrapper) -> None:
        """Writes to the same place as `stream`, which must not be written to any more."""
        super().__init__(
            stream.buffer,
            encoding=stream.encoding,
            errors="mxdrill",
            newline=None if sys.platform == "win32" else "\n",
            line_buffering=stream.line_buffering,
            write_through=stream.write_through,
        )
        self._stream = stream  # kept, because a collected stream would close the file descriptor

    def write(self, text: str, /) -> int:
        """Write `text`, which may have several lines."""
        return super().write(in_plain_lines(text))

    def redraw(self, line: str) -> None:
        """Show `line` in place of the terminal's current line, without a line end."""
        super().write(f"\r{in_plain_lines(line)}\x1b[K")
        self.flush()


def redraw(line: str) -> None:
    """Show `line` in place of the current line of the terminal behind standard error."""
    if isinstance(sys.stderr, PlainStream):
        sys.stderr.redraw(line)
    else:
        print(f"\r{line}\x1b[K", end="", file=sys.stderr, flush=True)


def make_usable() -> None:
    """Open closed streams on the null device, write characters that an encoding lacks as plain signs, and
    those that would control a terminal as U+FFFD.

    A closed descriptor would be given to the next file that is opened, and a message would be written
    into a journal. Call before any file is opened.
    """
    codecs.register_error("mxdrill", in_plain_signs)
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is this one
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = getattr(sys, name)
        if stream is None:
            mode = "w" if number else "r"
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
        elif number and type(stream) is io.TextIOWrapper:  # not a stream that a test has replaced
            stream.flush()
            setattr(sys, name, PlainStream(stream))
        elif number and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="mxdrill")


def is_terminal() -> bool:
    """True if input and output are a terminal that can do more than print lines.

    Standard error may be redirected, except on Windows, where Textual paints on it. The result is also True
    if `TEXTUAL_DRIVER` names a driver, which has a screen of its own, such as a page in a browser.
    """
    if os.environ.get("TEXTUAL_DRIVER"):
        return True
    ends = (sys.stdin, sys.stdout, *((sys.stderr,) if sys.platform == "win32" else ()))
    return all(end is not None and end.isatty() for end in ends) and os.environ.get("TERM", "") != "dumb"


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
