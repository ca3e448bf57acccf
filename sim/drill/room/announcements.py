"""Updates to users, executives and partners: content, reach, promises, and judgements on them. Pure.

Updates are not judged during the drill: the debrief shows which were true.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from sim.drill.organisation.house_rules import WordRules
from sim.drill.room.diagnosis import names_of
from sim.drill.scenario.fault import Fault
from sim.kernel.duration import MINUTE_MS, in_words, whole_minutes_ms
from sim.kernel.frozen import frozen

AUDIENCES = ("users", "executives", "partners")
CAUSES = ("mail-server", "access", "sign-in", "gateway", "dns", "network", "microsoft", "vendor", "unknown")


@frozen
class Statement:
    """One update that was sent."""

    t_ms: int
    by: str
    audience: str
    via: str
    reached: int
    """The number of people reached; 1 or 0 for executives and partners."""
    cause: str = ""
    """The cause that the update names; empty if it names none."""
    back_by_ms: int | None = None
    """The recovery time that the update names."""
    says_back: bool = False
    """True if the update reports that email is restored."""
    says_down: bool = False
    """True if the update reports that email is down."""
    next_ms: int | None = None
    """The time that the update promises for the next one."""
    advise: str = ""
    """The advice in the update, as in `notify advise=`."""
    text: str = ""
    """The sender's own wording, which is not judged."""
    known: bool = True
    """True if the sender knows how many people the update reached."""
    key: int | None = None
    """Key of the draws of its effects, from the step of a plan; None: its time."""

    @property
    def draws(self) -> int:
        """Key of the draws of its effects."""
        return self.t_ms if self.key is None else self.key


@frozen
class KnownBack:
    """The times from which people here could know that email is restored; None if they could not."""

    seen_ms: int | None = None
    """The time at which people here had seen email work."""
    reported_ms: int | None = None
    """The time at which email was reported as restored."""
    holds_ms: int | None = None
    """The time from which a statement that email is down is false: `down_for_ms` of the house rules after
    that report.
    """


@frozen
class Promise:
    """The promise of a next update, and its outcome."""

    made_ms: int
    due_ms: int
    audience: str
    kept_ms: int | None
    """The time of the promised update; None if it did not come in time."""


def promises(said: Sequence[Statement], now_ms: int, rules: WordRules) -> list[Promise]:
    """Every promise that is settled by `now_ms`; it is kept by an update that reached the same audience.

    An update long before the promised time keeps the promise only if it makes a new promise or reports email
    as restored, because otherwise people still wait for the promised time.
    """
    found = []
    for index, statement in enumerate(said):
        if statement.next_ms is None or not statement.reached:
            continue
        last_ms = statement.next_ms + rules.late_by_ms
        kept_ms = next(
            (
                later.t_ms
                for later in said[index + 1 :]
                if later.audience == statement.audience
                and later.reached
                and later.t_ms <= last_ms
                and (later.t_ms >= statement.next_ms - rules.early_by_ms or later.next_ms or later.says_back)
            ),
            None,
        )
        if kept_ms is not None or last_ms < now_ms:
            found.append(Promise(statement.t_ms, statement.next_ms, statement.audience, kept_ms))
    return found


def falsehoods(
    said: Iterable[Statement],
    faults: Sequence[Fault],
    vendors_at_fault: frozenset[str],
    now_ms: int,
    known_at: Callable[[int], KnownBack] = lambda _moment_ms: KnownBack(),
) -> list[tuple[Statement, tuple[str, ...]]]:
    """Statements that were false, each with all its errors, the most serious first.

    `vendors_at_fault`: the vendors to which the faults belong.

    The cause `unknown`, or none, is never false. An estimate is false if something is still broken when its
    time has passed. Email may be reported as down while something is broken and afterwards until people can
    know that nothing is; from then on it may be reported as restored. `known_at(moment_ms)`: the times that
    could be known at that moment.
    """
    found: list[tuple[Statement, tuple[str, ...]]] = []
    for one in said:
        wrong = (
            _false_state(one, faults, known_at(one.t_ms)),
            false_cause(one, faults, vendors_at_fault),
            _false_estimate(one, faults, now_ms),
        )
        if any(wrong):
            found.append((one, tuple(why for why in wrong if why)))
    return found


def _false_estimate(one: Statement, faults: Sequence[Fault], now_ms: int) -> str:
    """The error in the update's estimate (something was still broken at that time); empty if there is
    none.
    """
    if one.back_by_ms is None or one.back_by_ms > now_ms:
        return ""
    end_ms = max((fault.until_ms for fault in faults if fault.at_ms <= one.back_by_ms), default=0)
    if end_ms <= one.back_by_ms:
        return ""
    late = in_words(max(MINUTE_MS, whole_minutes_ms(end_ms - one.back_by_ms)))
    return f"the recovery time that it gave was {late} too early"


def false_cause(one: Statement, faults: Sequence[Fault], vendors_at_fault: frozenset[str]) -> str:
    """The error in the update's cause; empty if the cause was right, or not given."""
    if one.cause in ("", "unknown"):
        return ""
    begun = [fault for fault in faults if fault.at_ms <= one.t_ms]
    true = {component for fault in begun for component, _failure in names_of(fault)}
    if begun:
        true |= {"microsoft" if name == "microsoft" else "vendor" for name in vendors_at_fault}
    return "" if one.cause in true else f"it gave {one.cause} as the cause"


def _false_state(one: Statement, faults: Sequence[Fault], known: KnownBack) -> str:
    """The error in the update's report that email was down or restored, or that this could not be known
    yet; empty if there is none.
    """
    if _broken(faults, one.t_ms):
        return "it reported email back while something was still broken" if one.says_back else ""
    if all(one.t_ms < fault.at_ms for fault in faults):
        return "it reported email down before anything was broken" if one.says_down else ""
    if one.says_back:
        grounds = [known.seen_ms, known.reported_ms]
        guessed = all(moment is None or one.t_ms < moment for moment in grounds)
        return "it reported email back before a check or report had shown this" if guessed else ""
    if one.says_down and known.seen_ms is not None and one.t_ms > known.seen_ms:
        return "it reported email down after a check had shown that email worked"
    if one.says_down and known.holds_ms is not None and one.t_ms > known.holds_ms:
        return "it reported email down long after it had been reported back"
    return ""


def _broken(faults: Iterable[Fault], moment_ms: int) -> bool:
    return any(fault.at_ms <= moment_ms < fault.until_ms for fault in faults)


def silences(said: Iterable[Statement], audience: str, from_ms: int, to_ms: int) -> list[tuple[int, int]]:
    """The gaps in [from_ms, to_ms] between updates that reached `audience`, in order."""
    heard = [
        one.t_ms for one in said if one.audience == audience and one.reached and from_ms <= one.t_ms <= to_ms
    ]
    return list(pairwise([from_ms, *heard, max(from_ms, to_ms)]))


def silent_beyond_ms(
    stretches: Iterable[tuple[int, int]], counted: Callable[[int, int], int], allowed_ms: int
) -> int | None:
    """The time at which one of `stretches` first exceeded `allowed_ms`; None if none did.

    `counted(a_ms, b_ms)`: the time that counts between two moments, such as daytime hours.
    """
    for from_ms, to_ms in stretches:
        if counted(from_ms, to_ms) > allowed_ms:
            moments = range(from_ms, to_ms + 1)
            return moments[bisect_right(moments, allowed_ms, key=lambda t_ms: counted(from_ms, t_ms))] - 1
    return None
