"""Keys of the random draws of typed commands, which stay the same when a study runs a drill again."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from zlib import crc32

from sim.kernel.frozen import frozen

OWN_KEYS = 1 << 20
"""Keys from here on belong to commands that an earlier run of the same drill did not give; no count of
commands is that large.
"""


@dataclass(slots=True, eq=False)
class CommandKeys:
    """The keys of the draws of one typed command, in the order in which they were asked for."""

    used: list[int] = field(default_factory=list)
    before: tuple[int, ...] | None = None
    """The keys that the same command used in an earlier run of the drill; None if there is no earlier run."""
    own: int = 0
    """Key of a draw that the earlier run did not make."""
    on_call: int = 0
    """Key of the time until its person begins, if the person is called out of hours."""
    on_call_before: int | None = None
    """The same key in the earlier run; None if the earlier run did not have the command."""

    def called_out(self, count: int) -> int:
        """The key of the time until its person begins; `count`, if there is no earlier run."""
        if self.before is None:
            self.on_call = count
        else:
            self.on_call = self.own if self.on_call_before is None else self.on_call_before
        return self.on_call

    def next(self, count: int) -> int:
        """The key of the next draw; `count`, if there is no earlier run."""
        if self.before is None:
            key = count
        else:
            place = len(self.used)
            key = self.before[place] if place < len(self.before) else self.own
        self.used.append(key)
        return key


@frozen
class CommandDrawn:
    """A command that was accepted in a run of a drill, and the keys of its draws."""

    t_ms: int
    text: str
    keys: tuple[int, ...]
    on_call: int
    """Key of the time until its person began, used if the person was called out of hours."""


class DrawKeys:
    """The keys of all typed commands of a drill, which are counts.

    A study runs the drill again with one command more, less or at another time. So that all other commands
    have the same luck as before, they then use the keys of the earlier run: a count would have changed.
    """

    def __init__(self) -> None:
        self._given: list[tuple[int, str, CommandKeys]] = []
        self._before: list[CommandDrawn] | None = None
        self._own: Counter[str] = Counter()

    @property
    def drawn(self) -> tuple[CommandDrawn, ...]:
        """Every command accepted so far."""
        return tuple(
            CommandDrawn(t_ms, text, tuple(keys.used), keys.on_call) for t_ms, text, keys in self._given
        )

    def as_before(self, drawn: Iterable[CommandDrawn]) -> None:
        """From now on, use the keys of an earlier run of the same drill; `drawn`: all of its commands, which
        begin with those accepted so far.
        """
        drawn = list(drawn)
        for (_t_ms, text, keys), one in zip(self._given, drawn, strict=False):
            keys.before, keys.own = one.keys, self._own_key(text)
        self._before = drawn[len(self._given) :]

    def begin(self, text: str, now_ms: int) -> CommandKeys:
        """The keys of a command that has just been accepted."""
        keys = CommandKeys()
        if self._before is not None:
            same = [one for one in self._before if one.text == text]
            if same:
                one = _same_command(same, now_ms)
                self._before.remove(one)
                keys.before, keys.on_call_before = one.keys, one.on_call
            else:
                keys.before = ()
            keys.own = self._own_key(text)
        self._given.append((now_ms, text, keys))
        return keys

    def _own_key(self, text: str) -> int:
        self._own[text] += 1
        return OWN_KEYS + crc32(f"{text} {self._own[text]}".encode()) % OWN_KEYS


def _same_command(same: Sequence[CommandDrawn], now_ms: int) -> CommandDrawn:
    """The command of `same`, in chronological order, that is given again at `now_ms`: the one given at that
    very moment, or else the first one, which was moved.
    """
    return next((one for one in same if one.t_ms == now_ms), same[0])
