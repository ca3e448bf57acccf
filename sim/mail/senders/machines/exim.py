"""Exim: retry records of hosts and of messages, queue runs, and connections that are passed on.

An unreachable host has a retry record; until the retry time in that record, Exim does not connect to the
host, not even for new mail. A message that a host deferred (4xx) has a record of its own. A failed look-up
gets a record for the domain: until its retry time, queue runs do not look up the domain. New messages do, and
a success removes the record. Exim counts whole seconds.
"""

from bisect import bisect_left
from dataclasses import replace
from itertools import islice
from typing import ClassVar

from sim.kernel.frozen import frozen
from sim.mail.platforms.platform import Platform
from sim.mail.senders.hosts.host import HOST_FAILED, UP
from sim.mail.senders.machine_ends import MachineEnds
from sim.mail.senders.machines.agenda import Agenda
from sim.mail.senders.machines.exim_wait_list import WaitList
from sim.mail.senders.machines.immediate import AtOnce
from sim.mail.senders.machines.message_state import AttemptOutcome, QueuedMessage
from sim.mail.senders.machines.processes import Process, Processes

FEW = 16
"""The rest of a queue run is deferred in a single step only if at most this many messages of the run came
before it.
"""


@frozen
class RetryRecord:
    """Exim's record of a failure, in seconds. `expired`: the last rule has run out."""

    first_s: int
    tried_s: int
    next_s: int
    expired: bool = False


