"""Updates to each audience: their text, the fields that are judged, and the truth at that moment.

The simulator judges only the fields (`cause=`, `state=`, `until=`, `next=`). People judge the text, and need
all three together for that.
"""

from collections.abc import Callable, Sequence

from sim.drill.room.announcements import Statement
from sim.drill.scenario.fault import Fault
from sim.drill.scoring.figures.statements import false_statements
from sim.drill.session.session import Session
from sim.kernel.duration import in_words
from sim.kernel.frozen import frozen
from sim.report.timeline import when


@frozen
class Word:
    """One update, or one together with its repetitions."""

    local: str
    elapsed: str
    """Time since the onset of the outage."""
    who: str
    """The audience and channel, such as `users by sms`, and the number of users that the update reached; if
    it was repeated, the lowest and the highest number.
    """
    says: str
    """The update's text in quotes, or `no text`, followed by its fields."""
    true: str
    """The faults at the time of the update; if it was repeated, at the time of the first one."""
    wrong: str
    """The reason why the update's fields were not true; empty if they were true."""
    to: str
    """The audience and channel as the sender knows them, such as `users by sms`, without the number of
    users reached.
    """


def words(session: Session) -> tuple[Word, ...]:
    """Every update, in chronological order; repetitions with the same truth count as one.

    A repetition names the same recovery time, and promises the next update after the same time.
    """
    wrong = {id(one): "; ".join(whys) for one, whys in false_statements(session.drill)}
    faults, clock = session.scenario.timeline, session.drill.clock
    same: dict[tuple[str | int | None, ...], list[Statement]] = {}
    whys: dict[tuple[str | int | None, ...], tuple[str, str]] = {}
    for one in session.drill.room.said:
        why = truth(faults, one.t_ms, clock), wrong.get(id(one), "")
        key = (_to(one), _text(one), _state(one), one.back_by_ms, _next_in_ms(one), *why)
        same.setdefault(key, []).append(one)
        whys[key] = why
    return tuple(_word(session, said, *whys[key]) for key, said in same.items())


def _word(session: Session, said: Sequence[Statement], true: str, wrong: str) -> Word:
    first, last = said[0], said[-1]
    local, elapsed = when(session, first.t_ms)
    clock, to = session.drill.clock, _to(first)
    again = f", {len(said)} times, last at {clock(last.t_ms)}" if len(said) > 1 else ""
    return Word(
        local,
        elapsed,
        f"{to}{_reached(said)}{again}",
        f"{_text(first)}; {_fields(said, clock)}",
        true,
        wrong,
        f"{to}{again}",
    )


def _to(one: Statement) -> str:
    return f"{one.audience} by {one.via}"


def _text(one: Statement) -> str:
    return f"“{one.text}”" if one.text else "no text"


def _state(one: Statement) -> str:
    return ", ".join(
        filter(
            None,
            (
                f"cause {one.cause}" if one.cause else "",
                "down" if one.says_down else "",
                "back" if one.says_back else "",
                f"advice {one.advise}" if one.advise else "",
            ),
        )
    )


def _next_in_ms(one: Statement) -> int | None:
    """The time from the update until the next one that it promises; None if it promises none."""
    return None if one.next_ms is None else one.next_ms - one.t_ms


def _fields(said: Sequence[Statement], clock: Callable[[int], str]) -> str:
    """The fields of an update, or of one and its repetitions, in words."""
    one, next_in_ms = said[0], _next_in_ms(said[0])
    promised = ""
    if one.next_ms is not None and next_in_ms is not None:
        promised = f"next update by {clock(one.next_ms)}"
        if len(said) > 1:
            promised = (
                f"next update {in_words(next_in_ms)} later each time, last by {clock(said[-1].next_ms or 0)}"
            )
    back = f"back by {clock(one.back_by_ms)}" if one.back_by_ms is not None else ""
    return f"fields: {', '.join(filter(None, (_state(one), back, promised))) or 'none'}"


def _reached(said: Sequence[Statement]) -> str:
    fewest, most = min(one.reached for one in said), max(one.reached for one in said)
    if not most:
        return ", reached no one"
    if said[0].audience != "users":
        return ""
    return f", reached {most:,}" if fewest == most else f", reached {fewest:,} to {most:,}"


def truth(faults: Sequence[Fault], moment_ms: int, clock: Callable[[int], str]) -> str:
    """The faults in force at that time, with their start; or a statement that everything still worked, or
    worked again.
    """
    broken = [one for one in faults if one.at_ms <= moment_ms < one.until_ms]
    if broken:
        return ", ".join(f"{one.fault} since {clock(one.at_ms)}" for one in broken)
    over = [one.until_ms for one in faults if one.until_ms <= moment_ms]
    return f"everything had worked again since {clock(max(over))}" if over else "nothing was broken yet"
