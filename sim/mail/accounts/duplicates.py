"""Copies: messages that reach their recipients twice, counted by cause, outside the ledger.

Users who get into a continuity app send again the messages that are still in their Outbox or in the mail
server's queue; people also send messages again after a delay notice. A receiving host may fail before its 250
reaches the sender, which then retries (RFC 1047). A copy is only counted: it is never queued and takes no
processing time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.kernel.digest import Fingerprint
from sim.kernel.draws import I64, below, mix, quantile
from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.mail.message.growing_columns import Columns
from sim.mail.message.traffic import Messages
from sim.mail.queue.delivery_queue import DeliveryQueue
from sim.mail.queue.receiver_condition import Condition
from sim.mail.routes.inbound import Inbound
from sim.mail.senders.arrivals import Arrivals
from sim.mail.senders.hop import SendingHop
from sim.mail.senders.hosts.host import Behaviour
from sim.mail.users.outbox import senders
from sim.mail.users.users import Users

COPY_CAUSES = ("outbox", "notice", "notice_outside", "after_the_dot")
"""The causes of duplicates, in this order: users sent the message again in the app while the first copy
was in an Outbox or the server's queue; users sent it again after a delay notice from the organisation's
own server; people outside sent it again after a delay notice from theirs; the message was accepted, but
the 250 did not arrive.
"""


@frozen
class Habits:
    """Shares of messages that are sent again, in ‰; the default is none."""

    outbox_permille: int = 0
    """The share of messages in an Outbox or the server's queue that are sent again by senders who can use
    an app in an event.
    """
    outbox_told_permille: int = 0
    """That share among senders who were advised not to send again."""
    after_ms: tuple[int, ...] = (0, 0)
    """Quantiles of the time from a user's first use of the app to sending the message again."""
    notice_permille: int = 0
    """The share of messages that are sent again after their senders, inside or outside, get a delay
    notice.
    """
    notice_told_permille: int = 0
    """That share among senders who were notified of the outage."""
    partners_percent: int = 0
    """Percentage of mail from outside whose senders receive an update to partners."""
    after_dot_ms: int = 0
    """Time from the end of a message to the server's reply, at most 10 min. If the server fails during
    this time, it has accepted the message, but the sender does not know this.
    """


