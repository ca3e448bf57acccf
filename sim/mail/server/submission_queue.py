"""The mail server's submission queue: mail that it has accepted but not yet delivered to mailboxes.

Mail is processed in order of arrival, a fixed number of messages at a time, so that the time of processing is
known once a message is accepted. A server without known numbers processes mail in the millisecond in which it
accepts it.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.kernel.series import Times, in_order, time_order
from sim.mail.message.growing_columns import Columns
from sim.mail.queue.receiver import Receiver, service_starts

NEVER_BEFORE_MS = -NEVER_MS
_NOTHING = np.empty(0, dtype=np.int64)


def worked_off(works: Receiver, accepted_ms: I64, before_ms: I64) -> I64:
    """The times at which messages accepted at `accepted_ms` (ascending) are processed, behind those until
    `before_ms`.

    `before_ms`: ascending ends of all messages accepted before, or of the last `works.connections` of them.
    """
    free_ms = np.full(works.connections, NEVER_BEFORE_MS, dtype=np.int64)
    last_ms = before_ms[-works.connections :]
    free_ms[: len(last_ms)] = last_ms
    return service_starts(accepted_ms, free_ms, works.per_message_ms) + works.per_message_ms


@frozen
class Taken:
    """Messages that the mail server has accepted. Columns of equal length; times are the drill's, in ms."""

    TYPES: ClassVar[dict[str, DTypeLike]] = {
        "time_ms": np.int64,
        "id": np.int64,
        "user": np.int32,
        "arrival_ms": np.int64,
        "written_ms": np.int64,
        "worthless_ms": np.int64,
        "aside": np.bool_,
        "direct": np.bool_,
    }

    time_ms: I64
    """The time at which the server accepted the message."""
    id: I64
    user: NDArray[np.int32]
    """The number of the recipient."""
    arrival_ms: I64
    """The time at which the message came to the queue from which the server received it."""
    written_ms: I64
    worthless_ms: I64
    aside: NDArray[np.bool_]
    """True if the message ends up in the recipient's junk folder or in quarantine."""
    direct: NDArray[np.bool_]
    """True if the message came from its sender without a queue in between."""

    def __len__(self) -> int:
        return len(self.id)

    def take(self, which: NDArray[np.bool_] | NDArray[np.intp] | slice) -> "Taken":
        """Some of the messages, in the order that `which` gives."""
        return Taken(*(getattr(self, name)[which] for name in self.TYPES))


_NO_MAIL = Taken(*(np.empty(0, dtype=kind) for kind in Taken.TYPES.values()))


class Submission:
    """The submission queue. Everything before the last bound of `leave` has happened."""

    def __init__(self, works: Receiver | None, coming: Callable[[int], Sequence[I64]]) -> None:
        """`works`: the number of messages that the server processes at a time, and the time for each; None:
        processing takes no time.

        `coming`: returns, for each source, when messages are accepted before a bound, if nothing changes;
        ascending.
        """
        self.works, self._coming = works, coming
        self.delivered = Times()
        """The times at which the server accepted messages, from all sources."""
        self._rows = Columns({**Taken.TYPES, "end_ms": np.int64})
        self._last_ms = np.empty(0, dtype=np.int64)
        """The latest end times of processing, one for each message that the server can process at a time."""

    def accept(self, parts: Sequence[Taken]) -> None:
        """Messages accepted since the last call, each part by time; in one millisecond by id."""
        new, ends_ms = self._processed(parts)
        self._wait(new, ends_ms)

    def _processed(self, parts: Sequence[Taken]) -> tuple[Taken, I64]:
        """The messages of `parts` in the order in which they are processed, with the times at which
        processing ends.
        """
        some = [part for part in parts if len(part)] or [_NO_MAIL]
        new = some[0]
        if not len(new):
            return new, new.time_ms
        if len(some) > 1:
            new = Taken(*(np.concatenate([getattr(part, name) for part in some]) for name in Taken.TYPES))
        if (len(some) > 1 or self.works is not None) and not in_order(new.time_ms, new.id):
            new = new.take(time_order(new.time_ms, new.id))
        ends_ms = new.time_ms
        if self.works is not None:
            ends_ms = worked_off(self.works, new.time_ms, self._last_ms)
            self._last_ms = np.concatenate([self._last_ms, ends_ms])[-self.works.connections :]
        self.delivered.extend(new.time_ms)
        return new, ends_ms

    def _wait(self, new: Taken, ends_ms: I64) -> None:
        self._rows.append([*(getattr(new, name) for name in Taken.TYPES), ends_ms])

    def pass_on(self, parts: Sequence[Taken], to_ms: int) -> tuple[Taken, I64]:
        """`accept` and `leave` in one step: messages that leave an empty queue before `to_ms` are not
        entered.
        """
        if len(self._rows):
            self.accept(parts)
            return self.leave(to_ms)
        new, ends_ms = self._processed(parts)
        until = int(ends_ms.searchsorted(to_ms))
        self._wait(new.take(slice(until, None)), ends_ms[until:])
        return new.take(slice(until)), ends_ms[:until]

    def leave(self, to_ms: int) -> tuple[Taken, I64]:
        """Messages processed before `to_ms`, with their times."""
        until = int(self._rows["end_ms"].searchsorted(to_ms))
        *out, ends_ms = self._rows.part(slice(0, until))
        self._rows.drop(until)  # views of these rows stay unchanged
        return Taken(*out), ends_ms

    # Looking up

    def __len__(self) -> int:
        """Messages accepted but not processed."""
        return len(self._rows)

    def waiting(self) -> Taken:
        """The waiting messages, in the order in which they will be processed."""
        return Taken(*(self._rows[name] for name in Taken.TYPES))

    @property
    def ends_ms(self) -> I64:
        """The time at which each waiting message is processed."""
        return self._rows["end_ms"]

    def coming_deliveries(self, bound_ms: int) -> I64:
        """The times at which messages will be accepted before `bound_ms`, if nothing changes; ascending."""
        some = [part_ms for part_ms in self._coming(bound_ms) if len(part_ms)]
        if len(some) == 1:
            return some[0]
        return np.sort(np.concatenate([_NOTHING, *some]), kind="stable")  # merges ascending runs

    def rid_of(self, before_ms: int, lines_ms: Sequence[int | None], bound_ms: int) -> int | None:
        """The first time before `bound_ms` at which no message that arrived before `before_ms` is left; 0:
        now.

        `lines_ms`: for each line before the server, when the last such message in it will be accepted. Mail
        accepted in the same millisecond as the last counts as if it had arrived with it.
        """
        old_ms = self._rows["time_ms"][self._rows["arrival_ms"] < before_ms][-1:].tolist()
        last_ms = max((known_ms for known_ms in (*lines_ms, *old_ms) if known_ms is not None), default=None)
        if last_ms is None:
            return 0
        if last_ms >= bound_ms:
            return None
        coming_ms = self.coming_deliveries(bound_ms)
        later_ms = coming_ms if self.works is None else worked_off(self.works, coming_ms, self._last_ms)
        ends_ms = np.concatenate([self._rows["end_ms"], later_ms])
        accepted_ms = np.concatenate([self._rows["time_ms"], coming_ms])
        end_ms = int(ends_ms[accepted_ms.searchsorted(last_ms, side="right") - 1]) + 1
        return end_ms if end_ms < bound_ms else None
