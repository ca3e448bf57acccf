"""Approvals: changes that security must approve, the grounds for them, and the outcome of each request.

An approval of exposure is for one opening and a limited time; another opening, or the same one after it was
closed, needs a new approval. Grounds are statements and observations, not the truth. A statement is not
evidence. A bypass needs an observation that the gateway fails, and no later one that it works. An alert that
your mail server does not accept the gateway's deliveries shows that the gateway works.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from sim.drill.room.diagnosis import Diagnosis
from sim.drill.room.evidence import ALERT, CONSOLE, GATEWAY_FAILS, INDIRECT, SERVER_FAILS, Sighting
from sim.kernel.frozen import frozen
from sim.mail.routes.inbound import GATEWAY

SUBJECTS = ("mx", "outbound", "exposure")
"""Changes that can be approved: a change of the MX to another host; another outbound route; an open lock,
filter or firewall.
"""
EXPOSURES = ("lock", "firewall", "skip-filter", "backup-mx")
"""Kinds of opening in the register that let in mail that has not passed the gateway's filter."""
WHOM = ("backup", "everybody")
"""The hosts to which something is opened; `everybody` includes the backup."""

NOTHING_STATED = "first state what is broken (`diagnose …`), or test the gateway (`probe mx all`)"
NOT_THE_GATEWAY = "according to your own diagnosis the gateway accepts mail, so a bypass would not help"
NOTHING_SEEN = (
    "what is your evidence? Show me a refused connection (`probe mx all`), a probe that does not return "
    "(`status check probe`) or a test message that stays queued (`connector test`)"
)

ApprovalState = Literal["asked", "granted", "refused", "overridden"]


@frozen
class Scope:
    """The change that is approved, or needs an approval."""

    subject: str
    opening: str = ""
    """For the subject `exposure`: one of EXPOSURES; empty: any of them."""
    whom: str = ""
    """For a lock, a firewall or an MX: one of WHOM; empty if it makes no difference."""

    def covers(self, other: "Scope") -> bool:
        """True if an approval of this scope also covers `other`."""
        return (
            self.subject == other.subject
            and other.opening in ("", self.opening)
            and (other.whom in ("", self.whom) or self.whom == "everybody")
        )

    @property
    def told(self) -> str:
        """The change in words: `opening the lock to the backup`; only the subject if no opening is named."""
        to = "the backup" if self.whom == "backup" else "everyone"
        match self.opening:
            case "":
                return self.subject
            case "skip-filter":
                return "skipping the filter"
            case "backup-mx":
                return "an MX that bypasses every filter"
            case _:
                return f"opening the {self.opening} to {to}"

    @property
    def asked_by(self) -> str:
        """The arguments of `approve` that name the change."""
        opening = f" opening={self.opening}" if self.opening else ""
        return f"{self.subject}{opening}{f' whom={self.whom}' if self.whom else ''}"


@frozen
class Approval:
    """One request and its outcome."""

    scope: Scope
    asked_ms: int
    by: str
    """The person who asked for approval."""
    of: str
    """The person who was asked."""
    state: ApprovalState
    answered_ms: int | None = None
    because: str = ""
    first_ms: int | None = None
    """The time of the first approval, if this one extends it; otherwise the time of the answer to this
    request.
    """
    until_ms: int | None = None
    """The time at which the approval ends; None if it has no limit, or was not given."""
    ended_ms: int | None = None
    """The time at which the approved opening was closed."""
    why_not: str = ""
    """The approver's reason for a refusal; empty if there was none."""
    too_soon: str = ""
    """Why an override was not justified, and what should have been done; empty if it was justified."""

    @property
    def subject(self) -> str:
        """The subject of the request, one of SUBJECTS."""
        return self.scope.subject

    @property
    def span(self) -> tuple[int, int | None] | None:
        """Start and end of the time for which the approval was in force; the end is None if there is no
        limit. None if it was never in force.
        """
        if self.answered_ms is None or self.state not in ("granted", "overridden"):
            return None
        ends = [end for end in (self.until_ms, self.ended_ms) if end is not None]
        return self.answered_ms, min(ends, default=None)

    def holds(self, now_ms: int) -> bool:
        """True if the approval is in force now."""
        span = self.span
        return span is not None and span[0] <= now_ms and (span[1] is None or now_ms < span[1])


def lacking(diagnoses: Sequence[Diagnosis], seen: Sequence[Sighting], clock: Callable[[int], str]) -> str:
    """The reason why an approver would refuse a bypass of the gateway; empty if there are grounds.

    An MX host of the gateway that accepted nothing at its last test is a ground. If the last stated diagnosis
    is the gateway, any other failure that may be the gateway's is also a ground; an INDIRECT one only until
    mail passes again. A failure that may be the mail server's does not count while the gateway's own alert
    blames the mail server.
    """
    last = {one.by: one for one in seen if one.by}
    through_ms = max((one.t_ms for one in seen if "gateway" in one.works and one.by != ALERT), default=-1)
    failing = [
        one
        for by, one in last.items()
        if "gateway" in one.fails and (by not in INDIRECT or one.t_ms > through_ms)
    ]
    alert = last.get(ALERT)
    if alert is not None and alert.fails == SERVER_FAILS:
        failing = [one for one in failing if not one.fails >= SERVER_FAILS and one.by != CONSOLE]
    if any(one.by in GATEWAY and one.fails == GATEWAY_FAILS for one in failing):
        return ""
    shows = f"your own test of {clock(through_ms)} shows that it accepts mail"
    if not diagnoses:
        return NOTHING_STATED if failing or through_ms < 0 else shows
    if diagnoses[-1].component != "gateway":
        return NOT_THE_GATEWAY
    if failing:
        return ""
    if alert is not None and alert.fails == SERVER_FAILS:
        return (
            f"its own alert of {clock(alert.t_ms)} reports that your mail server does not accept its "
            f"deliveries"
        )
    return NOTHING_SEEN if through_ms < 0 else shows
