"""Whether people get into the consoles that a command needs."""

from collections.abc import Callable


class Consoles:
    """Who can sign in where."""

    def __init__(
        self, asks_directory: bool, directory_lost: Callable[[], bool], links: Callable[[], list[int]]
    ) -> None:
        """`asks_directory`: the gateway console's log-on does. `links`: until when alerts' links work."""
        self._asks_directory, self._directory_lost, self._links = asks_directory, directory_lost, links
        self.broken_glass = False
        """The account for emergencies, which asks no directory, is in use."""

    def signs_in(self) -> bool:
        """Whether the gateway's console lets people in."""
        return self.broken_glass or not (self._asks_directory and self._directory_lost())

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
