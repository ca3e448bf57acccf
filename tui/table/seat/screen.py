"""The screen of one seat: the console of a drill, without the keys that move the clock."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.painting.layout import VIEWS
from tui.painting.places import PLACE_KEYS
from tui.screens.console import ConsoleScreen
from tui.table.seat.desk import NOT_YOURS, SeatDesk
from tui.widgets.frame.command_line import INVITES, CommandLine
from tui.widgets.frame.footer import Keys

REPAINT_S = 0.2
"""Wall time between two frames of a seat; replies to the seat's own keys are painted at once."""
WENT_BACK = "went back"
"""True while the sentence about a rewind is shown; the next key removes it."""
WITH_ACTIVITY = ("Overview", "Log")
"""Places that list every event."""


class SeatScreen(ConsoleScreen):
    """The console of a seat. Keys of the clock show a message that only the facilitator can use them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o", "cycle", "Next view")
    ]  # browsers use F2 … F12 themselves
    KEYS: ClassVar[tuple[Keys, Keys]] = (
        (
            ("?", "help"), ("Enter", "menu"), ("^O", "next place"), ("PgDn", "older"),
            ("^Q", "leave the seat"),
        ),
        (
            ("Enter", "run"), ("Tab", "complete"), ("^G", "explain"), ("Esc", "clear"), ("^O", "place"),
            ("↑↓", "history"), ("^Q", "leave the seat"),
        ),
    )  # fmt: skip

    def __init__(self, desk: SeatDesk) -> None:
        super().__init__(REPAINT_S)
        self._seat = desk
        self._view_name = desk.places[0]

    def begin(self) -> None:
        """Show the seat."""
        self.attach(self._seat)

    def paint(self) -> None:
        """Draw the panes; while the command line is empty, it says what can be typed here."""
        self.query_one(CommandLine).placeholder = INVITES if self._seat.person else "your name, then Enter"
        if not (self.typed or self.asking) and self._overtaken:
            self._reply = ()
        super().paint()

    async def _frame(self) -> None:
        await super()._frame()
        if moment := self._seat.gone_back():
            self._drop_refused()
            told = f"The facilitator went back to {moment}; what came after it has not happened."
            self.say(told, "warn", "‖")
            self.asking = WENT_BACK

    def _drop_refused(self) -> None:
        """Empty the line if it still contains a refused command, unchanged."""
        self._refused = ""
        self.query_one(CommandLine).settle()

    @property
    def _overtaken(self) -> bool:
        """True if the reply to the last line is older than news for which there is only a reminder."""
        listed = self.place_name in WITH_ACTIVITY
        return self._seat.news is not None and (self._seat.waiting is not None or not listed)

    @property
    def reminder(self) -> str:
        """A line for the person at this seat: to ask for their name, to ask for an answer to a request, or
        about an urgent event.
        """
        if not self._seat.person:
            return f"Type your name and press Enter to take the seat {self._seat.seat}"
        if asked := self.pressing:
            return asked
        if self.place_name in WITH_ACTIVITY:
            self._seat.read()
        elif (news := self._seat.news) is not None:
            return f"New {news.kind}: {news.source}: {news.text}"
        return ""

    @property
    def pressing(self) -> str:
        """The request that waits for this seat's answer."""
        if (asked := self._seat.waiting) is None:
            return ""
        answers = f"`allow {asked.number}` or `deny {asked.number} REASON`"
        return f"Request {asked.number} from {asked.by}: {asked.text}. Answer {answers}"

    @property
    def place_keys(self) -> Keys:
        """The places that this seat sees."""
        return tuple((key, name) for key, name in PLACE_KEYS if name in self._seat.places)

    def action_view(self, number: int) -> None:
        """Show a place by number, if this seat sees it."""
        places = self._seat.places
        if VIEWS[number - 1] in places:
            self._seat.read()
            super().action_view(number)
        else:
            self.say(f"{self._seat.seat} cannot see that place; it can see {', '.join(places)}", "warn", "?")

    def action_cycle(self) -> None:
        """Show the next place of this seat, even while the line has text."""
        places = self._seat.places
        after = places[(places.index(self.place_name) + 1) % len(places)]
        self.action_view(VIEWS.index(after) + 1)

    def _not_yours(self) -> None:
        self.say(NOT_YOURS, "warn", "‖")

    def action_pause(self) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_faster(self) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_slower(self) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_step(self) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_leap(self) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_jump(self, to: str) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_stop_at(self, reason: str) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_rewind(self, minutes: int) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_rewind_to(self, text: str) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_to_bookmark(self, by: int) -> None:
        """Not available at a seat."""
        self._not_yours()

    def action_bookmark(self, name: str = "") -> None:
        """Not available at a seat."""
        self._not_yours()
