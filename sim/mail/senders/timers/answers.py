"""The results of many attempts at a time: known in advance if nothing changes before they end, otherwise
determined host by host and packet by packet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.kernel.frozen import frozen
from sim.mail.message.receiver_draws import Sharers, attempt_permille
from sim.mail.message.syn_times import SYN_MS
from sim.mail.senders.hosts.greylist import Contacts
from sim.mail.senders.hosts.host import UP, Behaviour, ReceivingHost
from sim.mail.senders.hosts.mx_routes import Found
from sim.mail.senders.timers.schedule import FAILURES, LOOKUPS, NOBODY, Schedule, Schedules

CAUSES = (UP, *FAILURES, *LOOKUPS)
"""The possible results of an attempt; each is referred to by its index. `up` is also the cause if no host
was attempted.
"""

OFFER, WAIT, BOUNCE, NEXT, DRAWN = range(5)
"""How an attempt ends, or NEXT if it continues with the next host; DRAWN: a draw decides."""

_UP, _TIMEOUT, _SILENT, _DEFER = (CAUSES.index(cause) for cause in (UP, "timeout", "silent", "defer"))
_SHARERS: tuple[Sharers, ...] = ("attempts", "recipients", "senders", "platforms", "networks")
_KINDS = {"wait": WAIT, "bounce": BOUNCE, "next": NEXT}


@frozen
class Met:
    """Ends of attempts. `what`: the number of the host that accepted, or of the cause. `hosts`: the number
    of hosts attempted. `until_ms`: an attempt that begins now or later and ends before then has the same
    end.
    """

    kind: NDArray[np.int8]
    takes_ms: I64
    hosts: I64
    what: I64
    until_ms: I64

    def take(self, which: NDArray[np.intp] | I64) -> "Met":
        """Some of the rows."""
        return Met(
            self.kind[which],
            self.takes_ms[which],
            self.hosts[which],
            self.what[which],
            self.until_ms[which],
        )

    def put(self, which: NDArray[np.intp], others: "Met") -> None:
        """Replace some of the rows by `others`."""
        for field in fields(Met):
            getattr(self, field.name)[which] = getattr(others, field.name)


class Answers:
    """Results of the platforms' attempts on each route, for the hosts' known behaviour from `since_ms` on.

    The results are valid until a host's behaviour changes, and must not be used for attempts that begin
    before `since_ms`.
    """

    def __init__(
        self,
        schedules: Schedules,
        hosts: Mapping[str, ReceivingHost],
        found: Sequence[Found],
        since_ms: int,
        contacts: Contacts,
    ) -> None:
        """`contacts`: the contacts known to hosts that greylist; more contacts may be added later."""
        self._contacts = contacts
        self._schedules, self._hosts, self._found = schedules, list(hosts.values()), found
        self._number = {name: number for number, name in enumerate(hosts)}
        spells = [
            [(since_ms, host.at(since_ms)), *(spell for spell in host.spells if spell[0] > since_ms)]
            for host in self._hosts
        ]
        self._columns = [_columns(of_host) for of_host in spells]
        self._from_ms = np.unique([from_ms for of_host in spells for from_ms, _ in of_host] or [since_ms])
        plan = [self._plan(schedule, found) for schedule in schedules.all for found in self._found]
        rows = np.array(plan, dtype=np.int64).reshape(-1, 5)
        kind, takes_ms, tried, what, until_ms = rows.T.copy()
        self._plans = Met(kind.astype(np.int8), takes_ms, tried, what, until_ms)
        self._after = np.array([[_kind(s, cause) for cause in CAUSES] for s in schedules.all], dtype=np.int8)
        self._nobody = np.array([_KINDS[s.after[NOBODY]] for s in schedules.all], dtype=np.int8)

    def foreseen(self, platform: I64, route: I64, due_ms: I64) -> Met:
        """Results of attempts that begin at `due_ms` on `route`, if the route does not change before they
        end.
        """
        spell = self._from_ms.searchsorted(due_ms, side="right") - 1
        return self._plans.take((platform * len(self._found) + route) * len(self._from_ms) + spell)

    def longest_ms(self) -> I64:
        """The longest time that an attempt of each platform can take, by the hosts' answers since then."""
        connect_ms, greeting_ms = self._schedules.connect_ms, self._schedules.greeting_ms
        longest_ms = np.zeros(len(self._schedules.all), dtype=np.int64)
        for found in self._found:
            if isinstance(found, tuple):
                answers = [self._columns[self._number[name]][1] for name in found]
                dropping, silent = (
                    sum(bool((a == one).any()) for a in answers) for one in (_TIMEOUT, _SILENT)
                )
                takes_ms = dropping * connect_ms + silent * greeting_ms
                longest_ms = np.maximum(longest_ms, takes_ms[: len(longest_ms)])
        return longest_ms

    def put_off(self, met: Met, organisation: NDArray[np.int32], ids: I64, due_ms: I64) -> NDArray[np.bool_]:
        """True for attempts in `met` that end at a greylist instead, and that therefore continue host by
        host.
        """
        put_off = np.zeros(len(ids), dtype=np.bool_)
        for name in self._contacts.names:
            here = np.flatnonzero((met.kind == OFFER) & (met.what == self._number[name]))
            come_ms = due_ms[here] + met.takes_ms[here]
            put_off[here] = self._contacts.put_off(name, organisation[here], ids[here], come_ms)
        return put_off

    def _plan(self, schedule: Schedule, found: Found) -> list[tuple[int, int, int, int, int]]:
        """One platform's attempts on one route, in every spell."""
        if isinstance(found, tuple):
            return self._plan_of_hosts(schedule, found)
        return [(_kind(schedule, found), 0, 0, CAUSES.index(found), NEVER_MS)] * len(self._from_ms)

    def _plan_of_hosts(
        self, schedule: Schedule, found: tuple[str, ...]
    ) -> list[tuple[int, int, int, int, int]]:
        """One route in every spell; a spell lasts as long as the behaviour of the attempted hosts is the
        same.
        """
        rows: list[tuple[int, int, int, int, int]] = []
        after: tuple[Behaviour, ...] | None = None
        ends_ms = until_ms = NEVER_MS
        for from_ms in reversed(self._from_ms.tolist()):
            behaviours = tuple(self._hosts[self._number[name]].at(from_ms) for name in found)
            kind, takes_ms, tried, what = self._constant(schedule, found, behaviours)
            reached = behaviours[:tried]
            if reached != after:
                ends_ms = until_ms
            rows.append((kind, takes_ms, tried, what, ends_ms))
            after, until_ms = reached, from_ms
        return rows[::-1]

    def _constant(
        self, schedule: Schedule, found: tuple[str, ...], behaviours: tuple[Behaviour, ...]
    ) -> tuple[int, int, int, int]:
        """(kind, duration, hosts attempted, result) of an attempt while the hosts behave in this way."""
        takes_ms, last = 0, UP
        for tried, (name, behaviour) in enumerate(zip(found, behaviours, strict=True), start=1):
            last = behaviour.answer
            if last == UP:
                return OFFER, takes_ms, tried, self._number[name]
            if behaviour.per_mille < 1000:
                return DRAWN, 0, tried, 0
            takes_ms += {"timeout": schedule.connect_ms, "silent": schedule.greeting_ms}.get(last, 0)
            if schedule.after[last] != "next":
                return _KINDS[schedule.after[last]], takes_ms, tried, CAUSES.index(last)
        return _KINDS[schedule.after[NOBODY]], takes_ms, len(found), CAUSES.index(last)

    def exact(
        self,
        platform: I64,
        route: I64,
        due_ms: I64,
        ids: I64,
        tries: NDArray[np.int32],
        organisation: NDArray[np.int32],
        before_ms: int = NEVER_MS,
    ) -> Met:
        """Results of attempts that begin at `due_ms`, host by host. `tries`: hosts attempted before.

        `hosts` counts only hosts that are attempted before `before_ms`.
        """
        columns = (np.zeros(len(due_ms), dtype=kind) for kind in (np.int8, *[np.int64] * 4))
        met = Met(*columns)
        for number in np.unique(route).tolist():
            found, rows = self._found[number], np.flatnonzero(route == number)
            if isinstance(found, str):
                met.what[rows] = CAUSES.index(found)
                met.kind[rows] = self._after[platform[rows], met.what[rows]]
                continue
            self._offer(found, rows, platform, due_ms, ids, tries, organisation, before_ms, met)
        return met

    def _offer(
        self,
        found: tuple[str, ...],
        rows: NDArray[np.intp],
        platform: I64,
        due_ms: I64,
        ids: I64,
        tries: NDArray[np.int32],
        organisation: NDArray[np.int32],
        before_ms: int,
        met: Met,
    ) -> None:
        """Write the results of the attempts `rows`, all on one route, into `met`."""
        now_ms, last = due_ms[rows], np.zeros(len(rows), dtype=np.int64)
        for position, name in enumerate(found):
            met.hosts[rows] += now_ms < before_ms
            keys = (ids[rows], tries[rows].astype(np.int64) + position)
            last, now_ms = self._answered(name, platform[rows], now_ms, keys)
            if name in self._contacts.names:
                off = self._contacts.put_off(name, organisation[rows], ids[rows], now_ms)
                last = np.where((last == _UP) & off, _DEFER, last)
            kind = self._after[platform[rows], last]
            over = kind != NEXT
            done = rows[over]
            met.kind[done], met.takes_ms[done] = kind[over], now_ms[over] - due_ms[done]
            met.what[done] = np.where(last[over] == _UP, self._number[name], last[over])
            rows, now_ms, last = rows[~over], now_ms[~over], last[~over]
        met.kind[rows], met.takes_ms[rows] = self._nobody[platform[rows]], now_ms - due_ms[rows]
        met.what[rows] = last

    def _answered(self, name: str, platform: I64, now_ms: I64, keys: tuple[I64, I64]) -> tuple[I64, I64]:
        """One host's answer to connections begun at `now_ms`, and when it is known.

        Dropped packets are repeated; the first that arrives is answered by the host's behaviour at that time.
        """
        host, (from_ms, answers, per_mille, by_whom) = (
            self._hosts[self._number[name]],
            self._columns[self._number[name]],
        )
        drawn = np.zeros((len(_SHARERS), len(now_ms)), dtype=np.int64)
        for number in np.unique(by_whom[per_mille < 1000]).tolist():
            of = _SHARERS[number]
            attempts = of == "attempts"
            drawn[number] = (
                attempt_permille(host.seed, name, *keys) if attempts else host.drawn_by(of, keys[0])
            )

        def at(rows: NDArray[np.intp], after_ms: int) -> I64:
            spell = from_ms.searchsorted(now_ms[rows] + after_ms, side="right") - 1
            meets = drawn[by_whom[spell], rows] < per_mille[spell]
            found: I64 = np.where(meets, answers[spell], _UP)
            return found

        connect_ms = self._schedules.connect_ms[platform]
        known_ms, answer = now_ms.copy(), at(np.arange(len(now_ms)), 0)
        dropped = np.flatnonzero(answer == _TIMEOUT)
        known_ms[dropped] += connect_ms[dropped]
        for after_ms in SYN_MS[1:]:
            dropped = dropped[connect_ms[dropped] > after_ms]
            again = at(dropped, after_ms)
            through = again != _TIMEOUT
            answer[dropped[through]] = again[through]
            known_ms[dropped[through]] = now_ms[dropped[through]] + after_ms
            dropped = dropped[~through]
        silent = answer == _SILENT
        known_ms[silent] += self._schedules.greeting_ms[platform[silent]]
        return answer, known_ms


def _kind(schedule: Schedule, cause: str) -> int:
    """The step that follows an answer or a look-up."""
    return OFFER if cause == UP else _KINDS[schedule.after[cause]]


def _columns(spells: Sequence[tuple[int, Behaviour]]) -> tuple[I64, I64, I64, I64]:
    """One host's spells: from_ms, answer, affected share in ‰, and the kind of that share, as a number in
    `_SHARERS`.
    """
    rows = [(at_ms, CAUSES.index(b.answer), b.per_mille, _SHARERS.index(b.of)) for at_ms, b in spells]
    from_ms, answers, per_mille, by_whom = np.array(rows, dtype=np.int64).T.copy()
    return from_ms, answers, per_mille, by_whom
