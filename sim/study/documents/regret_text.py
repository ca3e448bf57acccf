"""A regret in words: the differences in figures, and the consequences that led to them."""

from collections.abc import Sequence
from textwrap import shorten

from sim.drill.scenario.milestones import MILESTONES
from sim.kernel.duration import HOUR_MS, MINUTE_MS, in_words
from sim.study.what_if.course import FollowOn, consequences
from sim.study.what_if.regret import Regret
from sim.study.what_if.seeds import Confirmed
from sim.study.what_if.subject import How

_COMMANDS = 2
_NAMED = 4
"""Maximum number of consequences that are named, and maximum number of commands among them."""
_LONGEST = 90
_HOW: dict[How, str] = {
    "without": "without it",
    "earlier": "an hour earlier",
    "later": "an hour later",
    "added": "given as well, as in the reference runbook",
    "prepared": "done before the outage",
    "staged": "entered before the outage, and only switched on",
    "tested": "tested before the outage, so that it takes no longer than the usual sign-in",
    "account": "an emergency account made and tested before the outage, used when it was first needed",
    "listed": "its route in the SPF record before the outage",
    "instead": "together, as in the reference runbook",
}


def what_if(one: Regret) -> str:
    """The variation in words: `without it`, `an hour later`; with the number of times if the command was
    given more than once.
    """
    how, by_ms = one.variation.how, one.variation.by_ms
    moved = f"{in_words(abs(by_ms), MINUTE_MS)} {how}" if by_ms not in (0, -HOUR_MS, HOUR_MS) else _HOW[how]
    return f"{moved}{f' ({one.times} times)' if one.times > 1 else ''}"


def difference(one: Regret) -> str:
    """The change of each figure compared with the drill: `2,189 fewer messages lost, 214 more late`."""
    did, instead = one.did, one.instead
    parts = [
        _count(instead.lost - did.lost, "message", "lost"),
        _count(instead.queued - did.queued, "message", "still queued at the end"),
        _count(instead.late - did.late, "message", "too late"),
        _count(instead.put_aside - did.put_aside, "message", "quarantined or junked"),
        _count(round(instead.user_hours) - round(did.user_hours), "user-hour", "without mail"),
        _count(instead.unfiltered - did.unfiltered, "message", "past the filter"),
        _span(instead.not_approved_ms - did.not_approved_ms),
        _count(instead.calls - did.calls, "call", "to the helpdesk"),
        _count(instead.failed - did.failed, "failed objective")
        + _which(did.course.failed, instead.course.failed),
    ]
    return ", ".join(filter(None, parts)) or "no difference"


def chain(one: Regret) -> str:
    """The consequences, in chronological order: `` `lock open backup` is refused (no approval) ``.

    Empty if only figures differ and a person would not notice any other difference.
    """
    variation = one.variation
    changed = [variation.text, *(edit.text for edit in variation.edits)]
    found = consequences(one.did.course, one.instead.course, changed)
    named = [
        *[each for each in found if each.command][:_COMMANDS],
        *[each for each in found if each.milestone],
    ]
    named = sorted(named, key=lambda each: each.t_ms)[:_NAMED]
    rest = len(found) - len(named)
    told = [_consequence(each) for each in named]
    return "; ".join(
        [*told, *([f"and {rest} more {'difference' if rest == 1 else 'differences'}"] * bool(rest))]
    )


def _consequence(one: FollowOn) -> str:
    if one.command:
        command = f"`{shorten(one.command, _LONGEST, placeholder=' …')}`"
        reason = shorten(one.reason.split(";")[0], _LONGEST, placeholder=" …")
        return f"{command} is refused ({reason})" if reason else f"{command} is not refused"
    marks = MILESTONES[one.milestone].facts.marks.split(" (house rule")[0]
    if one.later_ms is not None:
        side = "later" if one.later_ms > 0 else "earlier"
        return f"{marks} {in_words(abs(one.later_ms), MINUTE_MS)} {side}"
    return marks if one.comes else f"it never happens that {marks}"


def with_seeds(one: Confirmed) -> str:
    """The result with other seeds in words: `better with 3 of 4 other seeds, worse with 1`."""
    return f"better with {one.better} of {one.of} other seeds" + (
        f", worse with {one.worse}" if one.worse else ""
    )


def _count(more: int, what: str, rest: str = "") -> str:
    """The change in words: `2,189 fewer messages lost`; empty if nothing changed."""
    if not more:
        return ""
    plural = "" if abs(more) == 1 else "s"
    return f"{abs(more):,} {'more' if more > 0 else 'fewer'} {what}{plural} {rest}".rstrip()


def _which(did: Sequence[str], instead: Sequence[str]) -> str:
    """The objectives that fail in only one of the two runs, in brackets; empty if there are none or many."""
    gone, new = ([one for one in a if one not in b] for a, b in ((did, instead), (instead, did)))
    if len(gone) == len(new) or len(gone) + len(new) > _NAMED:
        return ""
    return f" ({', '.join([*(f'not {one}' for one in gone), *new])})"


def _span(more_ms: int) -> str:
    if abs(more_ms) < MINUTE_MS:
        return ""
    return f"{in_words(abs(more_ms), MINUTE_MS)} {'more' if more_ms > 0 else 'less'} open without approval"
