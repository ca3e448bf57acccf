"""Messages that bounce at their limit, independently of scans.

A sender has a single agenda entry for limits: the next one. Messages that have left earlier are skipped.
"""

from heapq import heapify, heappop, heappush
from typing import ClassVar

from sim.mail.platforms.platform import Platform
from sim.mail.senders.machine_ends import MachineEnds
from sim.mail.senders.machines.agenda import Agenda, Rank
from sim.mail.senders.machines.message_state import QueuedMessage
from sim.mail.senders.machines.sender import Sender

SPARE = 64
"""Number of entries by which the heap may exceed twice the queue before limits of messages that have left
are removed.
"""


class Expiring(Sender):
    """`limits`: a heap of (limit_ms, message), of all messages in the queue and of some that have left;
    the first one is on the agenda.
    """

    STATE: ClassVar[tuple[str, ...]] = (*Sender.STATE, "limits")

    def __init__(self, agenda: Agenda, platform: Platform, ends: MachineEnds) -> None:
        super().__init__(agenda, platform, ends)
        self.lifetime_ms = self.roles.duration("lifetime")
        self.limits: list[tuple[int, int]] = []

    def expires(self, mail: QueuedMessage) -> None:
        """Bounce the message at its limit if it is still in the queue and not being delivered then."""
        if len(self.limits) > 2 * len(self.queue) + SPARE:
            self._tidy_up()
        one = (mail.arrival_ms + self.lifetime_ms, mail.id)
        heappush(self.limits, one)
        if self.limits[0] == one:
            self.at(one[0], Rank.EXPIRY, mail.id, "limit", *one)

    def limit(self, limit_ms: int, message: int) -> None:
        """Handle the limit of a message. If the message is being delivered at that moment, the result of
        the attempt decides.
        """
        limits, queue = self.limits, self.queue
        if not limits or limits[0] != (limit_ms, message):
            return  # another message is first now, and will be checked later
        heappop(limits)
        mail = queue.get(message)
        if mail is not None and not mail.in_hand:
            self.bounce(mail, "refused")
        while limits and limits[0][1] not in queue:
            heappop(limits)
        if limits:
            first_ms, first = limits[0]
            self.agenda.at(first_ms, Rank.EXPIRY, first, self.number, "limit", first_ms, first)

    def past_limit(self, mail: QueuedMessage) -> bool:
        """True if the message is past its limit."""
        return self.now_ms - mail.arrival_ms >= self.lifetime_ms

    def _tidy_up(self) -> None:
        self.limits = self.limits[:1] + [one for one in self.limits[1:] if one[1] in self.queue]
        heapify(self.limits)
