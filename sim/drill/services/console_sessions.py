"""Whether people get into the consoles that a command needs.

Where a log-on asks the organisation's directory and that dies, whoever is signed in works on until their
session has to be renewed: an access token lives on without the directory, a new log-on does not.
"""

from collections.abc import Callable, Sequence

from sim.drill.room.delays import wait_ms
from sim.kernel.draws import mix_one, within_one

GATEWAY, SHELL = "gateway console", "Exchange shell"
"""Places with a session of their own."""
PLACES = (GATEWAY, "continuity portal")
"""Where commands are given that need the gateway's console."""


class Consoles:
    """Who can sign in where, and whose session lasts."""

    def __init__(
        self,
        seed: int,
        minutes: Sequence[int],
        asks_directory: bool,
        lost_since_ms: Callable[[], int | None],
        links: Callable[[], list[int]],
        now_ms: Callable[[], int],
        server_answers: Callable[[], bool],
    ) -> None:
        """`minutes`: quantiles of the time from one renewal of a session to the next.
        `asks_directory`: the gateway console's log-on does. `lost_since_ms`: since when the directory
        does not answer. `links`: until when alerts' links work. `server_answers`: the mail server's console.
        """
        self._seed, self._minutes, self._asks_directory = seed, minutes, asks_directory
        self._lost_since_ms, self._links, self._now_ms = lost_since_ms, links, now_ms
        self._server_answers = server_answers
        self._until_ms: dict[str, int] = {}
        self.broken_glass = False
        """The account for emergencies, which asks no directory, is in use."""

    def directory_lost(self, at_work: bool) -> list[int]:
        """The directory dies now: the moments at which sessions end; none is open if nobody is `at_work`."""
        lost_ms = self._now_ms()
        self._until_ms = {
            place: lost_ms + self._left_ms(place, lost_ms) * at_work for place in (GATEWAY, SHELL)
        }
        return sorted(set(self._until_ms.values()))

    def _left_ms(self, place: str, lost_ms: int) -> int:
        """What is left of a session that was renewed at some moment before."""
        whole_ms = wait_ms(self._seed, f"session at {place}", lost_ms, self._minutes)
        return whole_ms - within_one(mix_one(self._seed, f"session's age at {place}", lost_ms), whole_ms)

    def session_until_ms(self, place: str) -> int | None:
        """When the session ends that was open at `place` as the directory died; None: it has not died."""
        return self._until_ms.get(place)

    def signed_in(self, place: str) -> bool:
        """Whether the directory answers, or the session at `place` from before still lasts."""
        return self._lost_since_ms() is None or self._now_ms() <= self._until_ms.get(place, -1)

    def signs_in(self) -> bool:
        """Whether the gateway's console lets people in."""
        return self.broken_glass or not self._asks_directory or self.signed_in(GATEWAY)

    def seen_ms(self, now_ms: int) -> int:
        """The moment that is known from the gateway's console: now, or when it last let people in."""
        return now_ms if self.signs_in() else self._until_ms[GATEWAY]

    def refusal(self, where: str) -> str | None:
        """Why a command cannot be given at `where`, in words; None if it can."""
        if where == GATEWAY and not self.signs_in():
            return (
                "the session has ended: the gateway console signs in through the directory, which does not "
                "answer; use the link of an alert, or `signin break-glass`"
            )
        if where == "continuity portal" and not self._links() and not self.signs_in():
            return (
                "no alert's link is valid, and the console signs in through the directory, which does not "
                "answer; use `signin break-glass`"
            )
        if where == SHELL and not self._server_answers():
            if not self.signed_in(SHELL):
                return (
                    "the session has ended: the mail server's console signs in through the directory, which "
                    "does not answer; nobody gets at it until that is back"
                )
            return "the mail server's console does not answer; nobody gets at it until the server is back"
        return None
