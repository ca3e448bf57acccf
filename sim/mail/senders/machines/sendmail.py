"""sendmail: a queue run attempts all mail, newest first, and skips hosts that failed earlier in the run.

New mail is attempted at once by a process of its own. If a run is not finished when the next one starts, both
continue in parallel, with one connection for each queue run.
"""

from collections import deque
from collections.abc import Collection, Container
from typing import ClassVar

from sim.mail.platforms.platform import Platform
from sim.mail.senders.hosts.host import HOST_FAILED, Behaviour
from sim.mail.senders.machine_ends import MachineEnds
from sim.mail.senders.machines.agenda import Agenda
from sim.mail.senders.machines.immediate import AtOnce
from sim.mail.senders.machines.message_state import AttemptOutcome, QueuedMessage
from sim.mail.senders.machines.processes import Process, Processes

DEFERS = Behaviour("defer")


class Sendmail(Processes):
    """A sender with queue runs on a grid. `silent`: messages in order of arrival, including all that may
    still get a notice; `all_failed_ms`: the last time that the whole queue failed together.
    """

    STATE: ClassVar[tuple[str, ...]] = (*Processes.STATE, "silent", "all_failed_ms")

    def __init__(self, agenda: Agenda, platform: Platform, ends: MachineEnds, first_scan_ms: int) -> None:
        super().__init__(agenda, platform, ends, first_scan_ms)
        self.lifetime_ms = self.roles.duration("lifetime")
        self.min_age_ms = self.roles.duration("min_queue_age")
        self.silent: deque[int] = deque()
        self.all_failed_ms = 0

    def at_rest(self, host: str) -> bool:
        return not (self.queue or self.processes)

    def run_queue(self) -> None:
        known = None if self.processes or self.trace is not None else self.nobody_gets_through()
        if known is not None and self.queue and not self.min_age_ms and len(self.notice_ages()) < 2:
            self._newest_fails(known)
        else:
            # the queue is in order of arrival; sendmail starts with the newest
            self.begin(tuple(reversed(self.queue)))

    def _newest_fails(self, known: AtOnce) -> None:
        """Defer the rest of a queue run whose first message does not reach any host."""
        newest = self.queue[next(reversed(self.queue))]
        self.offered(newest, known)
        self.failed(newest)
        self._aged(newest, self._age_ms(newest), known.outcome.cause)
        self._all_others_fail([newest] if newest.id in self.queue else [])

    def fail_at_once(self, arrival_ms: list[int], messages: list[int]) -> None:
        known = self.nobody_gets_through()
        if known is None:
            raise ValueError(f"mail of {self.platform.id} can get through at {arrival_ms[0]} ms")
        put_off, holds, tries = -self.passes, self.agenda.holds, len(known.tried)
        for at_ms, message in zip(arrival_ms, messages, strict=True):
            self.queue[message] = QueuedMessage(
                message, at_ms, tries, put_off, failures=1, last_failed_ms=at_ms, held=holds
            )
        if self.notice_ages():
            self.silent += messages

    def turn(self, process: Process, mail: QueuedMessage) -> None:
        self.try_out(process, mail, extra=process.number)

    def goes_on(self, process: Process) -> bool:
        if not process.of_run:
            return False  # the process's only message has had its turn
        if self._all_taken(process):
            return False
        if process.failed or process.connected:
            left = self._left(process)
            if left is not None:
                self._fail_rest(process, left)
                return False
        while (mail := self.next_own(process)) is not None:
            if self._old_enough(mail, process.since_ms):
                self.turn(process, mail)
                return True
        return False

    def _all_taken(self, process: Process) -> bool:
        """True if the first host has accepted the rest of the run, each message as soon as it was offered."""
        found = self.found()
        known = None if isinstance(found, str) else self.at_once(found)
        if known is None or known.outcome.what != "delivered" or len(known.tried) > 1:
            return False
        if known.outcome.host in process.failed:
            return False
        rest = map(self.queue.get, process.messages[process.position :])
        since_ms, process.position = process.since_ms, len(process.messages)
        free = [mail for mail in rest if mail is not None and not mail.in_hand]
        self.all_taken_at_once([mail for mail in free if self._old_enough(mail, since_ms)], known)
        return True

    def _left(self, process: Process) -> str | None:
        """The host at which all remaining messages of the run fail now, at once: the connected host if it
        defers everything, "" if all hosts have failed. None: some may succeed.
        """
        found = self.found()
        if isinstance(found, str):
            return None
        hosts = [host for host in found if host not in process.failed]
        if not hosts:
            return ""
        defers = self.agenda.hosts[hosts[0]].at(self.now_ms) == DEFERS
        return hosts[0] if hosts == [process.connected] and defers else None

    def arrives(self, mail: QueuedMessage) -> None:
        if self.notice_ages():
            self.silent.append(mail.id)
        super().arrives(mail)

    def _fail_rest(self, process: Process, host: str) -> None:
        """Count the rest of the run as failed attempts."""
        if not host and self._all_fail(process):
            return
        now_ms, ages, queue = self.now_ms, self.notice_ages(), self.queue
        left, process.position = process.messages[process.position :], len(process.messages)
        for message in left:
            mail = queue.get(message)
            if mail is None or mail.in_hand or not self._old_enough(mail, process.since_ms):
                continue
            self.changing(mail)
            if host:
                mail.tries += 1
                self.note("try", message, host)
            else:
                mail.put_off += 1
                self.note("put off", message, "")
            mail.failures += 1
            mail.last_failed_ms = now_ms
            age_ms = self._age_ms(mail)
            if age_ms >= self.lifetime_ms or (mail.notified < len(ages) and age_ms >= ages[mail.notified]):
                self._aged(mail, age_ms, "defer" if host else "")

    def _all_fail(self, process: Process) -> bool:
        """Take a shortcut, with the same result as the full run, for a run that began in this millisecond.
        Returns False if it does not apply.
        """
        now_ms, queue = self.now_ms, self.queue
        if self.min_age_ms or len(self.notice_ages()) > 1 or process.since_ms < now_ms:
            return False
        had = {one: queue[one] for one in process.messages[: process.position] if one in queue}
        if len(had) > 1 or any(mail.last_failed_ms < now_ms for mail in had.values()):
            return False
        process.position = len(process.messages)
        had |= {one: queue[one] for one in self.with_process if one in queue}
        self._all_others_fail(had.values())
        return True

    def _all_others_fail(self, but: Collection[QueuedMessage]) -> None:
        """Count an attempt as failed for all messages in the queue except `but`."""
        self.all_put_off(but)
        self.all_failed_ms = self.now_ms
        for mail in self._aged_by(self.now_ms, {mail.id for mail in but}):
            self._aged(mail, self._age_ms(mail), "")

    def _age_ms(self, mail: QueuedMessage) -> int:
        """The message's age in whole seconds."""
        return (self.now_ms // 1000 - mail.arrival_ms // 1000) * 1000

    def _aged_by(self, now_ms: int, but: Container[int]) -> list[QueuedMessage]:
        """Messages, except `but`, whose age makes a notice or a bounce due now."""
        now_s, later, found = now_ms // 1000, list[int](), list[QueuedMessage]()
        for mail in self.queue.values():
            if (now_s - mail.arrival_ms // 1000) * 1000 < self.lifetime_ms:
                break
            if mail.id not in but:
                found.append(mail)
        while self.silent:
            oldest = self.queue.get(self.silent[0])
            if oldest is not None:
                age_ms = (now_s - oldest.arrival_ms // 1000) * 1000
                if age_ms < self.notice_ages()[0]:
                    break
                if oldest.id in but:
                    later.append(oldest.id)
                elif age_ms < self.lifetime_ms:
                    found.append(oldest)
            self.silent.popleft()
        self.silent.extendleft(reversed(later))
        return found

    def _old_enough(self, mail: QueuedMessage, run_ms: int) -> bool:
        """True if MinQueueAge has passed since the last attempt, in whole seconds; if it is 0, True if
        there has been no attempt since the run began.
        """
        failed_ms = max(mail.last_failed_ms, self.all_failed_ms)
        return failed_ms // 1000 * 1000 + self.min_age_ms <= run_ms

    def skips(self, mail: QueuedMessage, host: str, extra: int) -> bool:
        return host in self.processes[extra].failed

    def answered(self, host: str, answer: str, mail: QueuedMessage) -> None:
        process = self.processes[self.with_process[mail.id]]
        if answer in HOST_FAILED:
            process.failed += (host,)
            if process.connected == host:
                process.connected = ""
        elif process.connected == host:
            self._over_the_same_connection(mail)
        else:
            process.connected = host

    def _over_the_same_connection(self, mail: QueuedMessage) -> None:
        """For tests: remove the connection of the present attempt from the trace, because none was needed."""
        if self.trace is not None:
            tried, place = self.under_way[mail.id], len(self.trace) - 1
            while self.trace[place] != ("connect", tried.since_ms, mail.id, tried.tried):
                place -= 1
            del self.trace[place]

    def ended(self, process: Process, mail: QueuedMessage, outcome: AttemptOutcome) -> None:
        if outcome.what == "delivered":
            return
        self.failed(mail)
        if not outcome.host:
            self.puts_off(mail)
        age_ms = self._age_ms(mail)
        if outcome.what == "bounce":
            self.bounce(mail, outcome.cause)
        else:
            self._aged(mail, age_ms, outcome.cause)

    def _aged(self, mail: QueuedMessage, age_ms: int, cause: str) -> None:
        """Bounce a message that failed at this age, or send a notice, or do neither."""
        if age_ms >= self.lifetime_ms:
            self.bounce(mail, cause or "refused")
        else:
            self.notice_at_failure(mail, age_ms)
