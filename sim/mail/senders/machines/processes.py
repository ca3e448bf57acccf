"""Platforms that have a process, working step by step, for each new message and each queue run."""

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import ClassVar

from sim.kernel.draws import I64
from sim.kernel.duration import NEVER_MS
from sim.mail.platforms.platform import Platform
from sim.mail.senders.machine_ends import MachineEnds
from sim.mail.senders.machines.agenda import Agenda, Rank
from sim.mail.senders.machines.immediate import AtOnce
from sim.mail.senders.machines.message_state import AttemptOutcome, QueuedMessage
from sim.mail.senders.machines.scanning import Scanning


@dataclass(slots=True)
class Process:
    """The state of one process. `messages`: the process's messages, in order, up to `position`; `own`: the
    last of these messages; `waits`: True while the process waits for an answer about a message;
    `connected`: the host, "" if there is none; `handed`: messages sent over that connection; `failed`:
    hosts that the process could not reach.
    """

    number: int
    messages: tuple[int, ...]
    of_run: bool
    since_ms: int
    position: int = 0
    own: int = -1
    waits: bool = False
    at_work: bool = False
    connected: str = ""
    handed: int = 0
    failed: tuple[str, ...] = ()

    def copied(self) -> "Process":
        """A copy of the process, to be changed independently."""
        return replace(self)


class Processes(Scanning):
    """A sender with such processes. `processes`: by number; `with_process`: the process that is working on
    a message. Subclasses add `turn`, `goes_on`, `ended` and `run_queue`.
    """

    STATE: ClassVar[tuple[str, ...]] = (*Scanning.STATE, "processes", "with_process", "begun", "runs")

    def __init__(self, agenda: Agenda, platform: Platform, ends: MachineEnds, first_scan_ms: int) -> None:
        super().__init__(agenda, platform, ends, first_scan_ms)
        self.processes: dict[int, Process] = {}
        self.with_process: dict[int, int] = {}
        self.begun = 0
        """The number of processes started so far."""
        self.runs = 0
        """The number of queue runs among the processes in progress."""

    def turn(self, process: Process, mail: QueuedMessage) -> None:
        """Attempt a new message, in its own process."""
        raise TypeError(
            f"{type(self).__name__} does not define a turn of process {process.number} with {mail.id}"
        )

    def goes_on(self, process: Process) -> bool:
        """Do one more step. Returns False if there is nothing left to do."""
        raise TypeError(f"{type(self).__name__} does not define how process {process.number} continues")

    def ended(self, process: Process, mail: QueuedMessage, outcome: AttemptOutcome) -> None:
        """Apply the result of an attempt to the message, and to the process that made it."""

    def accept(self, message: int, arrival_ms: int) -> None:
        super().accept(message, arrival_ms)
        if not self.planned:  # otherwise, the next queue run is already planned
            self.look_from(self.agenda.now_ms)

    def arrives(self, mail: QueuedMessage) -> None:
        """Start a process for the new message, which is attempted at once."""
        self.begun = number = self.begun + 1
        process = Process(number, (mail.id,), False, self.agenda.now_ms, position=1, own=mail.id)
        self.processes[number] = process
        self.turn(process, mail)

    def scan(self) -> None:
        """Carry out the queue run that is due now, unless `take_in` has already done so."""
        if self.agenda.now_ms not in self.planned:
            return
        super().scan()
        self.run_queue()
        if self.queue:
            self.look_from(self.now_ms)

    def run_queue(self) -> None:
        """Start a queue run over the messages that are in the queue now."""
        raise TypeError(f"{type(self).__name__} does not define a queue run for {len(self.queue)} messages")

    # While no mail gets through

    def only_waits(self, bound_ms: int) -> bool:
        if self.processes or self.trace is not None or not self.keeps_route(bound_ms):
            return False
        return self.nobody_gets_through() is not None

    def nobody_gets_through(self) -> AtOnce | None:
        """The result of every attempt, if all hosts fail now, at once and for all mail; otherwise None."""
        found = self.found()
        known = None if isinstance(found, str) else self.at_once(found)
        if known is None or len(known.tried) < len(known.found) or not known.outcome.of_host:
            return None
        return known if known.outcome.what == "wait" else None

    def take_in(self, arrival_ms: I64, ids: I64, bound_ms: int) -> None:
        """Carry out all queue runs and new messages until `bound_ms` without the agenda, because no other
        sender notices them.
        """
        agenda, planned = self.agenda, self.planned
        began_ms, rank, agenda.rank = agenda.now_ms, agenda.rank, Rank.ATTEMPT
        come_ms, messages, place = arrival_ms.tolist(), ids.tolist(), 0
        look_ms = min(planned, default=NEVER_MS)
        while True:
            if place < len(come_ms):
                look_ms = min(look_ms, self.next_scan_ms(come_ms[place] + 1))
            until = bisect_left(come_ms, look_ms, place)
            if until > place:
                self.fail_at_once(come_ms[place:until], messages[place:until])
                place = until
            if look_ms >= bound_ms:
                break
            agenda.now_ms = look_ms
            agenda.steps += 1
            self.run_queue()
            look_ms = self.next_scan_ms(look_ms + 1) if self.queue else NEVER_MS
        agenda.now_ms, agenda.rank = began_ms, rank
        self.planned = [look_ms] if look_ms < NEVER_MS else []
        if look_ms not in planned and self.planned:
            agenda.at(look_ms, Rank.ATTEMPT, 0, self.number, "scan")

    def fail_at_once(self, arrival_ms: list[int], messages: list[int]) -> None:
        """Add new messages, none of which gets through, before the next queue run."""
        for at_ms, message in zip(arrival_ms, messages, strict=True):
            self.agenda.now_ms = at_ms
            super().accept(message, at_ms)

    def begin(self, messages: tuple[int, ...]) -> None:
        """Start the process of a queue run."""
        self.begun += 1
        self.processes[self.begun] = Process(self.begun, messages, True, self.now_ms)
        self.runs += 1
        self._work(self.processes[self.begun])

    def _work(self, process: Process) -> None:
        """Run a process until it has to wait or is done. Results known without waiting are handled here
        too.
        """
        if process.at_work:
            return
        process.at_work = True
        while not process.waits and self.goes_on(process):
            pass
        process.at_work = False
        if not process.waits:
            del self.processes[process.number]
            self.runs -= process.of_run

    def next_own(self, process: Process) -> QueuedMessage | None:
        """The next message of a process that no other process is working on."""
        messages, queue = process.messages, self.queue
        while process.position < len(messages):
            process.own = messages[process.position]
            process.position += 1
            mail = queue.get(process.own)
            if mail is not None and not mail.in_hand:
                return mail
        return None

    def try_out(self, process: Process, mail: QueuedMessage, kept: str = "", extra: int = 0) -> None:
        """Make an attempt; `ended` is called with the result. For the arguments, see `attempt`."""
        self.changing(mail)
        process.waits = mail.in_hand = True
        self.with_process[mail.id] = process.number
        self.attempt(mail, "tried", kept, extra)

    def tried(self, mail: QueuedMessage, outcome: AttemptOutcome) -> None:
        """Called at the end of an attempt."""
        process = self.processes[self.with_process.pop(mail.id)]
        self.changing(mail)
        process.waits = mail.in_hand = False
        self.ended(process, mail, outcome)
        self._work(process)
