"""Greylisting: a host defers unknown senders, and accepts their mail after a while.

The first attempt of a contact gets a 4xx at RCPT, and so does every later attempt until the delay has passed;
from then on the contact is known. The host's own rule defines a contact: a sending organisation, or a sending
organisation and one recipient. Within a drill, a greylist never forgets.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS

_USER_BITS = 32


@dataclass(slots=True)
class Greylist:
    """One host's rule. `recipients`: the recipients of messages; None: an organisation is one contact,
    whatever its recipients. `spells`: (from_ms, delay_ms), ascending, the first from the beginning; if two
    begin at the same moment, the later one counts; a delay of 0 turns greylisting off.
    """

    recipients: Callable[[I64], NDArray[np.int32]] | None
    spells: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])

    def becomes(self, now_ms: int, delay_ms: int) -> None:
        """Set the delay from `now_ms` on, which is not earlier than any previous change."""
        self.spells.append((now_ms, delay_ms))

    def delay_ms(self, time_ms: I64) -> I64:
        """The delay of a first contact by the rule in force at each time."""
        from_ms, delay_ms = np.array(self.spells, dtype=np.int64).T
        place = from_ms.searchsorted(time_ms, side="right") - 1
        found: I64 = delay_ms[np.maximum(place, 0)]
        return found

    def keys(self, organisation: NDArray[np.int32] | I64, ids: I64) -> I64:
        """The contact to which each message belongs."""
        of: I64 = organisation.astype(np.int64) << _USER_BITS
        return of if self.recipients is None else of + self.recipients(ids)

    def puts_off(self, known: dict[tuple[str, int], int], name: str, message: int, now_ms: int) -> bool:
        """True if the host `name` defers `message`, which comes now from one organisation.

        `known`: the times of the organisation's first contacts, by (host, recipient); a new contact is added.
        """
        ids, at_ms = np.array([message], dtype=np.int64), np.array([now_ms], dtype=np.int64)
        delay_ms = int(self.delay_ms(at_ms)[0])
        if not delay_ms:
            return False
        whom = 0 if self.recipients is None else int(self.recipients(ids)[0])
        return now_ms < known.setdefault((name, whom), now_ms) + delay_ms


class Contacts:
    """The times at which contacts first reached the hosts that greylist, for organisations whose messages
    have timers of their own. `names`: those hosts.
    """

    def __init__(self, rules: Mapping[str, Greylist]) -> None:
        """`rules`: greylisting rules by the names of their hosts."""
        self._rules = rules
        self.names = tuple(self._rules)
        self._keys = {name: np.empty(0, dtype=np.int64) for name in self.names}
        self._first_ms = {name: np.empty(0, dtype=np.int64) for name in self.names}

    def put_off(
        self, name: str, organisation: NDArray[np.int32] | I64, ids: I64, time_ms: I64
    ) -> NDArray[np.bool_]:
        """For messages that arrive at `time_ms` and that the host `name` would otherwise accept: True for
        those that it defers.
        """
        rule = self._rules[name]
        first_ms = self._since(name, rule.keys(organisation, ids))
        return (first_ms <= time_ms) & (time_ms < first_ms + rule.delay_ms(time_ms))

    def _since(self, name: str, keys: I64) -> I64:
        """The time at which each contact first arrived; NEVER_MS if it has not."""
        known, first_ms = self._keys[name], self._first_ms[name]
        if not len(known):
            return np.full(len(keys), NEVER_MS, dtype=np.int64)
        place = np.minimum(known.searchsorted(keys), len(known) - 1)
        found: I64 = np.where(known[place] == keys, first_ms[place], NEVER_MS)
        return found

    def learn(self, name: str, organisation: NDArray[np.int32], ids: I64, time_ms: I64) -> bool:
        """Record that these messages reach the host `name`; True if a contact among them is new to it."""
        rule = self._rules[name]
        keys = rule.keys(organisation, ids)
        new = (rule.delay_ms(time_ms) > 0) & (self._since(name, keys) == NEVER_MS)
        if not new.any():
            return False
        order = np.lexsort((time_ms[new], keys[new]))
        fresh, first = np.unique(keys[new][order], return_index=True)
        place = np.searchsorted(self._keys[name], fresh)
        self._keys[name] = np.insert(self._keys[name], place, fresh)
        self._first_ms[name] = np.insert(self._first_ms[name], place, time_ms[new][order][first])
        return True

    def of_later(
        self, name: str, organisation: NDArray[np.int32], ids: I64, from_ms: int
    ) -> NDArray[np.bool_]:
        """True for messages of contacts whose first known attempt is at `from_ms` or later."""
        first_ms = self._since(name, self._rules[name].keys(organisation, ids))
        return (from_ms <= first_ms) & (first_ms < NEVER_MS)

    def forget(self, name: str, from_ms: int) -> None:
        """Forget contacts whose first attempt at the host `name` is at `from_ms` or later."""
        before = self._first_ms[name] < from_ms
        self._keys[name], self._first_ms[name] = self._keys[name][before], self._first_ms[name][before]

    def before(self, now_ms: int) -> int:
        """The number of first contacts deferred before `now_ms`."""
        return sum(int((first_ms < now_ms).sum()) for first_ms in self._first_ms.values())
