"""The sending hop: mail on its way from outside organisations to the receiving hosts.

Messages of stateful platforms are simulated event by event on one agenda; all others are columns in `Timers`.
`look` forecasts the sent mail and the events up to a bound; a change first takes the hop back to its own
moment. Messages that have arrived at hosts or bounced at their senders form a log by time.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.kernel.digest import Fingerprint
from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.series import time_order
from sim.mail.message.growing_columns import Columns
from sim.mail.message.traffic import Messages
from sim.mail.senders.arrivals import Arrivals, Still
from sim.mail.senders.delay_notices import Notices
from sim.mail.senders.hosts.correspondents import CorrespondentTable
from sim.mail.senders.hosts.host import ReceivingHost
from sim.mail.senders.hosts.host_line import Announced
from sim.mail.senders.hosts.mx_routes import Found, Version
from sim.mail.senders.log_columns import TYPES, alike, one_by_one, out_of_line
from sim.mail.senders.machine_ends import MachineEnds
from sim.mail.senders.machines.agenda import Agenda
from sim.mail.senders.machines.build import is_stateful, machine_of
from sim.mail.senders.machines.sender import Sender
from sim.mail.senders.timers.timer_rows import Ended
from sim.mail.senders.timers.timers import Timers

STEPS_A_HOLD = 6_000
"""Number of steps after which the state is saved again, so that going back never has to repeat more steps
than this.
"""

STEPS_REPEATED = 12_000
"""Maximum number of steps that a change may have to repeat. If there would be more, they are repeated in
advance and the state is saved; otherwise the console would have to wait at the next change.
"""

WARM_UP_MS = 120_000
"""How long before the beginning the simulation starts, because kept connections do not last longer than
this; it starts earlier if a sender remembers failures for longer.
"""


class SendingHop:
    """The sending hop. Everything before `now_ms` has happened; beyond it is a forecast."""

    def __init__(
        self,
        who: CorrespondentTable,
        hosts: Iterable[ReceivingHost],
        route: Found,
        sent: Callable[[int, int], Messages],
        now_ms: int,
    ) -> None:
        """`sent` returns messages written in [a, b); `route`: all resolvers' answer until it is changed.

        So far, all mail has passed at once.
        """
        self.who, self._sent = who, sent
        self.hosts = {host.name: host for host in hosts}
        self._names = tuple(self.hosts)
        self._agenda = Agenda(self.hosts)
        self._ends = MachineEnds()
        self._machines: dict[int, Sender] = {}
        for number in range(len(who)):
            platform = who.platform_of(number)
            if is_stateful(platform):
                machine = machine_of(self._agenda, platform, self._ends, who.scan_phase_ms(number))
                machine.routes = [(0, route)]
                self._machines[number] = machine
        platforms = [who.platform_of(number) for number in range(len(who))]
        self._timers = Timers(platforms, self.hosts, route, now_ms)
        self.notices = Notices(who, self._machines, self._timers)
        self._fed = _NOBODY
        """Messages that have entered machines since the last hold (saved state): arrival_ms, id, sender."""
        self._modelled = np.array([number in self._machines for number in range(len(who))], dtype=np.bool_)
        self._log = Columns(dict(zip(Arrivals.NAMES, TYPES, strict=True)))
        self._read: dict[tuple[int, int], Arrivals] = {}
        """Parts of the log that have been requested. The parts are kept as long as they are valid, because
        several watchers request the same parts.
        """
        self._fresh_ms = np.empty(0, dtype=np.int64)
        """The entry times of messages that were added for times after `now_ms`."""
        self._old: tuple[int, int] | None = None
        """(time for which `emptied_of` was called, number of messages written before it that are still
        queued).
        """
        self.made = 1
        """The number of changes so far; the beginning counts as one."""
        self.entered, self.left = 0, 0
        """`entered`: messages written before `now_ms`; `left`: messages that had left their senders by
        then.
        """
        self.now_ms = self._horizon_ms = self._begun_ms = now_ms
        """`_begun_ms`: the intended end of the forecast in progress; equal to `_horizon_ms` if none is in
        progress.
        """
        memory_ms = max((machine.remembers_ms for machine in self._machines.values()), default=0)
        self._held_ms = max(0, now_ms - max(WARM_UP_MS, memory_ms))
        self._agenda.now_ms = self._held_ms
        self._feed_machines(self._held_ms, now_ms)  # messages that pass at once have left long ago
        self._agenda.run(now_ms)
        self._ends.clear()
        self._hold()

    # Time

    def arrivals(self, a_ms: int, b_ms: int) -> Arrivals:
        """Messages that leave their senders in [a, b), a >= now, if nothing changes before b; the caller
        has to read them immediately.
        """
        self.look(b_ms)
        found = self._read.get((a_ms, b_ms))
        if found is None:
            first, last = self._log["time_ms"].searchsorted((a_ms, b_ms)).tolist()
            found = self._read[a_ms, b_ms] = Arrivals(*self._log.part(slice(first, last)))
        return found

    def look(self, bound_ms: int, stop: Callable[[], bool] | None = None) -> bool:
        """Simulate everything before `bound_ms`. Returns False if `stop` was true before all was done: the
        next look-ahead continues from there.
        """
        while bound_ms > self._horizon_ms:
            if self._begun_ms == self._horizon_ms:
                self._begin_look(bound_ms, in_parts=stop is not None)
            if not self._agenda.run(self._begun_ms, stop):
                return False
            self._write()
            self._horizon_ms = self._begun_ms
            self._looks.append((self._horizon_ms, self._agenda.steps))
        return True

    def _begin_look(self, bound_ms: int, *, in_parts: bool) -> None:
        repeated = self._repeated()
        if self._horizon_ms == self.now_ms and repeated > STEPS_A_HOLD:
            self._hold()
        elif repeated > STEPS_REPEATED and not in_parts:  # in parts, the forecast soon ends at now
            self.changes(None)
        self._feed(self._horizon_ms, bound_ms)
        self._begun_ms = bound_ms

    def advance(self, to_ms: int) -> Arrivals:
        """Advance over [now, to)."""
        gone = self.arrivals(self.now_ms, to_ms)
        entered = int(self._fresh_ms.searchsorted(to_ms))
        self._fresh_ms = self._fresh_ms[entered:]
        self.entered += entered
        self.left += len(gone)
        if self._old is not None:
            before_ms, old = self._old
            self._old = (before_ms, old - int((gone.written_ms < before_ms).sum()))
        self.notices.left(gone)
        self._log.drop(len(gone))
        self._read = {}
        self._timers.advance(to_ms)
        self.now_ms = to_ms
        return gone

    def changes(self, act: Callable[[], None] | None) -> None:
        """Drop the forecast beyond now; then let `act` make a change to hosts or routes, if any."""
        if self._begun_ms > self.now_ms:
            self._agenda.go_back()
            self._ends.clear()
            self._feed_again()
            for line in self._agenda.lines.values():
                line.forget(self.now_ms)
            self._agenda.run(self.now_ms)
            self._ends.clear()  # messages that left before now are already in the log
            for line in self._agenda.lines.values():
                line.taken(self.now_ms)
            self._log.cut(0)
            self._read = {}
            self._fresh_ms, self._horizon_ms = self._fresh_ms[:0], self.now_ms
            self._begun_ms = self.now_ms
            self._timers.forget_ahead(self.now_ms)
        if act is not None:
            self.made += 1
            act()
            self._timers.changed(self.now_ms)
        self._hold()

    def set_routes(self, versions: Sequence[Version]) -> None:
        """Set resolvers' answers, each version from a separate time for each sender; within `changes`."""
        for number, machine in self._machines.items():
            spells = ((int(from_ms[number]), found) for found, from_ms in versions)
            machine.routes = sorted(
                ((max(0, from_ms), found) for from_ms, found in spells if from_ms < NEVER_MS),
                key=lambda spell: spell[0],
            )
        self._timers.set_routes(versions)

    def _repeated(self) -> int:
        """The number of steps that a change at this time would repeat, including those before now."""
        while len(self._looks) > 1 and self._looks[1][0] <= self.now_ms:
            del self._looks[0]
        return self._looks[0][1] - self._held_steps

    def _hold(self) -> None:
        self._held_ms, self._held_steps = self.now_ms, self._agenda.steps
        self._looks = [(self.now_ms, self._held_steps)]
        self._fed = _NOBODY
        self._agenda.hold()

    def _feed(self, a_ms: int, b_ms: int) -> None:
        mail, who, passing = self._feed_machines(a_ms, b_ms)
        self._fresh_ms = np.concatenate([self._fresh_ms, mail.arrival_ms])
        others = ~self._modelled[who]
        self._timers.run(b_ms, mail.id[others], mail.arrival_ms[others], who[others])

        ended = self._timers.ended(a_ms, b_ms)
        for name, line in self._agenda.lines.items():
            here = ended.host == self._names.index(name)
            joins = (ended.time_ms, ended.id, ended.arrival_ms, ended.tries)
            line.announce(Announced(*(column[here] for column in joins)))
            ended = Ended(*(column[~here] for column in ended))
        self._many: list[list[NDArray[Any]]] = [passing, [*ended, np.zeros(len(ended.id), dtype=np.int8)]]

    def _feed_machines(self, a_ms: int, b_ms: int) -> tuple[Messages, I64, list[NDArray[Any]]]:
        """Messages sent in [a, b), their senders, and, as columns of the log, the messages that leave
        their machine at once.
        """
        mail = self._sent(a_ms, b_ms)
        who = self.who.of(mail.id)
        theirs = np.flatnonzero(self._modelled[who])
        host, until_ms = self._open(np.flatnonzero(np.bincount(who[theirs])).tolist(), b_ms)
        passes = mail.arrival_ms[theirs] < until_ms[who[theirs]]
        fed = theirs[~passes]  # by (arrival, id), the order of all messages
        entering = np.array([mail.arrival_ms[fed], mail.id[fed], who[fed]])
        self._fed = np.concatenate([self._fed, entering], axis=1)
        self._enter(entering, b_ms)
        gone = theirs[passes]
        once, zero = np.ones(len(gone), dtype=np.int32), np.zeros(len(gone), dtype=np.int8)
        written_ms = mail.arrival_ms[gone]
        passing: list[NDArray[Any]] = [
            written_ms,
            mail.id[gone],
            written_ms,
            host[who[gone]],
            once,
            zero,
            zero,
            zero,
        ]
        return mail, who, passing

    def _open(self, machines: list[int], bound_ms: int) -> tuple[NDArray[np.int16], I64]:
        """For each organisation: the host that is certain to accept its mail at once, and the time until
        which it does.
        """
        host, until_ms = np.zeros(len(self.who), dtype=np.int16), np.zeros(len(self.who), dtype=np.int64)
        for number in machines:
            name, open_until_ms = self._machines[number].open_until(bound_ms)
            if name:
                host[number], until_ms[number] = self._names.index(name), open_until_ms
        return host, until_ms

    def _feed_again(self) -> None:
        """Enter again, up to now, the messages that have entered machines since the hold."""
        self._fed = self._fed[:, self._fed[0] < self.now_ms]
        self._enter(self._fed, self.now_ms)

    def _enter(self, fed: I64, bound_ms: int) -> None:
        """Rows of arrival_ms, id and organisation, by time: all messages that enter machines from now until
        `bound_ms`.
        """
        arrival_ms, ids, who = fed
        place = np.full(len(self.who), -1, dtype=np.int64)
        order = np.argsort(who, kind="stable")
        first = np.searchsorted(who[order], np.arange(len(self.who) + 1)).tolist()
        for number, machine in self._machines.items():
            theirs = order[first[number] : first[number + 1]]
            if not (len(theirs) or machine.queue):
                continue
            if machine.only_waits(bound_ms):
                self._agenda.touch(machine.number)
                machine.take_in(arrival_ms[theirs], ids[theirs], bound_ms)
            else:
                place[number] = machine.number
        places = place[who]
        single = places >= 0
        columns = (arrival_ms[single], ids[single], places[single])
        self._agenda.comes(list(zip(*(column.tolist() for column in columns), strict=True)))

    def _write(self) -> None:
        """Write messages that have ended to the log, in the order of (time, id)."""
        names, now_ms = self._names, self._agenda.now_ms
        machines = [one_by_one(self._ends.single, names), *(alike(some, names) for some in self._ends.alike)]
        self._ends.clear()
        lines = (out_of_line(names.index(name), line, now_ms) for name, line in self._agenda.lines.items())
        parts: list[list[NDArray[Any]]] = [*machines, *self._many, *lines]
        parts = [part for part in parts if len(part[0])]
        if not parts:
            return
        columns = parts[0] if len(parts) == 1 else [np.concatenate(some) for some in zip(*parts, strict=True)]
        order = time_order(columns[0], columns[1])
        self._log.append([column[order] for column in columns])
        self._read = {}

    # Looking up

    def waiting(self) -> int:
        """Messages in their senders' queues now."""
        return self.entered - self.left

    def emptied_of(self, before_ms: int, bound_ms: int) -> int | None:
        """The first time in [now, bound) at which no message written before `before_ms` is still queued."""
        if self._old is None or self._old[0] != before_ms:
            older = before_ms < self.now_ms
            self._old = (
                before_ms,
                int((self.still().arrival_ms < before_ms).sum()) if older else self.waiting(),
            )
        come = self.arrivals(self.now_ms, bound_ms)
        old_ms = come.time_ms[come.written_ms < before_ms]
        if len(old_ms) < self._old[1]:
            return None
        empty_ms = int(old_ms[-1]) + 1 if len(old_ms) else self.now_ms
        return empty_ms if empty_ms < bound_ms else None

    def still(self) -> Messages:
        """Every message that is still with its sender, in no particular order; the forecast is kept.

        The result consists of the messages still queued at the end of the forecast, and the messages that
        leave before it.
        """
        self.look(self._begun_ms)
        parts = [(self._log["id"], self._log["written_ms"]), self._timers.after_look()]
        for line in self._agenda.lines.values():
            announced = line.waiting()
            parts.append((announced.id, announced.written_ms))
        for machine in self._machines.values():
            parts.append(machine.in_hands())
        ids, written_ms = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        written = written_ms < self.now_ms
        return Messages(ids[written], written_ms[written])

    def live(self) -> Still:
        """Every message that is with its sender now, by id; the forecast is dropped."""
        self.changes(None)
        own = self._timers.live()
        parts = [tuple(machine.records().T) for machine in self._machines.values()]
        parts += [(own.id, own.arrival_ms, own.tries, np.zeros(len(own.id), dtype=np.int64))]
        for line in self._agenda.lines.values():
            _joined_ms, ids, written_ms, tries = line.waiting()
            parts.append((ids, written_ms, tries, np.zeros(len(ids), dtype=np.int64)))
        whole: list[I64] = [np.concatenate(some) for some in zip(*parts, strict=True)]
        order = np.argsort(whole[0])
        return Still(*(column[order] for column in whole))

    def first_notice_ms(self) -> int | None:
        """The time at which the first delay notice was sent to a sender; None if there has been none."""
        return self.notices.first_ms(self.now_ms, self.live())

    def first_contacts(self) -> int:
        """The number of first contacts deferred by hosts that greylist; the forecast is dropped."""
        self.changes(None)
        return self._timers.contacts.before(self.now_ms) + sum(
            len(m.contacts) for m in self._machines.values()
        )

    def digest(self, record: Fingerprint) -> None:
        """Add every message that is still with its sender, by id."""
        still = self.live()
        record.rows(still.id, still.written_ms, still.tries, still.put_off)


_NOBODY: I64 = np.empty((3, 0), dtype=np.int64)
