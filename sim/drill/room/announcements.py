"""What was said to whom, over what, whom it reached, what it claimed and what it promised. Pure judgements.

Nothing here is judged while the drill runs: whether a word was true shows in the debrief.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sim.drill.organisation.house_rules import WordRules
from sim.drill.room.diagnosis import names_of
from sim.drill.scenario.fault import Fault
from sim.kernel.duration import MINUTE_MS, format_duration

AUDIENCES = ("users", "executives", "partners")
CAUSES = ("mail-server", "access", "sign-in", "gateway", "dns", "network", "microsoft", "vendor", "unknown")


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that was said."""

    t_ms: int
    by: str
    audience: str
    via: str
    reached: int
    """People whom it reaches; of executives and partners 1 or 0."""
    cause: str = ""
    """What it says is broken; empty: it does not say."""
    back_by_ms: int | None = None
    """When it says that email is back."""
    says_back: bool = False
    """It says that email is back."""
    says_down: bool = False
    """It says that email is down."""
    next_ms: int | None = None
    """When it promises the next word."""
    advise: str = ""
    """What it asks for, as in `notify advise=`."""
    text: str = ""
    """Its own words: nothing in the simulator judges them."""
    known: bool = True
    """Whether whoever said it knows how many it reached."""


@dataclass(frozen=True, slots=True)
class KnownBack:
    """Since when people here could know that email is back; None: they could not."""

    seen_ms: int | None = None
    """They had seen it work themselves."""
    reported_ms: int | None = None
    """It was reported back."""
    holds_ms: int | None = None
    """That report had held for as long as it takes to believe one."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A next word that was promised, and what became of it."""

    made_ms: int
    due_ms: int
    audience: str
    kept_ms: int | None
    """When it came; None if it did not come in time."""


def promises(said: Sequence[Statement], now_ms: int, rules: WordRules) -> list[Promise]:
    """Every promise that is settled by `now_ms`: kept by a word to the same audience that reached it.

    A word long before its time does not settle it unless it makes a promise of its own or says that
    email is back: people wait for the time that they were told.
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
    """Statements that were not true, each with all that was not, the gravest first.

    `vendors_at_fault`: whose faults they are.

    To say `unknown`, or nothing, is never false. An estimate is false once its time has passed
    while something is still broken; a cautious one is not. That email is down may be said while something
    is broken, and after that as long as nobody can know better; that it is back, once somebody can.
    `known_at(moment_ms)`: what could be known then.
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
    """That the time which it named has passed, and something was still broken then."""
    if one.back_by_ms is None or one.back_by_ms > now_ms:
        return ""
    end_ms = max((fault.until_ms for fault in faults if fault.at_ms <= one.back_by_ms), default=0)
    if end_ms <= one.back_by_ms:
        return ""
    late = format_duration((end_ms - one.back_by_ms) // MINUTE_MS * MINUTE_MS)
    return f"it said when email would be back, and that was {late} too early"


def false_cause(one: Statement, faults: Sequence[Fault], vendors_at_fault: frozenset[str]) -> str:
    """That it named a cause which was not one; empty if it was, or if it named none."""
    if one.cause in ("", "unknown"):
        return ""
    begun = [fault for fault in faults if fault.at_ms <= one.t_ms]
    true = {component for fault in begun for component, _failure in names_of(fault)}
    if begun:
        true |= {"microsoft" if name == "microsoft" else "vendor" for name in vendors_at_fault}
    return "" if one.cause in true else f"it named {one.cause} as the cause"


def _false_state(one: Statement, faults: Sequence[Fault], known: KnownBack) -> str:
    """That it said wrongly that email was down or back, or a thing that nobody could know."""
    if _broken(faults, one.t_ms):
        return "it said that email was back, and something was still broken" if one.says_back else ""
    if all(one.t_ms < fault.at_ms for fault in faults):
        return "it said that email was down, and nothing was broken yet" if one.says_down else ""
    if one.says_back:
        grounds = [known.seen_ms, known.reported_ms]
        guessed = all(moment is None or one.t_ms < moment for moment in grounds)
        return "it said that email was back, which nobody had seen or reported" if guessed else ""
    if one.says_down and known.seen_ms is not None and one.t_ms > known.seen_ms:
        return "it said that email was down, after it had been seen to work"
    if one.says_down and known.holds_ms is not None and one.t_ms > known.holds_ms:
        return "it said that email was down, long after it had been reported back"
    return ""


def _broken(faults: Iterable[Fault], moment_ms: int) -> bool:
    return any(fault.at_ms <= moment_ms < fault.until_ms for fault in faults)


def silences(said: Iterable[Statement], audience: str, from_ms: int, to_ms: int) -> list[tuple[int, int]]:
    """The stretches of [from_ms, to_ms] between two words that reached `audience`, in order."""
    heard = [
        one.t_ms for one in said if one.audience == audience and one.reached and from_ms <= one.t_ms <= to_ms
    ]
    return list(pairwise([from_ms, *heard, max(from_ms, to_ms)]))


def silent_beyond_ms(
    stretches: Iterable[tuple[int, int]], counted: Callable[[int, int], int], allowed_ms: int
) -> int | None:
    """When one of `stretches` had first lasted longer than allowed; None: none has.

    `counted`: how much of the time between two moments counts, such as that by day.
    """
    for from_ms, to_ms in stretches:
        if counted(from_ms, to_ms) > allowed_ms:
            moments = range(from_ms, to_ms + 1)
            return moments[bisect_right(moments, allowed_ms, key=lambda t_ms: counted(from_ms, t_ms))] - 1
    return None
