"""A Textual driver without a terminal: painted bytes go to the client of a seat, and its keys come back."""

import asyncio
from codecs import getincrementaldecoder
from collections import deque

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.events import Key, MouseDown, MouseScrollDown, MouseScrollUp, MouseUp, Paste, Resize
from textual.geometry import Size
from textual.message import Message

from tui.table.seat.colours import with_256_colours
from tui.table.seat.outlet import Outlet

LARGEST = (240, 90)
"""Maximum number of columns and rows of a seat, so that a client cannot ask for a screen that fills the
memory.
"""
FIRST = (120, 40)
"""The size of a seat before its first client connects."""
LONGEST_PASTE = 8 << 10
"""Maximum number of octets without a key among them, as in a paste; a client that sends more is
disconnected.
"""
MOST_WAITING = 700
"""Maximum number of waiting keys, more than fit into the longest line; a client that sends more is
disconnected.
"""
AT_ONCE = 2
TURN_S = 0.02
"""Wall time of a turn; with `AT_ONCE` keys in each turn, 100 keys a second are processed. Each key costs
painting time, and the other seats share this process.
"""
ENTER = "\x1b[?1049h\x1b[?1000h\x1b[?1006h\x1b[?2004h\x1b[?25l\x1b[0m\x1b[2J"
"""Switches the terminal to the alternate screen, mouse wheel and bracketed paste, and hides the cursor."""
LEAVE = "\x1b[0m\x1b[?2004l\x1b[?1006l\x1b[?1000l\x1b[?25h\x1b[?1049l"
"""The reverse of `ENTER`."""

_TICK_S = 0.15
"""Wall time after which a lone Esc counts as a key, not as the start of a sequence."""
_ALLOWED = (Key, Paste, MouseDown, MouseUp, MouseScrollDown, MouseScrollUp)
"""Kinds of input that are processed; others, such as a new size or a terminal's answer, are dropped."""


class UnusableInput(Exception):
    """A client sent bytes that no terminal sends; it is cut off."""


class Repaint(Message):
    """The client has an empty screen, so the whole screen has to be painted."""


class SeatDriver(Driver):
    """The driver of a seat; without a client, painted bytes are dropped."""

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size or FIRST)
        self._outlet: Outlet | None = None
        self._few_colours = False
        self._waiting: deque[Message] = deque()
        self._turn: asyncio.TimerHandle | None = None
        self._renew()

    def _renew(self) -> None:
        self._parser = XTermParser()
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._unfinished = 0
        self._waiting.clear()

    # ------------------------------------------------------------ what Textual asks for

    def write(self, data: str) -> None:
        """Hand `data` to the client without waiting."""
        if self._outlet is not None:
            paint = with_256_colours(data) if self._few_colours else data
            self._outlet.put(paint.encode("utf-8", "replace"))

    def start_application_mode(self) -> None:
        """Does nothing: there is no terminal, and the process's output stays unchanged."""
        self._tell("keep_process")

    def disable_input(self) -> None:
        """Input comes from clients only."""

    def stop_application_mode(self) -> None:
        """Does nothing: there is no terminal, and the process's output stays unchanged."""
        self._tell("give_streams_back")

    def _tell(self, what: str) -> None:
        """Call the function of that name in the seat's application, if there is one."""
        if (act := getattr(self._app, what, None)) is not None:
            act()

    def open_url(self, url: str, new_tab: bool = True) -> None:
        """Does nothing: links are not opened on the machine of the exercise."""

    # ------------------------------------------------------------ what a client does

    def attach(self, outlet: Outlet, columns: int, rows: int, *, few_colours: bool = False) -> None:
        """Paint for the client behind `outlet` from now on, beginning with the whole screen.

        `few_colours`: the client's terminal may have only 256 colours.
        """
        self._renew()
        self._outlet, self._few_colours = outlet, few_colours
        self.write(ENTER)
        self.resize(columns, rows)
        self.repaint()

    def detach(self) -> None:
        """Stop painting for any client; the seat continues."""
        self._outlet = None

    def resize(self, columns: int, rows: int) -> None:
        """Set the size of the client's window, at most `LARGEST`."""
        size = Size(min(max(1, columns), LARGEST[0]), min(max(1, rows), LARGEST[1]))
        if self._size != (size.width, size.height):
            self._size = size.width, size.height
            self.send_message(Resize(size, size))

    def repaint(self) -> None:
        """Paint the whole screen."""
        self.send_message(Repaint())

    def feed(self, data: bytes) -> None:
        """Handle bytes that the client typed. Raises UnusableInput."""
        self._unfinished += len(data)
        try:
            if text := self._decoder.decode(data):  # an empty text would mean the end of input to the parser
                for message in self._parser.feed(text):
                    self._unfinished = 0
                    self._pass_on(message)
        except (ValueError, OverflowError):
            self._renew()
            raise UnusableInput("not the bytes of a terminal") from None
        if self._unfinished > LONGEST_PASTE:
            self._renew()
            raise UnusableInput("a paste that does not end")
        self._loop.call_later(_TICK_S, self._tick, self._parser)

    def press(self, pressed: Key | Paste) -> None:
        """Handle a key that another screen of this process received. A flood is dropped."""
        if len(self._waiting) < MOST_WAITING:
            self._pass_on(pressed)

    def _tick(self, parser: XTermParser) -> None:
        if parser is self._parser:
            for message in parser.tick():
                self._pass_on(message)

    def _pass_on(self, message: Message) -> None:
        """Queue `message`: the first messages act at once, a flood of them slowly."""
        if not isinstance(message, _ALLOWED):
            return
        if len(self._waiting) >= MOST_WAITING:
            self._renew()
            raise UnusableInput("too much input at once")
        self._waiting.append(message)
        if self._turn is None:
            self._take_turn()

    def _take_turn(self) -> None:
        self._turn = None
        for _ in range(min(AT_ONCE, len(self._waiting))):
            self.process_message(self._waiting.popleft())
            self._turn = self._loop.call_later(TURN_S, self._take_turn)

    def send_message(self, message: Message) -> None:
        """Post `message` to the seat, from the loop that both live in."""
        if asyncio.get_running_loop() is self._loop:
            self._app.post_message(message)
