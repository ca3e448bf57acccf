"""The five numbers of a debrief's first page, compared with a run in which nothing is done."""

from collections.abc import Sequence

from sim.kernel.frozen import frozen
from sim.kernel.quantities import counted
from sim.report.outcome import RunOutcome
from sim.report.paper.objective_rows import ObjectiveRow
from sim.report.table import hours


@frozen
class Tile:
    """One of the five numbers of the first page."""

    name: str
    value: str
    beside: str
    """The same number for a run with no action, or the parts of the number; empty if there is neither."""
    better: bool | None
    """True if all harm that no action would have caused was avoided; False if there was more harm than
    with no action; None in any other case, or without a comparison.
    """


def tiles(
    did: RunOutcome, nothing: RunOutcome, objectives: tuple[ObjectiveRow, ...], not_approved_ms: int
) -> tuple[Tile, ...]:
    """The five numbers of `did`. `not_approved_ms`: how long a lock, a firewall or a filter rule was open
    without an approval.
    """
    met = sum(one.state == "met" for one in objectives)
    judged = sum(one.state != "open" for one in objectives)
    late, hours_lost = did.timing.late.count, did.people.user_hours_without_mail
    return (
        _undelivered(did, nothing),
        _tile("messages too late to be useful", late, nothing.timing.late.count),
        _tile("user-hours without mail", round(hours_lost), round(nothing.people.user_hours_without_mail)),
        Tile(
            "openings in protection",
            hours(did.protection.open_ms),
            f"lock, firewall or filter rule open without approval for {hours(not_approved_ms)}; "
            f"{_let_through(did)}",
            None,
        ),
        Tile("objectives met", f"{met} of {judged} judged", _not_judged(objectives), None),
    )


def _not_judged(objectives: Sequence[ObjectiveRow]) -> str:
    """The objectives not judged, in words: `12 not judged (5 of them have failed so far)`; empty if all
    are judged.
    """
    left = [one for one in objectives if one.state == "open"]
    failing = sum(one.so_far in {"failed", "missed"} for one in left)
    so_far = f" ({failing} of them {'has' if failing == 1 else 'have'} failed so far)" if failing else ""
    return f"{len(left):,} not judged{so_far}" if left else ""


def _tile(name: str, mine: int, theirs: int) -> Tile:
    return Tile(name, f"{mine:,}", _against(mine, theirs), _better(mine, theirs))


def _better(mine: int, theirs: int) -> bool | None:
    """The value for `Tile.better`: harm that remains does not count as good just because there could have
    been more.
    """
    return False if mine > theirs else True if not mine and theirs else None


def _against(mine: int, theirs: int) -> str:
    """The comparison in words: `1,059 fewer than without action`."""
    if mine == theirs:
        return "as many as without action"
    return f"{abs(mine - theirs):,} {'fewer' if mine < theirs else 'more'} than without action"


def _let_through(did: RunOutcome) -> str:
    """Mail that came in with less protection: unwanted mail, which is not in the ledger, and unfiltered mail,
    which is.
    """
    unwanted, unfiltered = did.protection.unwanted, did.protection.unfiltered
    return (
        f"{counted(unwanted, 'unwanted message')} got through (assumed shares); "
        f"{counted(unfiltered, 'legitimate message')} bypassed every filter"
    )


def _undelivered(did: RunOutcome, nothing: RunOutcome) -> Tile:
    mine, theirs = lost(did) + queued(did), lost(nothing) + queued(nothing)
    return Tile(
        "messages not delivered",
        f"{mine:,}",
        f"{lost(did):,} lost, {queued(did):,} queued; {_against(mine, theirs)} "
        f"({lost(nothing):,} lost, {queued(nothing):,} queued)",
        _better(mine, theirs),
    )


def queued(run: RunOutcome) -> int:
    """Messages in any queue at the end of the run: at the gateway, the backup, the mail server or senders.

    Messages written less than a minute before the end are in transit and are not counted.
    """
    inbound = run.inbound
    arriving = inbound.queued + inbound.elsewhere + inbound.at_senders + inbound.held
    waiting = arriving + run.outbound.queued + run.outbound.held + run.internal.queued
    return max(0, waiting - run.backlog.on_the_way)


def lost(run: RunOutcome) -> int:
    """Messages that did not arrive: returned by any system or permanently rejected, in any direction."""
    return (
        run.lost.bounced
        + run.lost.at_senders.count
        + run.lost.rejected
        + run.lost.suppressed
        + run.outbound.returned
        + run.outbound.rejected
        + run.internal.returned
    )
