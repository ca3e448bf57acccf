"""Receiving hosts as seen by a sender: their answer, which changes over time, and a waiting line for
messages while a host is busy.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.mail.message.receiver_draws import Sharers, one_attempt_permille, recipient_permille, sender_permille
from sim.mail.senders.hosts.greylist import Greylist

UP = "up"
HOST_FAILED = frozenset({"refused", "timeout", "silent", "greeting_4xx", "greeting_5xx"})
"""Answers that apply to the host as a whole, not to one message."""


@frozen
class Behaviour:
    """The answer of a host: `up`, or a failure as platform files name them.

    Of every thousand attempts, `per_mille` fail and the rest succeed; a draw keyed by (message, number of the
    host tried for it) decides which. With `of`, the share is of recipients, whatever the sender, or of
    senders, networks or platforms, and always affects the same ones.
    """

    answer: str = UP
    per_mille: int = 1000
    of: Sharers = "attempts"


@dataclass(slots=True)
class ReceivingHost:
    """A mail host. `spells`: (from_ms, behaviour), ascending; the first counts from the beginning.

    `servers`: the number of messages it accepts at a time (None: any number), each for `service_ms`; other
    messages wait in line, ordered by (time, message). A message that is being transferred, or is waiting in
    line, is accepted regardless of later changes.
    """

    name: str
    seed: int
    servers: int | None = None
    service_ms: int = 0
    spells: list[tuple[int, Behaviour]] = field(default_factory=lambda: [(0, Behaviour())])
    recipients: Callable[[I64], NDArray[np.int32]] | None = None
    """Called for the recipients of messages; only needed if a behaviour affects some recipients."""
    senders: Callable[[I64, Sharers], I64] | None = None
    """Called for the senders of messages, their networks or platforms; only needed if a behaviour affects
    some senders.
    """
    greylist: Greylist | None = None
    """The host's greylisting rule, for senders whose mail it would otherwise accept; None: it does not
    greylist.
    """

    @property
    def takes_time(self) -> bool:
        """True if custody may pass to the host later than the time of its answer."""
        return self.servers is not None or self.service_ms > 0

    @property
    def takes_at_once(self) -> bool:
        """True if the host, when it is `up`, accepts all mail at the time of its answer."""
        return not self.takes_time and self.greylist is None

    def becomes(self, now_ms: int, behaviour: Behaviour) -> None:
        """Set the host's answer from `now_ms` on, which is not earlier than any previous change."""
        if self.spells[-1][0] == now_ms:
            self.spells.pop()
        self.spells.append((now_ms, behaviour))

    def at(self, time_ms: int) -> Behaviour:
        """The behaviour in force at `time_ms`; a change counts from its own millisecond."""
        for from_ms, behaviour in reversed(self.spells):
            if from_ms <= time_ms:
                return behaviour
        return self.spells[0][1]

    def until(self, time_ms: int) -> int:
        """The time at which the behaviour in force at `time_ms` ends; NEVER_MS if no end is known."""
        ends_ms = NEVER_MS
        for from_ms, _ in reversed(self.spells):
            if from_ms <= time_ms:
                return ends_ms
            ends_ms = from_ms
        return ends_ms

    def answer(
        self, time_ms: int, message: int, tries: int, contacts: dict[tuple[str, int], int] | None = None
    ) -> str:
        """The host's answer to a packet for `message`, after `tries` other hosts were attempted.
        `contacts`: the sender's contacts, for a host that greylists (see `Greylist.puts_off`); None: every
        sender is known.
        """
        answer = self._answer(time_ms, message, tries)
        if contacts is None or self.greylist is None or answer != UP:
            return answer
        return "defer" if self.greylist.puts_off(contacts, self.name, message, time_ms) else UP

    def _answer(self, time_ms: int, message: int, tries: int) -> str:
        behaviour = self.at(time_ms)
        if behaviour.per_mille == 1000 or behaviour.answer == UP:
            return behaviour.answer
        if behaviour.of == "attempts":
            drawn = one_attempt_permille(self.seed, self.name, message, tries)
        else:
            drawn = int(self.drawn_by(behaviour.of, np.array([message], dtype=np.int64))[0])
        return behaviour.answer if drawn < behaviour.per_mille else UP

    def drawn_by(self, of: Sharers, ids: I64) -> I64:
        """The draw of each message's recipient or sender: a behaviour towards n ‰ of them affects draws below
        n. The queues in front of the same server use the same draw (`sim.mail.message.receiver_draws`).

        Raises ValueError if the recipients or senders of messages are not given.
        """
        if of == "recipients" and self.recipients is not None:
            return recipient_permille(self.seed, self.name, self.recipients(ids).astype(np.int64))
        if of != "recipients" and self.senders is not None:
            return sender_permille(self.seed, of, self.senders(ids, of))
        raise ValueError(f"the {of} of mail for {self.name} are not given")
