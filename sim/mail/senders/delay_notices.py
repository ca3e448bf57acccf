"""The first delay notice (RFC 3464 `delayed`) that outside organisations send to the senders of mail.

Depending on the platform, it is sent after a failed attempt, at a queue scan, or when the message reaches a
certain age. Machines record it when it is sent. Messages with timers of their own, and messages that get a
notice at an age, are remembered only if they have stayed long enough; a look-up then replays the few messages
that may have been the first.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.mail.message.growing_columns import Columns
from sim.mail.senders.arrivals import Arrivals, Still
from sim.mail.senders.hosts.correspondents import CorrespondentTable
from sim.mail.senders.machines.sender import Sender
from sim.mail.senders.timers.attempts import Attempts
from sim.mail.senders.timers.timer_rows import Course
from sim.mail.senders.timers.timers import Timers


class Notices:
    """The delay notices of one sending hop."""

    def __init__(self, who: CorrespondentTable, machines: Mapping[int, Sender], timers: Timers) -> None:
        """`machines`: the organisations, by number, whose mail is not in `timers`."""
        self._who, self._machines, self._timers = who, machines, timers
        rules = [who.platform_of(number).notice for number in range(len(who))]
        by_age = [rule.when == "at-limit" for rule in rules]
        looked_at = [one or (n not in machines and rules[n].when != "off") for n, one in enumerate(by_age)]
        self._by_age = np.array(by_age, dtype=np.bool_)
        self._age_ms = np.array(
            [rule.after_ms[0] if one else NEVER_MS for rule, one in zip(rules, looked_at, strict=True)],
            dtype=np.int64,
        )
        """For each organisation, the age at which a message gets a notice; NEVER_MS if a machine records
        its notices.
        """
        self._least_age_ms = int(np.min(self._age_ms, initial=NEVER_MS))
        self._first_ms = np.array(
            [NEVER_MS if rule.when == "off" or not rule.after_ms else rule.after_ms[0] for rule in rules],
            dtype=np.int64,
        )
        """For each organisation, the lowest age at which a message can get a notice; NEVER_MS if no
        message gets one.
        """
        self._played = np.array([n not in machines for n in range(len(who))], dtype=np.bool_)
        self._stayed = Columns({"id": np.int64, "written_ms": np.int64})
        """Messages older than `_age_ms` when they left, from organisations without a machine."""
        self._at_age_ms = NEVER_MS

    def left(self, gone: Arrivals) -> None:
        """Record that `gone` has left its senders."""
        long = gone.time_ms - gone.written_ms > self._least_age_ms
        if long.any():
            self._note(gone.id[long], gone.written_ms[long], gone.time_ms[long])

    def _note(self, ids: I64, written_ms: I64, until_ms: I64) -> None:
        who = self._who.of(ids)
        old_ms = written_ms + self._age_ms[who]
        told = old_ms < until_ms
        by_age = told & self._by_age[who]
        self._at_age_ms = min(self._at_age_ms, int(np.min(old_ms[by_age], initial=NEVER_MS)))
        played = told & ~by_age
        self._stayed.append([ids[played], written_ms[played]])

    @property
    def least_ms(self) -> int:
        """The age below which no message gets a notice; NEVER_MS if no platform sends any."""
        return int(np.min(self._first_ms, initial=NEVER_MS))

    def age_ms(self, ids: I64) -> I64:
        """The age from which each message in `ids` can get a notice; NEVER_MS if it cannot get one."""
        return self._first_ms[self._who.of(ids)]

    def had_one(
        self, ids: I64, written_ms: I64, left_ms: I64, notified: NDArray[np.int8]
    ) -> NDArray[np.bool_]:
        """True if the sender of a message received a notice before the message left; `notified`: according
        to the machine's record.
        """
        who = self._who.of(ids)
        old_ms = written_ms + self._first_ms[who]
        had = np.where(self._by_age[who], old_ms < left_ms, notified > 0)
        some = np.flatnonzero(self._played[who] & ~self._by_age[who] & (old_ms < left_ms))
        if len(some):
            attempts = self._timers.attempts_since(int(written_ms[some].min()))
            rows = attempts.fresh(ids[some], written_ms[some], who[some])
            attempts.follow(rows, old_ms[some])
            before = rows.failures.copy()
            attempts.follow(rows, left_ms[some], since_ms=old_ms[some])
            had[some] = rows.failures > before
        return had

    def first_ms(self, now_ms: int, still: Still) -> int | None:
        """The time at which the first notice was sent; None if there was none before `now_ms`. `still`:
        the messages that are still queued then.
        """
        kept = len(self._stayed), self._at_age_ms
        self._note(still.id, still.written_ms, np.full(len(still.id), now_ms, dtype=np.int64))
        by_machines = [machine.first_notice_ms for machine in self._machines.values()]
        first_ms = self._first_failure(min([now_ms, self._at_age_ms, *by_machines]))
        self._stayed.cut(kept[0])
        self._at_age_ms = kept[1]
        return first_ms if first_ms < now_ms else None

    def _first_failure(self, before_ms: int) -> int:
        """The time of the first notice at a failed attempt, for mail with timers of its own; `before_ms`
        if there was none before that.
        """
        ids, written_ms = self._stayed["id"], self._stayed["written_ms"]
        who = self._who.of(ids)
        old_ms = written_ms + self._age_ms[who]
        order = np.lexsort((ids, old_ms))
        order = order[old_ms[order] < before_ms]
        if len(order):
            attempts = self._timers.attempts_since(int(written_ms[order].min()))
            for n in order.tolist():
                if old_ms[n] >= before_ms:
                    break
                row = attempts.fresh(ids[n : n + 1], written_ms[n : n + 1], who[n : n + 1])
                before_ms = _failure_from(attempts, row, int(old_ms[n]), before_ms)
        return before_ms


def _failure_from(attempts: Attempts, row: Course, age_ms: int, before_ms: int) -> int:
    """The time at which the first attempt that ended at `age_ms` or later failed; `before_ms` if none failed
    before that.

    An attempt after which the message bounces does not count: a bounce replaces a notice.
    """
    attempts.follow(row, age_ms)
    if row.end_ms[0] < NEVER_MS or not _decided(attempts, row, age_ms, before_ms):
        return before_ms
    lowest_ms, bound_ms = max(age_ms, int(row.due_ms[0])), before_ms
    while lowest_ms < bound_ms - 1:
        middle_ms = (lowest_ms + bound_ms) // 2
        if _decided(attempts, row, age_ms, middle_ms):
            bound_ms = middle_ms
        else:
            lowest_ms = middle_ms
    after = row.copy()
    attempts.follow(after, bound_ms, since_ms=age_ms)
    return bound_ms - 1 if after.end_ms[0] == NEVER_MS else before_ms


def _decided(attempts: Attempts, row: Course, since_ms: int, bound_ms: int) -> bool:
    """True if the present attempt of the message at `since_ms` is over before `bound_ms`."""
    ahead = row.copy()
    attempts.follow(ahead, bound_ms, since_ms=since_ms)
    return bool(ahead.due_ms[0] != row.due_ms[0] or ahead.end_ms[0] < NEVER_MS)
