"""Limits on a client's input: messages and octets, at once and per second."""

from collections.abc import Callable

LONGEST_MESSAGE = 4 << 10
"""Maximum length, in octets, of one message from a browser."""
MOST_CONNECTIONS = 64
"""Maximum number of open connections to the browser server."""
MOST_SSH = 16
"""Maximum number of open connections to the SSH server."""
FIRST_WORD_S = 10.0
"""Wall time within which a connection has to send a request."""


class Allowance:
    """An allowance that grows by `per_s` up to `most`, and that a client's input uses up."""

    def __init__(self, per_s: float, most: float, wall: Callable[[], float]) -> None:
        self._per_s, self._most, self._wall = per_s, most, wall
        self._left, self._at_s = most, wall()

    def use(self, amount: float) -> bool:
        """Use `amount`; False if not enough is left, because the client sends too much."""
        now_s = self._wall()
        self._left = min(self._most, self._left + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        self._left = max(self._left - amount, -self._most)
        return self._left >= 0


class Requests:
    """The allowance of each address; opening eight seats at once takes 60 requests."""

    PER_S, AT_ONCE, MOST_ADDRESSES = 20.0, 200.0, 1024

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._left: dict[str, Allowance] = {}

    def takes(self, address: str) -> bool:
        """True if another request from that address is within the limit."""
        allowance = self._left.pop(address, None) or Allowance(self.PER_S, self.AT_ONCE, self._wall)
        self._left[address] = allowance  # the newest entry is last
        while len(self._left) > self.MOST_ADDRESSES:
            del self._left[next(iter(self._left))]
        return allowance.use(1)


class Flood:
    """The allowance of one client: messages and octets. Typing, pasting and using the wheel stay far below
    it.
    """

    def __init__(self, wall: Callable[[], float]) -> None:
        self._messages = Allowance(100, 300, wall)
        self._octets = Allowance(4 << 10, 16 << 10, wall)

    def takes(self, octets: int) -> bool:
        """True if another message of that size is within the limit."""
        return self._messages.use(1) and self._octets.use(octets)
