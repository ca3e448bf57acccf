"""Approvals: what needs somebody else's word before it may be done, who gave it, who went without.

An answer takes an approver's time and comes by a keyed draw; an override in an emergency needs nobody,
and stays on record: it is sound if there were grounds, and security had been asked long enough before or
nobody could answer. An approval of exposure names one opening and holds for a time; another opening, or the
same one after it was closed, needs another.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from sim.drill.organisation.staff_file import Approvals as ApprovalRules
from sim.drill.room.delays import happens, wait_ms
from sim.kernel.duration import MINUTE_MS, format_duration

SUBJECTS = ("mx", "outbound", "exposure")
"""MX to another host; outbound mail by another way; a lock, filter or firewall opened."""
EXPOSURES = ("lock", "firewall", "skip-filter", "backup-mx")
"""Openings of the register by which mail can come that the gateway has not looked at."""
WHOM = ("backup", "everybody")
"""For whom something is opened; the second includes the first."""

NO_EMERGENCY = "nobody had seen the gateway fail; look first, such as with `probe mx all`"
"""Why an override was unsound however long it had been asked for."""

ApprovalState = Literal["asked", "granted", "refused", "overridden"]


@dataclass(frozen=True, slots=True)
class Scope:
    """What is approved, or needs to be."""

    subject: str
    opening: str = ""
    """Of exposure: one of EXPOSURES; empty: any of them."""
    whom: str = ""
    """Of a lock, a firewall or an MX: one of WHOM; empty: it makes no difference."""

    def covers(self, other: "Scope") -> bool:
        """Whether a word on this is one on `other` as well."""
        return (
            self.subject == other.subject
            and other.opening in ("", self.opening)
            and (other.whom in ("", self.whom) or self.whom == "everybody")
        )

    @property
    def told(self) -> str:
        """`opening the lock to the backup`, or what it is of where nothing is named."""
        to = "the backup" if self.whom == "backup" else "everybody"
        match self.opening:
            case "":
                return self.subject
            case "skip-filter":
                return "skipping the filter"
            case "backup-mx":
                return "leading the MX round every filter"
            case _:
                return f"opening the {self.opening} to {to}"

    @property
    def asked_by(self) -> str:
        """The arguments of `approve` that name it."""
        opening = f" opening={self.opening}" if self.opening else ""
        return f"{self.subject}{opening}{f' whom={self.whom}' if self.whom else ''}"


@dataclass(frozen=True, slots=True)
class Approval:
    """One request, and what became of it."""

    scope: Scope
    asked_ms: int
    by: str
    """Who asked."""
    of: str
    """Who is to answer."""
    state: ApprovalState
    answered_ms: int | None = None
    because: str = ""
    first_ms: int | None = None
    """When the first of the approvals was given that this one extends; its own answer if it extends none."""
    until_ms: int | None = None
    """Up to when it holds; None: it has no limit, or has not been given."""
    ended_ms: int | None = None
    """When what it was for was closed again."""
    too_soon: str = ""
    """Of an override: what was wrong with it, and what would have been right; empty: it was sound."""

    @property
    def subject(self) -> str:
        """One of SUBJECTS."""
        return self.scope.subject

    @property
    def span(self) -> tuple[int, int | None] | None:
        """From when up to when it holds or held, None: without end; None as a whole: it never did."""
        if self.answered_ms is None or self.state not in ("granted", "overridden"):
            return None
        ends = [end for end in (self.until_ms, self.ended_ms) if end is not None]
        return self.answered_ms, min(ends, default=None)

    def holds(self, now_ms: int) -> bool:
        """Whether what it is for may be done now."""
        span = self.span
        return span is not None and span[0] <= now_ms and (span[1] is None or now_ms < span[1])


@dataclass(slots=True)
class ApprovalRequests:
    """The requests of one drill. Without `rules` nothing needs approval."""

    rules: ApprovalRules | None
    waits_ms: int
    """How long an answer is waited for before an override is sound."""
    seed: int
    requests: list[Approval] = field(default_factory=list)

    def missing(self, scope: Scope | None, now_ms: int) -> str | None:
        """Why something that needs approval of `scope` may not be done now; None if it may."""
        if scope is None or self.rules is None or self.holding(scope, now_ms) is not None:
            return None
        last = self.last(scope)
        if last is not None and last.state == "asked":
            return f"approval of {scope.told} has been asked and not been given yet; wait for the answer"
        again = "was refused; " if last is not None and last.state == "refused" else "is missing; "
        if last is not None and last.span is not None:
            again = "has ended; "
        ask = f"approve {scope.asked_by}"
        return f"approval of {scope.told} {again}ask with `{ask}`, in an emergency `{ask} emergency=yes`"

    def last(self, scope: Scope) -> Approval | None:
        """The last request that covers `scope`; None if there was none."""
        return next((one for one in reversed(self.requests) if one.scope.covers(scope)), None)

    def holding(self, scope: Scope, now_ms: int) -> Approval | None:
        """What allows `scope` now, an override included; the one that holds longest."""
        held = [one for one in self.requests if one.scope.covers(scope) and one.holds(now_ms)]
        return max(held, key=lambda one: (one.until_ms is None, one.until_ms or 0), default=None)

    def signed(self, scope: Scope) -> Iterator[tuple[int, int | None]]:
        """When `scope` was approved, from each moment up to another; an override is no approval."""
        for one in self.requests:
            if one.state == "granted" and one.scope.covers(scope) and one.span is not None:
                yield one.span

    def ask(
        self,
        scope: Scope,
        by: str,
        of: str,
        now_ms: int,
        away_ms: int,
        because: str,
        for_ms: int | None = None,
    ) -> tuple[int, Callable[[int, bool], Approval]]:
        """A request now, to `of`, who is away for `away_ms` more; `for_ms`: for how long, None: as usual.

        Returns when the answer comes, and what gives it at that moment; without grounds it is no.
        """
        assert self.rules is not None
        number = len(self.requests)
        self.requests.append(Approval(scope, now_ms, by, of, "asked", None, because))
        takes_ms = wait_ms(self.seed, "approval", number, self.rules.answer_minutes)
        refused = happens(self.seed, "approval refused", number, self.rules.refuses_percent)

        def answer(moment_ms: int, grounds: bool) -> Approval:
            request = replace(self.requests[number], answered_ms=moment_ms)
            no = refused or not grounds
            given = replace(request, state="refused") if no else self._given(request, moment_ms, for_ms)
            self.requests[number] = given
            return given

        return now_ms + away_ms + takes_ms, answer

    def override(
        self,
        scope: Scope,
        by: str,
        now_ms: int,
        because: str,
        for_ms: int | None = None,
        *,
        answerable: bool = True,
        grounds: bool = True,
    ) -> Approval:
        """An emergency: done without the approver's word; `answerable`: somebody could have given it,
        `grounds`: and would have had reason to.
        """
        request = Approval(scope, now_ms, by, by, "overridden", now_ms, because)
        given = replace(
            request,
            first_ms=now_ms,
            until_ms=self._until_ms(scope, now_ms, now_ms, for_ms),
            too_soon=(self._too_soon(scope, now_ms) if answerable else "") if grounds else NO_EMERGENCY,
        )
        self.requests.append(given)
        return given

    def asked_ms(self, scope: Scope) -> int | None:
        """Since when somebody has waited for a word on `scope`; None: nobody does."""
        waiting = (one.asked_ms for one in self.requests if one.state == "asked" and one.scope.covers(scope))
        return min(waiting, default=None)

    def _too_soon(self, scope: Scope, now_ms: int) -> str:
        """Why somebody who could answer had to be waited for, and what would have been right; empty: not."""
        asked_ms, waits = self.asked_ms(scope), format_duration(self.waits_ms)
        if asked_ms is not None:
            if now_ms - asked_ms >= self.waits_ms:
                return ""
            ago = format_duration((now_ms - asked_ms) // MINUTE_MS * MINUTE_MS)
            return f"security had been asked only {ago} before; an answer is waited for {waits}"
        last = self.last(scope)
        if last is not None and last.state == "refused":
            return f"security had refused; ask again with what is new, and wait {waits} for the answer"
        return f"security had not been asked; ask first, and wait {waits} for the answer"

    def closed(self, opening: str, now_ms: int) -> None:
        """What was opened is closed: who opens it again asks again."""
        self.requests[:] = [
            replace(one, ended_ms=now_ms) if one.scope.opening == opening and one.holds(now_ms) else one
            for one in self.requests
        ]

    def _given(self, request: Approval, now_ms: int, for_ms: int | None) -> Approval:
        """The approval, at the moment of the answer: a first one, or longer from where one stands."""
        first_ms = self.first_ms(request.scope, now_ms)
        until_ms = self._until_ms(request.scope, first_ms, now_ms, for_ms)
        return replace(request, state="granted", first_ms=first_ms, until_ms=until_ms)

    def first_ms(self, scope: Scope, now_ms: int) -> int:
        """When the approval began that one given now would extend; now: it would be a first one.

        What has been extended as far as it goes cannot be; security looks at it anew.
        """
        held = [one for one in self.requests if one.state == "granted" and one.scope.covers(scope)]
        standing = max(
            (one for one in held if one.holds(now_ms)), key=lambda one: one.until_ms or 0, default=None
        )
        if self.rules is None or standing is None or standing.first_ms is None or standing.until_ms is None:
            return now_ms
        used_up = standing.until_ms >= standing.first_ms + self.rules.at_most_ms
        return now_ms if used_up else standing.first_ms

    def _until_ms(self, scope: Scope, first_ms: int, now_ms: int, for_ms: int | None) -> int | None:
        """Up to when a word given now holds; None: only exposure has a limit."""
        if scope.subject != "exposure" or self.rules is None:
            return None
        most_ms = self.rules.lasts_ms if first_ms == now_ms else self.rules.at_most_ms
        return min(now_ms + (self.rules.lasts_ms if for_ms is None else for_ms), first_ms + most_ms)

    @property
    def overridden(self) -> list[Approval]:
        return [one for one in self.requests if one.state == "overridden"]

    @property
    def unsound(self) -> list[Approval]:
        """Overrides for which there was no need to go without."""
        return [one for one in self.overridden if one.too_soon]
