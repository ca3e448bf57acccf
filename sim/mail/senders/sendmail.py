"""sendmail: a queue run tries everything, newest first; a host that failed is not tried again in the run.

New mail is tried at once by a process of its own. A run that is not finished when the next one starts
goes on beside it: one more connection for each queue run.
"""

from sim.mail.platform import Platform
from sim.mail.senders.agenda import Agenda
from sim.mail.senders.host import HOST_FAILED
from sim.mail.senders.processes import Process, Processes
from sim.mail.senders.sender import End, Mail, Outcome


class Sendmail(Processes):
    """Queue runs on a grid."""

    def __init__(self, agenda: Agenda, platform: Platform, ends: list[End], first_scan_ms: int) -> None:
        super().__init__(agenda, platform, ends, first_scan_ms)
        self.lifetime_ms = self.roles.duration("lifetime")
        self.min_age_ms = self.roles.duration("min_queue_age")

    def scan(self) -> None:
        """A queue run over what it finds when it starts."""
        super().scan()
        newest_first = sorted(self.queue.values(), key=lambda m: (m.arrival_ms, m.id), reverse=True)
        self.begin(tuple(mail.id for mail in newest_first), of_run=True)
        if self.queue:
            self.look_from(self.now_ms)

    def goes_on(self, process: Process) -> bool:
        found = self.found() if process.failed else ""
        if process.failed and not isinstance(found, str) and set(found) <= set(process.failed):
            self._put_off_rest(process)
            return False
        while (mail := self.next_own(process)) is not None:
            if not process.of_run or self._old_enough(mail, process.since_ms):
                self.try_out(process, mail, extra=process.number)
                return True
        return False

    def _put_off_rest(self, process: Process) -> None:
        """All hosts have failed in this run: what is left of it is counted as failed, and that is all."""
        left, process.position = process.messages[process.position :], len(process.messages)
        for message in left:
            mail = self.queue.get(message)
            if mail is None or mail.in_hand or not self._old_enough(mail, process.since_ms):
                continue
            self._failed_again(mail, "")

    def _old_enough(self, mail: Mail, run_ms: int) -> bool:
        """MinQueueAge since the last attempt, in whole seconds."""
        return mail.last_failed_ms // 1000 * 1000 + self.min_age_ms <= run_ms

    def skips(self, mail: Mail, host: str, extra: int) -> bool:
        return host in self.processes[extra].failed

    def answered(self, host: str, answer: str, mail: Mail) -> None:
        process = self.processes[self.with_process[mail.id]]
        if answer in HOST_FAILED:
            process.failed += (host,)
            if process.connected == host:
                process.connected = ""
        elif process.connected == host:
            self.over_the_same_connection(mail)
        else:
            process.connected = host

    def ended(self, process: Process, mail: Mail, outcome: Outcome) -> None:
        if outcome.what == "delivered":
            return
        self._failed_again(mail, outcome.cause, tried=bool(outcome.host), for_good=outcome.what == "bounce")

    def _failed_again(self, mail: Mail, cause: str, *, tried: bool = False, for_good: bool = False) -> None:
        """Back into the queue, or a bounce if it was refused for good or its lifetime is over."""
        self.failed(mail)
        if not tried:
            self.puts_off(mail)
        age_ms = (self.now_ms // 1000 - mail.arrival_ms // 1000) * 1000
        if for_good or age_ms >= self.lifetime_ms:
            self.bounce(mail, cause or "refused")
        else:
            self.notice_at_failure(mail, age_ms)