@dataclass(slots=True)
class Copies:
    """Counts of copies by cause. Every draw is keyed by the message."""

    seed: int
    habits: Habits
    users: Users
    partners_told_ms: int = NEVER_MS
    """The first time at which partners were advised not to send again; NEVER_MS: not yet."""
    _counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COPY_CAUSES, 0))
    _asked: Columns = field(
        default_factory=lambda: Columns(
            {"id": np.int64, "written_ms": np.int64, "left_ms": np.int64, "notified": np.int8}
        )
    )
    """Mail from outside whose senders would send it again after a delay notice; computed only when needed."""
    _again_outside: Columns = field(default_factory=lambda: Columns({"id": np.int64}))
    """Messages that are known to have been sent again."""
    _own: Columns = field(default_factory=lambda: Columns({"at_ms": np.int64, "again": np.bool_}))
    """Users' own mail that could be sent again, with its times, and True if it was sent again; in no
    particular order.
    """
    possible: bool = False
    """True if some mail could have been sent again, so that chance decides whether there are copies."""

    def outbox(self, mail: Messages, left_ms: I64) -> None:
        """Called when `mail`, users' own mail by (id, written at), has left the Outbox or the server's
        queue at `left_ms`.
        """
        habits, users = self.habits, self.users
        if not (habits.outbox_permille and users.membership.events and len(mail)):
            return
        writer = senders(self.seed, mail.id, users.count)
        in_app_ms = users.membership.readable_from(writer.astype(np.int32), mail.arrival_ms, left_ms)
        again_ms = in_app_ms + quantile(mix(self.seed, "writes again at", mail.id), list(habits.after_ms))
        told = users.announcements.advised_ms[writer] <= again_ms
        share = np.where(told, habits.outbox_told_permille, habits.outbox_permille)
        could = (again_ms < left_ms) & users.membership.in_continuity(writer, again_ms)
        self._could("outbox", again_ms[could], self._wants(mail.id[could], share[could]))

    def after_notice(self, ids: I64, told_ms: I64) -> None:
        """Called when the server's delay notices of `told_ms` have reached the senders of `ids`, which
        leave the server now.
        """
        told = self.users.announcements.advised_ms[senders(self.seed, ids, self.users.count)] <= told_ms
        self._could("notice", told_ms, self._wants(ids, self._after_notice(told)))

    def own_since(self, from_ms: int) -> tuple[int, int]:
        """Counts of users' own mail from `from_ms` on: messages that could be sent again, and messages
        that were.
        """
        since = self._own["at_ms"] >= from_ms
        return int(since.sum()), int(self._own["again"][since].sum())

    def _could(self, cause: str, at_ms: I64, again: NDArray[np.bool_]) -> None:
        """Record that users could send some of their mail again at `at_ms`; `again`: the messages that
        they did send again.
        """
        self._own.append([at_ms, again])
        self.possible |= len(at_ms) > 0
        self._add(cause, again)

    def outside(self, hop: SendingHop | None, gone: Arrivals) -> None:
        """Called when the messages `gone` have left their senders."""
        if hop is None or not self.habits.notice_permille:
            return
        late = (gone.host >= 0) & (gone.time_ms - gone.written_ms > hop.notices.least_ms)
        if not late.any():
            return
        ids, written_ms, left_ms = gone.id[late], gone.written_ms[late], gone.time_ms[late]
        told_ms = written_ms + hop.notices.age_ms(ids)
        reached = below(mix(self.seed, "word outside", ids), 100) < self.habits.partners_percent
        told = reached & (self.partners_told_ms <= told_ms)
        self.possible |= bool((told_ms < left_ms).any())
        some = (told_ms < left_ms) & self._wants(ids, self._after_notice(told))
        self._asked.append([ids[some], written_ms[some], left_ms[some], gone.notified[late][some]])

    def _after_notice(self, told: NDArray[np.bool_]) -> I64:
        share: I64 = np.where(told, self.habits.notice_told_permille, self.habits.notice_permille)
        return share

    def _wants(self, ids: I64, permille: I64) -> NDArray[np.bool_]:
        wants: NDArray[np.bool_] = below(mix(self.seed, "writes again", ids), 1000) < permille
        return wants

    def cut_off(self, condition: Condition, queues: "Sequence[DeliveryQueue]") -> None:
        """Called when the server that accepts mail from `queues` enters `condition`, perhaps while it is
        accepting some.
        """
        if condition.breaks and condition.total and self.habits.after_dot_ms:
            self.possible = True
            for queue in queues:
                _offered_ms, start_ms, end_ms = queue.line.times(queue.now_ms)
                heard = end_ms - queue.now_ms > self.habits.after_dot_ms
                self._add("after_the_dot", (start_ms < queue.now_ms) & ~heard)

    def unheard(self, inbound: Inbound, name: str, behaviour: Behaviour) -> None:
        """Called when host `name` changes to `behaviour`; if it is down, senders whose mail it has just
        accepted retry.
        """
        if behaviour.answer in ("refused", "timeout") and self.habits.after_dot_ms:
            self.possible = True
            ids = inbound.just_taken(name, self.habits.after_dot_ms)
            self._add("after_the_dot", below(mix(self.seed, "unheard", ids), 1000) < behaviour.per_mille)

    def _add(self, cause: str, which: NDArray[np.bool_]) -> None:
        self._counts[cause] += int(which.sum())

    def counts(self, hop: SendingHop | None) -> dict[str, int]:
        """Copies so far by cause. `hop`: the copies of mail from outside."""
        if hop is not None and len(self._asked):
            columns = [self._asked[name].copy() for name in ("id", "written_ms", "left_ms", "notified")]
            self._asked.cut(0)
            self._again_outside.append([columns[0][hop.notices.had_one(*columns)]])
        return self._counts | {"notice_outside": len(self._again_outside)}

    def again_outside(self, hop: SendingHop | None) -> I64:
        """Messages that were sent again outside after a delay notice."""
        self.counts(hop)
        return self._again_outside["id"].copy()

    def digest(self, record: Fingerprint, hop: SendingHop | None) -> None:
        """Add the counts to `record`, unless all of them are zero."""
        counts = tuple(self.counts(hop).values())
        if any(counts):
            record.row(counts, "copies 1")
