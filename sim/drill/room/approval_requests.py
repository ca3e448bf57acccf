"""Requests for approval in one drill: their answers, and emergency overrides.

An answer takes an approver's time and is decided by a keyed draw. An override does not wait for an answer and
stays on record. An override is justified if there were grounds, and if security was asked early enough or
could not be reached.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from sim.drill.organisation.staff_file import Approvals as ApprovalRules
from sim.drill.room.approvals import Approval, Scope
from sim.drill.room.delays import happens, wait_ms
from sim.drill.room.work_given import Turn
from sim.kernel.duration import MINUTE_MS, in_words

NO_EMERGENCY = "no check had shown that the gateway fails; check first, for example with `probe mx all`"
"""Why an override is not justified if no check had shown a failure, even if approval was requested before
it.
"""


@dataclass(slots=True)
class ApprovalRequests:
    """The requests of one drill. Without `rules`, nothing needs approval."""

    rules: ApprovalRules | None
    waits_ms: int
    """Time to wait for an answer before acting without it (an override) is justified."""
    seed: int
    requests: list[Approval] = field(default_factory=list)
    in_hand: list[tuple[Scope, int]] = field(default_factory=list)
    """Requests that a person has been asked to make, each with the time at which it will be made."""

    def missing(self, scope: Scope | None, now_ms: int) -> str | None:
        """The reason why a change that needs approval of `scope` is not allowed now; None if it is."""
        if scope is None or self.rules is None or self.holding(scope, now_ms) is not None:
            return None
        if any(one.covers(scope) and now_ms < made_ms for one, made_ms in self.in_hand):
            return f"approval of {scope.told} is being requested; wait until the request is made"
        last = self.last(scope)
        if last is not None and last.state == "asked":
            return f"approval of {scope.told} has been requested but not yet given; wait for the answer"
        again = "was refused; " if last is not None and last.state == "refused" else "is missing; "
        if last is not None and last.span is not None:
            again = "has ended; "
        ask = f"approve {scope.asked_by}"
        return (
            f"approval of {scope.told} {again}request it with `{ask}`, or in an emergency `{ask} "
            f"emergency=yes`"
        )

    def last(self, scope: Scope) -> Approval | None:
        """The last request that covers `scope`; None if there is none."""
        return next((one for one in reversed(self.requests) if one.scope.covers(scope)), None)

    def holding(self, scope: Scope, now_ms: int) -> Approval | None:
        """The approval or override that allows `scope` now: the one that lasts longest; None if there is
        none.
        """
        held = [one for one in self.requests if one.scope.covers(scope) and one.holds(now_ms)]
        return max(held, key=lambda one: (one.until_ms is None, one.until_ms or 0), default=None)

    def signed(self, scope: Scope) -> Iterator[tuple[int, int | None]]:
        """The spans in which `scope` was approved; an override is not an approval."""
        for one in self.requests:
            if one.state == "granted" and one.scope.covers(scope) and one.span is not None:
                yield one.span

    def ask(
        self,
        scope: Scope,
        turn: Turn,
        of: str,
        now_ms: int,
        away_ms: int,
        because: str,
        for_ms: int | None = None,
    ) -> tuple[int, Callable[[int, str, bool | None, str], Approval]]:
        """Request an approval now from `of`, who is `away_ms` away; `for_ms`: the duration of the approval,
        None: the usual one.

        Returns the moment of the answer, and a function that gives the answer at that moment. If there is a
        person at the table, the answer and its reason are theirs. Otherwise it is a refusal if the grounds
        lack something, and the answer of the draw if they do not.
        """
        assert self.rules is not None
        number = len(self.requests)
        self.requests.append(Approval(scope, now_ms, turn.by, of, "asked", None, because))
        key = turn.key(number)
        takes_ms = wait_ms(self.seed, "approval", key, self.rules.answer_minutes)
        refused = happens(self.seed, "approval refused", key, self.rules.refuses_percent)

        def answer(moment_ms: int, lacks: str, said: bool | None, why: str) -> Approval:
            request = replace(self.requests[number], answered_ms=moment_ms)
            no, why_not = (refused or bool(lacks), lacks) if said is None else (not said, why)
            if no:
                given = replace(request, state="refused", why_not=why_not)
            else:
                given = self._given(request, moment_ms, for_ms)
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
        """Go ahead in an emergency. `answerable`: an approver could be reached; `grounds`: there were
        grounds.
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
        """The time of the first unanswered request for `scope`; None if there is none."""
        waiting = (one.asked_ms for one in self.requests if one.state == "asked" and one.scope.covers(scope))
        return min(waiting, default=None)

    def _too_soon(self, scope: Scope, now_ms: int) -> str:
        """Why the person should have waited for the answer, and what they should have done; empty if they
        did wait.
        """
        asked_ms, waits = self.asked_ms(scope), in_words(self.waits_ms)
        if asked_ms is not None:
            if now_ms - asked_ms >= self.waits_ms:
                return ""
            ago = in_words((now_ms - asked_ms) // MINUTE_MS * MINUTE_MS)
            return f"the request to security was only {ago} old; wait {waits} for an answer"
        last = self.last(scope)
        if last is not None and last.state == "refused":
            return f"security had refused; ask again with new evidence, and wait {waits} for the answer"
        return f"approval had not been requested; request it first, and wait {waits} for the answer"

    def closed(self, opening: str, now_ms: int) -> None:
        """Record that an opening was closed, which ends its approvals."""
        self.requests[:] = [
            replace(one, ended_ms=now_ms) if one.scope.opening == opening and one.holds(now_ms) else one
            for one in self.requests
        ]

    def _given(self, request: Approval, now_ms: int, for_ms: int | None) -> Approval:
        """The approval at the moment of the answer: a first one, or an extension of the one in force."""
        first_ms = self.first_ms(request.scope, now_ms)
        until_ms = self._until_ms(request.scope, first_ms, now_ms, for_ms)
        return replace(request, state="granted", first_ms=first_ms, until_ms=until_ms)

    def first_ms(self, scope: Scope, now_ms: int) -> int:
        """The start of the approval that a new one would extend; the current time if the new one would be a
        first approval.

        An approval that has reached its limit cannot be extended; security decides again from the start.
        """
        held = [one for one in self.requests if one.state == "granted" and one.scope.covers(scope)]
        in_force = max(
            (one for one in held if one.holds(now_ms)), key=lambda one: one.until_ms or 0, default=None
        )
        if self.rules is None or in_force is None or in_force.first_ms is None or in_force.until_ms is None:
            return now_ms
        used_up = in_force.until_ms >= in_force.first_ms + self.rules.at_most_ms
        return now_ms if used_up else in_force.first_ms

    def _until_ms(self, scope: Scope, first_ms: int, now_ms: int, for_ms: int | None) -> int | None:
        """The end of an approval given now; None if it has no limit: only approvals of exposure have one."""
        if scope.subject != "exposure" or self.rules is None:
            return None
        most_ms = self.rules.lasts_ms if first_ms == now_ms else self.rules.at_most_ms
        return min(now_ms + (self.rules.lasts_ms if for_ms is None else for_ms), first_ms + most_ms)

    @property
    def overridden(self) -> list[Approval]:
        return [one for one in self.requests if one.state == "overridden"]

    @property
    def unsound(self) -> list[Approval]:
        """Overrides that were not justified."""
        return [one for one in self.overridden if one.too_soon]
