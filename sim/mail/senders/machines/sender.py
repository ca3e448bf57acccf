"""One sending organisation without its retry rule: delivering a message, bouncing it, sending notices.

Each stateful retry rule is a subclass in a module of its own. State is plain data (integers, strings,
flat lists and dictionaries of those, `QueuedMessage`), so that it can be copied; later steps are on the
agenda.
"""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Any, ClassVar

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.mail.message.syn_times import SYN_MS
from sim.mail.platforms.platform import Platform
from sim.mail.senders.hosts.host import HOST_FAILED, UP
from sim.mail.senders.machine_ends import BOUNCED, DELIVERED, End, EndedAlike, MachineEnds
from sim.mail.senders.machines.agenda import Agenda, Rank
from sim.mail.senders.machines.immediate import IN_LINE, NOT_AT_ONCE, AtOnce, at_once, step_after
from sim.mail.senders.machines.message_state import AttemptOutcome, QueuedMessage, Try, copied


class Sender:
    """What all sending platforms have in common. Subclasses add state, named in STATE, and `arrives`."""

    STATE: ClassVar[tuple[str, ...]] = ("queue", "under_way", "first_notice_ms", "contacts", "passes")

    def __init__(self, agenda: Agenda, platform: Platform, ends: MachineEnds) -> None:
        """`ends`: records how its messages end."""
        self.agenda, self.platform, self.roles = agenda, platform, platform.roles
        self.number = len(agenda.senders)
        agenda.senders.append(self)
        self.ends = ends
        self.trace: list[tuple[str, int, int, str]] | None = None
        """Trace for tests: (`try`, `connect`, `put off` or `notice`; time_ms, message, host)."""
        self.routes: list[tuple[int, tuple[str, ...] | str]] = [(0, ())]
        """The MX record as this sender sees it: (from_ms, hosts in order of preference, or the look-up's
        failure), ascending.
        """
        self.lookup_ms = 0
        """Duration of a look-up that ends in SERVFAIL."""
        self.connect_ms = self.roles.connect_ms
        self.greeting_ms = self.roles.duration("greeting_timeout")
        self.remembers_ms = 0
        """How long a delivery affects later mail, beyond the life of a kept connection."""
        self._notice_ages = list(platform.notice.after_ms)
        own = type(self)
        self._forgets_hosts = own.skips is Sender.skips and own.answered is Sender.answered
        self._at_once: AtOnce | None = None
        self.queue: dict[int, QueuedMessage] = {}
        self.under_way: dict[int, Try] = {}
        self.first_notice_ms = NEVER_MS
        """The time of the first delay notice from this sender, not counting notices sent at an age."""
        self.contacts: dict[tuple[str, int], int] = {}
        """The first contact with each greylisting host, for `Greylist.puts_off`: (host, key) -> ms."""
        self.passes = 0
        """The number of times that the whole queue was deferred in a single step: see `put_off_of`."""

    # State

    def copied_state(self) -> dict[str, Any]:
        """Everything that changes with time, as an independent copy."""
        return {name: copied(getattr(self, name)) for name in self.STATE}

    def restore(self, state: dict[str, Any]) -> None:
        """Restore what `copied_state` returned."""
        for name, value in state.items():
            setattr(self, name, value)

    # Words for subclasses

    @property
    def now_ms(self) -> int:
        """The current time."""
        return self.agenda.now_ms

    def at(self, time_ms: int, rank: Rank, message: int, method: str, *arguments: Any) -> None:
        """Call `method` at `time_ms`."""
        self.agenda.at(time_ms, rank, message, self.number, method, *arguments)

    def soon(self, method: str, *arguments: Any) -> None:
        """Call `method` as soon as the present event is done."""
        self.agenda.soon(self.number, method, *arguments)

    def found(self) -> tuple[str, ...] | str:
        """The resolver's answer now: hosts in order of preference, or the name of a failure."""
        now_ms, routes = self.agenda.now_ms, self.routes
        if routes[-1][0] <= now_ms:
            return routes[-1][1]
        for from_ms, hosts in reversed(routes):
            if from_ms <= now_ms:
                return hosts
        raise ValueError(f"no route is known at {now_ms} ms")

    def changing(self, mail: QueuedMessage) -> None:
        """Must be called before a message changes; saves the message's state at the agenda's hold."""
        agenda = self.agenda
        if mail.held != agenda.holds:
            mail.held = agenda.holds
            agenda.before.append((mail, mail.state()))

    def accept(self, message: int, arrival_ms: int) -> None:
        """Enter a message into the queue now; its first attempt is due."""
        mail = QueuedMessage(message, arrival_ms, put_off=-self.passes, held=self.agenda.holds)
        self.queue[message] = mail
        self.arrives(mail)

    def arrives(self, mail: QueuedMessage) -> None:
        """Treat a new message as the platform does."""
        raise TypeError(f"{type(self).__name__} does not define what happens to message {mail.id}")

    def keeps_route(self, bound_ms: int) -> bool:
        """True if the sender's resolver gives the same answer until `bound_ms`."""
        now_ms, routes = self.agenda.now_ms, self.routes
        return routes[-1][0] <= now_ms or not any(now_ms < from_ms < bound_ms for from_ms, _ in routes)

    def only_waits(self, bound_ms: int) -> bool:
        """True if no mail gets through until `bound_ms`, and all messages can only wait: see `take_in`."""
        return False

    def take_in(self, arrival_ms: I64, ids: I64, bound_ms: int) -> None:
        """Enter mail sent from now until `bound_ms`, which only waits. All earlier events may happen now."""
        raise TypeError(f"{type(self).__name__} looks at each of {len(ids)} messages")

    def at_rest(self, host: str) -> bool:
        """True if mail that `host` accepts at once neither depends on earlier mail nor affects later mail."""
        return False

    def open_until(self, bound_ms: int) -> tuple[str, int]:
        """The host that, from now on, accepts mail in the millisecond in which it is sent, and the time
        until which it does so; ("", now) if there is none.
        """
        now_ms, found = self.agenda.now_ms, self.found()
        if not isinstance(found, str) and found and self.trace is None and self.at_rest(found[0]):
            host = self.agenda.hosts[found[0]]
            if host.at(now_ms).answer == UP and host.takes_at_once:
                ends_ms = [from_ms for from_ms, _ in self.routes if from_ms > now_ms]
                return found[0], min([bound_ms, host.until(now_ms), *ends_ms])
        return "", now_ms

    def skips(self, mail: QueuedMessage, host: str, extra: int) -> bool:
        """True if the platform does not attempt `host` now."""
        return False

    def answered(self, host: str, answer: str, mail: QueuedMessage) -> None:
        """Record an answer; for platforms that remember facts about hosts."""

    # One attempt

    def attempt(self, mail: QueuedMessage, then: str, kept: str = "", extra: int = 0) -> None:
        """Offer the message to the hosts in order of preference until one accepts it or the platform's
        file has `stay` or `bounce`; then call the method `then` with (mail, outcome). `kept`: a host with
        an open connection; only this host is attempted.
        """
        found = (kept,) if kept else self.found()
        if isinstance(found, str):
            self._without_hosts(mail, found, then)
            return
        known = None if kept else self.at_once(found)
        if known is not None and (self._forgets_hosts or self._none_skipped(mail, known, extra)):
            self.offered(mail, known)
            if known.outcome.what == IN_LINE:
                host, now_ms = self.agenda.hosts[known.outcome.host], self.agenda.now_ms
                self.under_way[mail.id] = Try(found, then, False, extra, tried=host.name, since_ms=now_ms)
                self.agenda.queue_up(host, mail.id, self.number)
                return
            if known.outcome.what == "delivered":
                self.leave(mail, DELIVERED, UP, known.outcome.host)
            getattr(self, then)(mail, known.outcome)
            return
        self.under_way[mail.id] = Try(found, then, bool(kept), extra)
        self._next_host(mail)

    def at_once(self, found: tuple[str, ...]) -> AtOnce | None:
        """The result of every attempt at these hosts now, if it is known at once and alike for all mail."""
        known, now_ms = self._at_once, self.agenda.now_ms
        if self.trace is not None and not self._forgets_hosts:
            return None
        if known is None or not known.holds(found, now_ms):
            self._at_once = known = at_once(self.platform, found, self.agenda.hosts, now_ms)
        return known

    def _none_skipped(self, mail: QueuedMessage, known: AtOnce, extra: int) -> bool:
        """True if the platform attempts each of the hosts of `known` now; it remembers their answers then."""
        if any(self.skips(mail, name, extra) for name in known.tried):
            return False
        for host, (_, behaviour) in known.spells:
            self.answered(host.name, behaviour.answer, mail)
        return True

    def all_taken_at_once(self, mail: Sequence[QueuedMessage], known: AtOnce, more_put_off: int = 0) -> None:
        """The last host of `known` has accepted these messages, whose states do not need to be saved.

        `more_put_off`: for each message, deferrals that its own count lacks, not counting deferrals of the
        whole queue.
        """
        for one in mail:
            if self.trace is not None:
                self._note_tries(one, known)
            del self.queue[one.id]
        rows = [(one.id, one.arrival_ms, one.tries, one.put_off, one.notified) for one in mail]
        ids, arrival_ms, tries, put_off, notified = np.array(rows, dtype=np.int64).reshape(len(rows), 5).T
        now_ms, host = np.full(len(rows), self.agenda.now_ms), known.outcome.host
        tries, put_off = tries + len(known.tried), put_off + self.passes + more_put_off
        fate = now_ms, DELIVERED, self.number, ids, arrival_ms, host, tries, put_off, UP, notified
        self.ends.alike.append(EndedAlike(*fate))

    def offered(self, mail: QueuedMessage, known: AtOnce) -> None:
        """Record that the message has been offered to the hosts of `known`, all of which answered at once."""
        if mail.held != self.agenda.holds:
            self.changing(mail)
        mail.tries += len(known.tried)
        if self.trace is not None:
            self._note_tries(mail, known)

    def _note_tries(self, mail: QueuedMessage, known: AtOnce) -> None:
        for name in known.tried:
            self.note("try", mail.id, name)
            self.note("connect", mail.id, name)

    def _without_hosts(self, mail: QueuedMessage, why: str, then: str) -> None:
        known = self.platform.file.lookups.get(why)  # type: ignore[call-overload]
        what = known.value if known else "wait" if why == "servfail" else "bounce"
        if why == "servfail" and self.lookup_ms:
            self.under_way[mail.id] = Try((), then, False, last=what)
            self.at(self.now_ms + self.lookup_ms, Rank.END, mail.id, "looked_up", mail.id, what, why)
        else:
            getattr(self, then)(mail, AttemptOutcome(what, why))

    def looked_up(self, message: int, what: str, why: str) -> None:
        """Called at the end of a look-up that failed after a delay."""
        tried = self.under_way.pop(message)
        getattr(self, tried.then)(self.queue[message], AttemptOutcome(what, why))

    def _next_host(self, mail: QueuedMessage) -> None:
        """Go from host to host until one takes time to answer, accepts the message, or is the last."""
        tried, now_ms = self.under_way[mail.id], self.agenda.now_ms
        self.changing(mail)
        while tried.index < len(tried.hosts):
            name = tried.hosts[tried.index]
            if self.skips(mail, name, tried.extra):
                tried.index += 1
                continue
            tried.tried, tried.since_ms = name, now_ms
            if self.trace is not None:
                self.note("try", mail.id, name)
                if not tried.kept:
                    self.note("connect", mail.id, name)
            mail.tries += 1
            answer = self.agenda.hosts[name].answer(now_ms, mail.id, mail.tries - 1, self.contacts)
            if answer in NOT_AT_ONCE:
                self._dropped(mail.id, 0, answer)
                return
            if not self._goes_on(mail, tried, answer):
                return
        self._over(mail, AttemptOutcome("wait", tried.last, tried.of_host, tried.tried))

    def packet(self, message: int, number: int) -> None:
        """Let the `number`-th packet of a connection attempt reach the host, or be dropped."""
        host = self.agenda.hosts[self.under_way[message].tried]
        tries = self.queue[message].tries - 1
        self._dropped(message, number, host.answer(self.now_ms, message, tries, self.contacts))

    def _dropped(self, message: int, number: int, answer: str) -> None:
        """Take the next step after this answer to the packet, now or later."""
        tried = self.under_way[message]
        if answer == "timeout":
            number += 1
            again_ms = SYN_MS[number] if number < len(SYN_MS) else self.connect_ms
            if again_ms < self.connect_ms:
                self.at(tried.since_ms + again_ms, Rank.END, message, "packet", message, number)
            else:
                self.at(tried.since_ms + self.connect_ms, Rank.END, message, "known", message, answer)
        elif answer == "silent":
            self.at(self.now_ms + self.greeting_ms, Rank.END, message, "known", message, answer)
        else:
            self.known(message, answer)

    def known(self, message: int, answer: str) -> None:
        """Called when the present host's answer is known."""
        mail = self.queue[message]
        if self._goes_on(mail, self.under_way[message], answer):
            self._next_host(mail)

    def _goes_on(self, mail: QueuedMessage, tried: Try, answer: str) -> bool:
        """True if the next host has to be attempted after this answer; if not, handles the attempt's end."""
        name = tried.tried
        self.answered(name, answer, mail)
        if answer == UP:
            self.agenda.queue_up(self.agenda.hosts[name], mail.id, self.number)
            return False
        tried.of_host = tried.of_host and answer in HOST_FAILED
        what = step_after(self.platform, answer, is_last=tried.index + 1 == len(tried.hosts))
        if what != "next":
            self._over(
                mail, AttemptOutcome("bounce" if what == "bounce" else "wait", answer, tried.of_host, name)
            )
            return False
        tried.index, tried.last = tried.index + 1, answer
        return True

    def taken(self, message: int, host: str) -> None:
        """Record that custody has passed to the host."""
        mail, tried = self.queue[message], self.under_way.pop(message)
        self.leave(mail, DELIVERED, UP, host)
        getattr(self, tried.then)(mail, AttemptOutcome("delivered", UP, host=host))

    def _over(self, mail: QueuedMessage, outcome: AttemptOutcome) -> None:
        """Handle the end of an attempt without a host that accepts the message."""
        getattr(self, self.under_way.pop(mail.id).then)(mail, outcome)

    # The end of a message, and notices

    def leave(self, mail: QueuedMessage, fate: str, cause: str, host: str = "") -> None:
        """Remove the message from the queue."""
        del self.queue[mail.id]
        now_ms, who, one, put_off = self.agenda.now_ms, self.number, mail, mail.put_off + self.passes
        self.ends.append(
            End(now_ms, fate, who, one.id, one.arrival_ms, host, one.tries, put_off, cause, one.notified)
        )

    def bounce(self, mail: QueuedMessage, cause: str) -> None:
        """Bounce the message because of `cause`."""
        self.leave(mail, BOUNCED, cause)

    def failed(self, mail: QueuedMessage) -> None:
        """Count one more attempt, which has failed now."""
        self.changing(mail)
        mail.failures += 1
        mail.last_failed_ms = self.now_ms

    def puts_off(self, mail: QueuedMessage) -> None:
        """Count a deferral without a connection."""
        self.changing(mail)
        mail.put_off += 1
        self.note("put off", mail.id, "")

    def all_put_off(self, but: Collection[QueuedMessage]) -> None:
        """Count a deferral without a connection for the whole queue, except some messages."""
        self.passes += 1
        for mail in but:
            self.changing(mail)
            mail.put_off -= 1
        if self.trace is not None:
            for message in self.queue.keys() - {mail.id for mail in but}:
                self.note("put off", message, "")

    def in_hands(self) -> tuple[I64, I64]:
        """(id, arrival_ms) of every message in the queue."""
        queue, count = self.queue, len(self.queue)
        arrival_ms = np.fromiter(map(_arrival_ms, queue.values()), dtype=np.int64, count=count)
        return np.fromiter(queue, dtype=np.int64, count=count), arrival_ms

    def records(self) -> I64:
        """A row for every message in the queue: id, arrival_ms, tries, deferrals."""
        put_off = self.put_offs()
        rows = [(mail.id, mail.arrival_ms, mail.tries, put_off[mail.id]) for mail in self.queue.values()]
        return np.array(rows, dtype=np.int64).reshape(len(rows), 4)

    def put_offs(self) -> dict[int, int]:
        """The number of deferrals of each message in the queue."""
        return {mail.id: self.put_off_of(mail) for mail in self.queue.values()}

    def put_off_of(self, mail: QueuedMessage) -> int:
        """The number of deferrals of a message in the queue, including deferrals of the whole queue."""
        return mail.put_off + self.passes

    def notice_at_failure(self, mail: QueuedMessage, age_ms: int) -> None:
        """Send the delay notice at the first failure after each of the configured ages."""
        if self.platform.file.notice.when == "at-failure":
            self.notify(mail, self.ages_passed(age_ms))

    def notify(self, mail: QueuedMessage, passed: int) -> None:
        """Send one notice, if the message has passed an age for which none was sent."""
        if passed > mail.notified:
            self.changing(mail)
            mail.notified = passed
            self.first_notice_ms = min(self.first_notice_ms, self.now_ms)
            self.note("notice", mail.id, "")

    def notice_ages(self) -> list[int]:
        """The ages from which notices are sent, ascending; none if they are switched off."""
        return self._notice_ages

    def ages_passed(self, age_ms: int) -> int:
        """The number of configured ages that a message of this age has passed."""
        return bisect_right(self._notice_ages, age_ms)

    def note(self, what: str, message: int, host: str) -> None:
        """Add to the trace, for tests."""
        if self.trace is not None:
            self.trace.append((what, self.now_ms, message, host))


_arrival_ms = attrgetter("arrival_ms")
