"""A message at its sender: its state, and the result of an attempt."""

from collections import deque
from dataclasses import dataclass, replace
from typing import Any, NamedTuple


@dataclass(slots=True)
class QueuedMessage:
    """A message in a sender's queue, with the state that the retry rule needs; times are in milliseconds.

    `tries`: number of hosts attempted for the message, over a new or a kept connection. `put_off`: deferrals
    without a connection, minus the deferrals of the whole queue before the message came
    (`Sender.put_off_of`).
    """

    id: int
    arrival_ms: int
    tries: int = 0
    put_off: int = 0
    failures: int = 0
    last_failed_ms: int = 0
    due_ms: int = 0
    notified: int = 0
    in_hand: bool = False
    held: int = 0
    """The agenda's hold (saved state) after which the message was created or first changed:
    `Sender.changing`.
    """

    def state(self) -> "MailState":
        """Everything that changes with time."""
        return (
            self.tries,
            self.put_off,
            self.failures,
            self.last_failed_ms,
            self.due_ms,
            self.notified,
            self.in_hand,
        )

    def restore(self, state: "MailState") -> None:
        """Restore what `state` returned."""
        (
            self.tries,
            self.put_off,
            self.failures,
            self.last_failed_ms,
            self.due_ms,
            self.notified,
            self.in_hand,
        ) = state


MailState = tuple[int, int, int, int, int, int, bool]


@dataclass(slots=True)
class Try:
    """An attempt in progress, from host to host."""

    hosts: tuple[str, ...]
    then: str
    """The method that is called with (mail, outcome) at the end."""
    kept: bool
    extra: int = 0
    """Additional data that `skips` needs."""
    index: int = 0
    last: str = ""
    of_host: bool = True
    tried: str = ""
    since_ms: int = 0
    """The time at which the present host was first attempted; repeated packets are counted from it."""

    def copied(self) -> "Try":
        """A copy, to be changed independently."""
        return replace(self)


class AttemptOutcome(NamedTuple):
    """The end of an attempt: `delivered`, `wait` or `bounce`. `cause`: the last answer.

    `of_host`: none of the attempted hosts gave an answer about this message. `host`: the last one attempted,
    "" if there was none.
    """

    what: str
    cause: str
    of_host: bool = False
    host: str = ""


def copied(value: Any) -> Any:
    """An independent copy, but it shares objects that never change or are saved when they do
    (`Sender.changing`).
    """
    if type(value) in _NEVER_CHANGE:
        return value
    if isinstance(value, list | deque):
        return [copied(one) for one in value] if value and hasattr(value[0], "copied") else value.copy()
    if isinstance(value, dict):
        first = next(iter(value.values()), None)
        if isinstance(first, list):
            return {key: one.copy() for key, one in value.items()}
        if hasattr(first, "copied"):
            return {key: one.copied() for key, one in value.items()}
        return value.copy()
    return value.copied() if hasattr(value, "copied") else value


_NEVER_CHANGE = frozenset({int, bool, str, tuple, type(None)})
