"""Whether people get into the consoles that a command needs."""

from collections.abc import Callable


class Consoles:
    """Who can sign in where."""

    def __init__(
        self, asks_directory: bool, lost_since_ms: Callable[[], int | None], links: Callable[[], list[int]]
    ) -> None:
        """`asks_directory`: the gateway console's log-on does. `lost_since_ms`: since when the directory
        does not answer. `links`: until when alerts' links work.
        """
        self._asks_directory, self._lost_since_ms, self._links = asks_directory, lost_since_ms, links
        self.broken_glass = False
        """The account for emergencies, which asks no directory, is in use."""

    def signs_in(self) -> bool:
        """Whether the gateway's console lets people in."""
        return self.broken_glass or not self._asks_directory or self._lost_since_ms() is None

    def seen_ms(self, now_ms: int) -> int:
        """The moment that is known from the console: now, or when it last let people in."""
        since_ms = self._lost_since_ms()
        return now_ms if since_ms is None or self.signs_in() else since_ms

    def refusal(self, where: str) -> str | None:
        """Why a command cannot be given at `where`, in words; None if it can."""
        if where == "gateway console" and not self.signs_in():
            return (
                "the gateway console signs in through the directory, which does not answer; "
                "use the link of an alert, or `signin break-glass`"
            )
        if where == "continuity portal" and not self._links() and not self.signs_in():
            return (
                "no alert's link is valid, and the console signs in through the directory, which does not "
                "answer; use `signin break-glass`"
            )
        return None
