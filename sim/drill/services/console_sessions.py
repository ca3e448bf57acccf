"""The consoles that commands need: sign-in to them, and the age of their figures.

Sign-in to a console may use the organisation's directory. If the directory fails, people who are signed in
can work until their session has to be renewed: an access token works without the directory, a new sign-in
does not.
"""

from collections.abc import Callable, Mapping, Sequence

from sim.drill.room.delays import wait_ms
from sim.drill.scenario.fault_kinds import ConsoleTrouble
from sim.drill.services.console_state import Answers, Condition, ConsoleState, console_state
from sim.drill.services.faults import Faults
from sim.kernel.draws import mix_one, within_one

GATEWAY, SHELL = "gateway console", "Exchange shell"
"""Places that keep a session after sign-in."""
PLACES = (GATEWAY, "continuity portal")
"""Places whose commands are carried out in the gateway's console."""
NEED_ACCOUNT = {
    GATEWAY: "the session has ended, and sign-in to the gateway console needs the directory, which does "
    "not answer; use the link in an alert, or `signin break-glass`",
    "continuity portal": "there is no alert with a valid link, and sign-in to the console needs the "
    "directory, which does not answer; use `signin break-glass`",
}
"""For each place, the refusal that does not apply while the emergency account is in use."""


_ANSWERS: Mapping[ConsoleTrouble, Answers] = {
    "unreachable": "not at all",
    "slow": "slowly",
    "stale": "quickly",
    "works": "quickly",
}


class Consoles:
    """Sign-in and sessions for each console, and the state of each console."""

    def __init__(
        self,
        seed: int,
        minutes: Sequence[int],
        asks_directory: bool,
        faults: Faults,
        links: Callable[[], list[int]],
        now_ms: Callable[[], int],
    ) -> None:
        """`minutes`: quantiles of the time from one renewal of a session to the next. `asks_directory`:
        True if the gateway console's sign-in uses the directory. `links`: the times until which the links
        in alerts work.
        """
        self._seed, self._minutes, self._asks_directory = seed, minutes, asks_directory
        self._faults, self._links, self._now_ms = faults, links, now_ms
        self._hung_ms: int | None = None
        """The time of the gateway console's figures since a command timed out; None if the console
        answers.
        """
        self._until_ms: dict[str, int] = {}
        self.broken_glass = False
        """True if the emergency account, which does not need the directory, is in use."""

    def directory_lost(self, at_work: bool) -> list[int]:
        """Called when the directory fails now; returns the times at which open sessions end, or none
        without staff `at_work`.
        """
        lost_ms = self._now_ms()
        self._until_ms = {
            place: lost_ms + self._left_ms(place, lost_ms) * at_work for place in (GATEWAY, SHELL)
        }
        return sorted(set(self._until_ms.values()))

    def _left_ms(self, place: str, lost_ms: int) -> int:
        """The remaining time of a session whose last renewal was some time ago."""
        whole_ms = wait_ms(self._seed, f"session at {place}", lost_ms, self._minutes)
        return whole_ms - within_one(mix_one(self._seed, f"session's age at {place}", lost_ms), whole_ms)

    def session_until_ms(self, place: str) -> int | None:
        """End of the session at `place` that began before the directory failed; None if the directory has
        not failed.
        """
        return self._until_ms.get(place)

    def signed_in(self, place: str) -> bool:
        """True if the directory answers, or if a session at `place` from before its failure is still
        valid.
        """
        return self._faults.sign_in_lost_since_ms() is None or self._now_ms() <= self._until_ms.get(place, -1)

    def signs_in(self) -> bool:
        """True if people can sign in to the gateway's console."""
        return self.broken_glass or not self._asks_directory or self.signed_in(GATEWAY)

    # The state of each console

    def gateway(self) -> ConsoleState:
        """The state of the gateway's console now."""
        now_ms, held = self._now_ms(), dict[Condition, int]()
        if self._hung_ms is not None:
            held["hung"] = self._hung_ms
        held |= self._faults.gateway.console_holds_back(now_ms)
        if not self.signs_in():
            held["signed out"] = self._until_ms[GATEWAY]
        return console_state(now_ms, held, _ANSWERS[self._faults.gateway.console])

    def server(self) -> ConsoleState:
        """The state of the mail server's console now."""
        now_ms, held = self._now_ms(), dict[Condition, int]()
        if not self.signed_in(SHELL):
            held["signed out"] = self._until_ms.get(SHELL, -1)
        if self.server_down:
            held["unreachable"] = -1
        return console_state(now_ms, held)

    @property
    def server_down(self) -> bool:
        """True if the mail server is down, including its console."""
        return any(fault.server_down for fault in self._faults.in_force)

    @property
    def hung(self) -> bool:
        """True if the gateway's console has not answered since a command timed out."""
        return self._hung_ms is not None

    def hang(self, figures_ms: int) -> None:
        """Called when a command has timed out: from now on the gateway's console shows the figures of
        `figures_ms`.
        """
        self._hung_ms = figures_ms

    def answer(self) -> None:
        """Called when the gateway's console answers a command, or works again."""
        self._hung_ms = None

    def refusal(self, where: str) -> str | None:
        """The reason why a command cannot be given at `where`, in words; None if it can."""
        if where == GATEWAY and not self.signs_in():
            return NEED_ACCOUNT[where]
        if where == "continuity portal" and not self._links() and not self.signs_in():
            return NEED_ACCOUNT[where]
        if where == SHELL and not self.server().live:
            if not self.signed_in(SHELL):
                return (
                    "the session has ended, and sign-in to the mail server's console needs the directory, "
                    "which does not answer; the console is unreachable until the directory is back"
                )
            return "the mail server's console does not answer; it is unreachable until the server is back"
        return None