class Exim(Processes):
    """`hosts_known`: the retry records of hosts; `own`: the retry records of messages; `lookup`: the
    record of the domain's look-up, if it failed; `waiting`: messages by host.
    """

    STATE: ClassVar[tuple[str, ...]] = (*Processes.STATE, "hosts_known", "own", "lookup", "waiting")

    def __init__(self, agenda: Agenda, platform: Platform, ends: MachineEnds, first_scan_ms: int) -> None:
        super().__init__(agenda, platform, ends, first_scan_ms)
        self.rules = self.roles.exim_rules()
        self.cutoff_s = self.rules[-1].cutoff_s
        self.longest_s = self.roles.seconds("rule_max")
        self.most_runs = self.roles.count("queue_runners")
        self.session_messages = self.roles.count("session_messages")
        self.block = self.roles.count("wait_block")
        self.hosts_known: dict[str, RetryRecord] = {}
        self.own: dict[int, RetryRecord] = {}
        self.lookup: RetryRecord | None = None
        self.waiting: dict[str, WaitList] = {}

    @property
    def now_s(self) -> int:
        """The current time in whole seconds."""
        return self.agenda.now_ms // 1000

    def at_rest(self, host: str) -> bool:
        return not (self.queue or self.processes or host in self.hosts_known or self.lookup)

    def arrives(self, mail: QueuedMessage) -> None:
        resting = self._all_rest()
        if not resting:
            super().arrives(mail)
            return
        self.lookup = None
        self.puts_off(mail)  # a process of its own could do nothing else
        for name in resting:
            self.waiting[name].add(mail.id)

    def fail_at_once(self, arrival_ms: list[int], messages: list[int]) -> None:
        place = 0
        while place < len(messages):
            self.agenda.now_ms = arrival_ms[place]
            resting = self._all_rest()
            if resting:
                rested_ms = min(self.hosts_known[name].next_s for name in resting) * 1000
                until = bisect_left(arrival_ms, rested_ms, place)
                self._all_wait_for(resting, arrival_ms[place:until], messages[place:until])
            else:
                until = place + 1
                super().fail_at_once(arrival_ms[place:until], messages[place:until])
            place = until

    def _all_wait_for(self, resting: tuple[str, ...], arrival_ms: list[int], messages: list[int]) -> None:
        """Defer new messages, each in a separate process."""
        self.lookup = None
        put_off, holds = 1 - self.passes, self.agenda.holds
        for at_ms, message in zip(arrival_ms, messages, strict=True):
            self.queue[message] = QueuedMessage(message, at_ms, put_off=put_off, held=holds)
        for name in resting:
            self.waiting[name].add_all(messages)

    # Processes, and the messages that they handle

    def run_queue(self) -> None:
        """Start a queue run, unless too many are still running."""
        if self.runs < self.most_runs:
            if self._all_of_it_rests():
                self.all_put_off(())
            else:
                self.begin(tuple(self.queue))

    def _all_of_it_rests(self) -> bool:
        """True if a queue run now would defer every message, because it must not connect to any host."""
        if not self.queue or self.own or self.processes or self.lookup:
            return False
        resting, oldest = self._all_rest(), next(iter(self.queue.values()))
        if not resting or self.now_s - oldest.arrival_ms // 1000 > self.cutoff_s:
            return False
        return all(len(self.waiting[name]) == len(self.queue) for name in resting)

    def goes_on(self, process: Process) -> bool:
        """Deliver one message, and then, over the same connection, other messages that wait for its host."""
        if process.connected:
            host, process.connected = process.connected, ""
            if self._hands_on(process, host):
                return True
        if not process.of_run:
            return False  # the process's only message has had its turn
        if process.own in self.own:
            # the message itself was deferred: notices are sent in any queue run, with or without an attempt
            self._warn(self.queue[process.own])
        self._pass_over(process)
        mail = self.next_own(process)
        if mail is None:
            return False
        self.turn(process, mail)
        return True

    def _pass_over(self, process: Process) -> None:
        """Defer the messages of a queue run up to the next one for which an attempt is due."""
        if self._lookup_rests():
            self._nothing_looked_up(process)
            return
        resting, now_s = self._all_rest(), self.now_s
        if resting and self._all_pass(process, resting):
            return
        while process.position < len(process.messages):
            mail = self.queue.get(process.messages[process.position])
            if mail is not None and not mail.in_hand:
                record = self.own.get(mail.id)
                old = now_s - mail.arrival_ms // 1000 > self.cutoff_s
                if old or (now_s >= record.next_s if record else not resting):
                    return
                self.puts_off(mail)
                if record is None:
                    self.lookup = None
                    for name in resting:
                        self.waiting[name].add(mail.id)
                else:
                    self._warn(mail)
            process.position += 1

    def _lookup_rests(self) -> bool:
        """True if queue runs must not look up the domain yet."""
        record = self.lookup
        return record is not None and self.now_s < record.next_s and not record.expired

    def _nothing_looked_up(self, process: Process) -> None:
        """Defer the rest of a queue run after a failed look-up."""
        for message in process.messages[process.position :]:
            mail = self.queue.get(message)
            if mail is not None and not mail.in_hand:
                self.puts_off(mail)
                self._warn(mail)
        process.position = len(process.messages)

    def _all_pass(self, process: Process, resting: tuple[str, ...]) -> bool:
        """Defer the rest of a queue run together. Returns False if an attempt is due, or may be due, for
        one of these messages.
        """
        if self.own or process.position > FEW:
            return False
        before = [self.queue[one] for one in process.messages[: process.position] if one in self.queue]
        others = {mail.id: mail for mail in before}
        for mail in reversed(self.queue.values()):
            if mail.arrival_ms < process.since_ms:
                break
            others[mail.id] = mail
        others |= {one: self.queue[one] for one in self.with_process if one in self.queue}
        first = next((mail for mail in self.queue.values() if mail.id not in others), None)
        if first is not None and self.now_s - first.arrival_ms // 1000 > self.cutoff_s:
            return False  # old messages are always attempted; all others are younger than this one
        for name in resting:
            waiting = self.waiting[name]
            if len(waiting) - sum(one in waiting for one in others) < len(self.queue) - len(others):
                return False  # a message is not on the list yet
        if len(self.queue) > len(others):
            self.lookup = None
        self.all_put_off(others.values())
        process.position = len(process.messages)
        return True

    def _all_rest(self) -> tuple[str, ...]:
        """The hosts that the MX record names now, if Exim must not connect to any of them yet; otherwise
        none.
        """
        if not self.hosts_known:
            return ()
        names, all_expired = self.found(), True
        if isinstance(names, str):
            return ()
        for name in names:
            if not self._rests(name):
                return ()
            all_expired = all_expired and self.hosts_known[name].expired
        if all_expired:
            return ()
        for name in names:
            if name not in self.waiting:
                self.waiting[name] = WaitList()
        return names

    def _rests(self, host: str) -> bool:
        """True before the host's retry time."""
        record = self.hosts_known.get(host)
        return record is not None and self.now_s < record.next_s

    def turn(self, process: Process, mail: QueuedMessage) -> None:
        process.handed = 1
        self._turn(process, mail)

    def _turn(self, process: Process, mail: QueuedMessage, kept: str = "") -> None:
        """Attempt a message, unless its own record is not due yet; past the last cutoff, it is always
        attempted.
        """
        old = self.now_s - mail.arrival_ms // 1000 > self.cutoff_s
        own = self.own.get(mail.id)
        if own and self.now_s < own.next_s and not old:
            self.puts_off(mail)
        else:
            if not kept and not isinstance(self.found(), str):
                self.lookup = None
            self.try_out(process, mail, kept, extra=old)

    def _hands_on(self, process: Process, host: str) -> bool:
        """Send the next waiting message over an open connection or, if the host accepts each of them at
        once, as many as the session allows. Returns False if none is waiting.
        """
        left = self.session_messages - process.handed
        if left <= 0 or host not in self.waiting:
            return False
        waiting = self.waiting[host].newest_block_first(self.block)
        if self._takes_all(host):
            together = list(islice(waiting, left))
            outcome = AttemptOutcome("delivered", UP, host=host)
            known = AtOnce((host,), self.now_ms, (), (host,), outcome)
            self.all_taken_at_once([self.queue[message] for message in together], known)
            for names in self.waiting.values():
                names.remove_all(together)
            process.handed += len(together)
            process.connected = host if together else ""
            return bool(together)
        after = next((self.queue[message] for message in waiting if not self.queue[message].in_hand), None)
        if after is None:
            return False
        process.handed += 1
        self._turn(process, after, host)
        return True

    def _takes_all(self, host: str) -> bool:
        """True if the host would now accept every queued message at once."""
        if self.trace is not None or self.own or self.with_process:
            return False
        receiver = self.agenda.hosts[host]
        return receiver.takes_at_once and receiver.at(self.now_ms).answer == UP

    # Results of attempts

    def skips(self, mail: QueuedMessage, host: str, extra: int) -> bool:
        """True if the message may be offered to the host before the host's retry time: only old messages
        may.
        """
        return not extra and self._rests(host)

    def answered(self, host: str, answer: str, mail: QueuedMessage) -> None:
        if answer in HOST_FAILED:
            self.hosts_known[host] = self._noted(self.hosts_known.get(host), self.now_s)
        else:
            self.hosts_known.pop(host, None)

    def ended(self, process: Process, mail: QueuedMessage, outcome: AttemptOutcome) -> None:
        if outcome.what == "delivered":
            process.connected = outcome.host
        elif outcome.what == "bounce":
            self.bounce(mail, outcome.cause)
        else:
            self._put_back(mail, outcome)
            if process.of_run and not outcome.host and not outcome.of_host and mail.id in self.queue:
                self._warn(mail)  # its lookup failed

    def _put_back(self, mail: QueuedMessage, outcome: AttemptOutcome) -> None:
        """Keep the message in the queue, unless every record that concerns it has run out."""
        if outcome.host:
            self.failed(mail)
        else:
            self.puts_off(mail)
        if outcome.of_host:
            over = self._waits_for_hosts(mail)
        elif not outcome.host:
            over = self._lookup_failed(mail)
        else:
            record = self._noted(self.own.get(mail.id), mail.arrival_ms // 1000)
            self.own[mail.id], over = record, record.expired
        if over:
            self.bounce(mail, outcome.cause or "refused")
        elif outcome.host and outcome.of_host:
            self._warn(mail)

    def _lookup_failed(self, mail: QueuedMessage) -> bool:
        """Record the failure for the domain. Returns True if the last rule has run out for the domain or
        for the message.
        """
        age_s = self.now_s - mail.arrival_ms // 1000
        record = self._noted(self.lookup, self.now_s, age_s)
        if age_s > self.cutoff_s:  # the next old message may look up the domain as well
            record = replace(record, next_s=self.now_s)
        self.lookup = record
        return record.expired

    def _waits_for_hosts(self, mail: QueuedMessage) -> bool:
        """Add the message to the lists of the hosts that the MX record names now. Returns True if the
        records of all these hosts have run out.
        """
        names = self.found()
        if isinstance(names, str):
            return False
        for name in names:
            self.waiting.setdefault(name, WaitList()).add(mail.id)
        return all(name in self.hosts_known and self.hosts_known[name].expired for name in names)

    def leave(self, mail: QueuedMessage, fate: str, cause: str, host: str = "") -> None:
        self.own.pop(mail.id, None)
        for waiting in self.waiting.values():
            waiting.remove(mail.id)
        super().leave(mail, fate, cause, host)

    def _noted(self, was: RetryRecord | None, first_s: int, age_s: int = 0) -> RetryRecord:
        """The record after one more failure now. `first_s`: the time of the first failure, if there is no
        record yet.

        `age_s`: the age of the message, which is used instead of the length of the failure if it is longer.
        """
        now_s = self.now_s
        was = was or RetryRecord(first_s, now_s, now_s)
        failing_s = max(now_s - was.first_s, age_s)
        rule = next((rule for rule in self.rules if failing_s <= rule.cutoff_s), self.rules[-1])
        gap_s = min(was.next_s - was.tried_s, now_s - was.tried_s)
        if rule.kind == "F" or gap_s < rule.interval_s:
            gap_s = rule.interval_s
        else:
            gap_s = gap_s * rule.factor_thousandths // 1000
        next_s = now_s + min(gap_s, self.longest_s)
        return RetryRecord(was.first_s, now_s, next_s, failing_s > self.cutoff_s)

    # Delay notices

    def _warn(self, mail: QueuedMessage) -> None:
        """Send a delay notice if one is due; notices repeat. After a host's failure, one is sent only if
        there was an actual attempt.
        """
        self.notify(mail, self.ages_passed((self.now_s - mail.arrival_ms // 1000) * 1000))

    def ages_passed(self, age_ms: int) -> int:
        ages = self.notice_ages()
        passed = super().ages_passed(age_ms)
        if ages and passed == len(ages):
            step_ms = ages[-1] - (ages[-2] if len(ages) > 1 else 0)
            passed += (age_ms - ages[-1]) // step_ms
        return passed
