"""Exim's list of messages that wait for a host: in blocks, of which the newest is served first."""

from bisect import bisect_left
from collections.abc import Collection, Iterator


class WaitList:
    """Messages in the order in which they were added. Adding is cheap, and so is removing."""

    __slots__ = ("_added", "_messages", "_numbers")

    def __init__(self) -> None:
        self._added = 0
        self._messages: list[tuple[int, int]] = []
        """(number in the order in which messages were added, message)."""
        self._numbers: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._messages)

    def __contains__(self, message: int) -> bool:
        return message in self._numbers

    def copied(self) -> "WaitList":
        """A copy of the list, to be changed independently."""
        copy = WaitList()
        copy._added, copy._messages, copy._numbers = self._added, list(self._messages), dict(self._numbers)
        return copy

    def add(self, message: int) -> None:
        """Add the message at the end, unless it is already in the list."""
        if message not in self._numbers:
            self._added += 1
            self._numbers[message] = self._added
            self._messages.append((self._added, message))

    def add_all(self, messages: Collection[int]) -> None:
        """Add messages at the end, in order; none of them is in the list."""
        numbers = range(self._added + 1, self._added + len(messages) + 1)
        self._added += len(messages)
        self._numbers.update(zip(messages, numbers, strict=True))
        self._messages += zip(numbers, messages, strict=True)

    def remove(self, message: int) -> None:
        """Remove the message if it is in the list. Those behind it move up, if necessary into the block
        before, which then has space.
        """
        number = self._numbers.pop(message, None)
        if number is not None:
            del self._messages[bisect_left(self._messages, (number, message))]

    def remove_all(self, messages: Collection[int]) -> None:
        """Remove those of `messages` that are in the list."""
        gone = {self._numbers.pop(message, None) for message in messages}
        self._messages = [one for one in self._messages if one[0] not in gone]

    def newest_block_first(self, block: int) -> Iterator[int]:
        """The messages, `block` at a time from the end of the list, within a block in order."""
        for first in range((len(self._messages) - 1) // block * block, -1, -block):
            for _, message in self._messages[first : first + block]:
                yield message
