"""Approvals: what needs somebody else's word before it may be done, who gave it, who went without.

An answer takes an approver's time and comes by a keyed draw; an override in an emergency needs
nobody, and stays on record as unapproved.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from sim.drill.staffing import Approvals as Rules
from sim.drill.waits import happens, wait_ms

SUBJECTS = ("mx", "outbound", "exposure")
"""MX to another host; outbound mail by another way; a lock, filter or firewall opened."""

State = Literal["asked", "granted", "refused", "overridden"]


@dataclass(frozen=True, slots=True)
class Approval:
    """One request, and what became of it."""

    subject: str
    asked_ms: int
    by: str
    """Who asked."""
    of: str
    """Who is to answer."""
    state: State
    answered_ms: int | None = None
    because: str = ""


@dataclass(slots=True)
class Approvals:
    """The requests of one drill. Without `rules` nothing needs approval."""

    rules: Rules | None
    seed: int
    requests: list[Approval] = field(default_factory=list)

    def missing(self, subject: str) -> str | None:
        """Why something that needs approval of `subject` may not be done yet; None if it may."""
        if not subject or self.rules is None:
            return None
        state = self.state_of(subject)
        if state in ("granted", "overridden"):
            return None
        if state == "asked":
            return f"approval of {subject} has been asked and not been given yet; wait for the answer"
        again = "was refused; " if state == "refused" else ""
        return (
            f"approval of {subject} {again or 'is missing; '}ask with `approve {subject}`, "
            f"in an emergency `approve {subject} emergency=yes`"
        )

    def state_of(self, subject: str) -> State | None:
        """What became of the last request for `subject`; None if there was none."""
        return next((one.state for one in reversed(self.requests) if one.subject == subject), None)

    def ask(
        self, subject: str, by: str, of: str, now_ms: int, away_ms: int, because: str
    ) -> tuple[int, Callable[[int], Approval]]:
        """A request now, to `of`, who is away for `away_ms` more.

        Returns when the answer comes, and what gives it at that moment.
        """
        assert self.rules is not None
        number = len(self.requests)
        self.requests.append(Approval(subject, now_ms, by, of, "asked", None, because))
        takes_ms = wait_ms(self.seed, "approval", number, self.rules.answer_minutes)
        refused = happens(self.seed, "approval refused", number, self.rules.refuses_percent)

        def answer(moment_ms: int) -> Approval:
            state: State = "refused" if refused else "granted"
            self.requests[number] = replace(self.requests[number], state=state, answered_ms=moment_ms)
            return self.requests[number]

        return now_ms + away_ms + takes_ms, answer

    def override(self, subject: str, by: str, now_ms: int, because: str) -> None:
        """An emergency: done without the approver's word, and on record."""
        self.requests.append(Approval(subject, now_ms, by, by, "overridden", now_ms, because))

    @property
    def overridden(self) -> list[Approval]:
        return [one for one in self.requests if one.state == "overridden"]
