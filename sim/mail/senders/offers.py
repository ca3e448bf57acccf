"""Messages with timers of their own at the door of a busy host: they stand in its line like all others."""

from typing import Any

from sim.mail.senders.agenda import Agenda
from sim.mail.senders.host import UP
from sim.mail.senders.mail import DELIVERED, End, Mail


class Offers:
    """In the place of a sender on the agenda, for mail that `Timers` offers to hosts with a line."""

    def __init__(self, agenda: Agenda, ends: list[End]) -> None:
        """`ends`: where it is written that a message has been taken."""
        self.agenda, self.ends = agenda, ends
        self.number = len(agenda.senders)
        agenda.senders.append(self)
        self.queue: dict[int, Mail] = {}

    def offer(self, message: int, arrival_ms: int, tries: int, host: str) -> None:
        """A host has answered; the message joins its line."""
        self.queue[message] = Mail(message, arrival_ms, tries)
        self.agenda.queue_up(self.agenda.hosts[host], message, self.number)

    def taken(self, message: int, host: str) -> None:
        """Custody has passed."""
        mail = self.queue.pop(message)
        self.agenda.released(self.agenda.hosts[host])
        end = End(
            self.agenda.now_ms, DELIVERED, self.number, message, mail.arrival_ms, host, mail.tries, 0, UP
        )
        self.ends.append(end)

    def copied_state(self) -> dict[str, Any]:
        """Everything that changes with time, on its own."""
        return {"queue": dict(self.queue)}

    def restore(self, state: dict[str, Any]) -> None:
        """As it was when `copied_state` gave `state`."""
        self.queue = state["queue"]
