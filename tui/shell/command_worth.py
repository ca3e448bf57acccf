"""The value of each command of a drill, and its best time: calculated on all cores, and told as rows of the
debrief.
"""

from collections.abc import Sequence

from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS
from sim.report.debrief import ghost_of
from sim.report.paper.html.valley import said
from sim.report.paper.regret_rows import (
    NOTHING,
    PREPARED,
    STOPPED,
    TOLD_EMPTY,
    RegretRow,
    ValleyRow,
    Worth,
)
from sim.report.timeline import when
from sim.study.documents.regret_text import chain, difference, what_if, with_seeds
from sim.study.what_if.prepared import preparations, readiness_worth
from sim.study.what_if.regret import Regret, choices, is_trade, regrets, timing
from sim.study.what_if.seeds import Confirmed, confirmed
from sim.study.what_if.valley import Valley, valleys
from tui.shell.parallel_regret import Following, on_all_cores, on_other_seeds
from tui.shell.standard_streams import tell


def worth_of(session: Session, seeds: int, begun: Following | None) -> tuple[Worth, Session | None]:
    """The value of each command, and its best time, from about seventy runs on all cores.

    Ctrl+C stops them, and the debrief is then shown without them. The second part of the result is the
    drill with no action, if known.
    """
    try:
        with on_all_cores(session, begun) as (studied, runs):
            nothing = ghost_of(session)
            runs(preparations(studied))  # needed last, but begun now because a core would otherwise be idle
            found = regrets(session, studied, runs, nothing)
            moved = valleys(studied, found, runs)
            ready = readiness_worth(studied, found, runs)
        surer = confirmed(studied, choices(found), seeds, on_other_seeds)
    except KeyboardInterrupt:
        tell(f"mxdrill: note: {STOPPED}")
        return Worth((), stopped=True), None
    return _told_worth(session, found, moved, ready, surer), nothing


def _told_worth(
    session: Session,
    found: Sequence[Regret],
    moved: Sequence[Valley],
    ready: Sequence[Regret],
    surer: Sequence[Confirmed],
) -> Worth:
    """The results of a study of `session` as rows: choices that would have been better, other moments,
    then choices that paid off.
    """
    seeds = {one.variation: one for one in surer}

    def told(one: Regret, *, timed: bool = False) -> RegretRow:
        change = difference(one)
        if one.variation in seeds:
            change += f"; {with_seeds(seeds[one.variation])}"
        local, elapsed = when(session, one.first_ms)
        return RegretRow(
            local,
            elapsed,
            one.variation.text,
            what_if(one),
            change,
            one.gain > 0,
            timed,
            is_trade(one),
            chain(one),
        )

    rows = [told(one) for one in choices(found)]
    ordered = (
        *(one for one in rows if one.better),
        *(told(one, timed=True) for one in timing(found)),
        *reversed([one for one in rows if not one.better]),
    )
    return Worth(ordered, tuple(_drawn(session, one) for one in moved), tuple(told(one) for one in ready))


def _drawn(session: Session, one: Valley) -> ValleyRow:
    late_ms = one.too_late_ms
    return ValleyRow(
        one.text,
        tuple(
            ((t_ms - one.given_ms) // MINUTE_MS, when(session, t_ms)[0], 0.0 - 100 * gain)
            for t_ms, gain in one.points
        ),
        when(session, one.given_ms)[0],
        when(session, one.best_ms)[0],
        "" if late_ms is None else when(session, late_ms)[0],
        0.0 - 100 * one.never,
    )


def print_worth(worth: Worth) -> None:
    """Print the value of each command; if the calculation was stopped, only say so."""
    if worth.stopped:
        print(f"\n{STOPPED}")
        return
    print("\nThe value of each command: the same seed, with one difference")
    for title, rows in worth.groups:
        if title == PREPARED and worth.valleys:
            print(
                "\nThe cost of a decision at other times (the command at other moments, everything else "
                "the same)"
            )
            print("".join(f"  {one.command}\n{'':<4}{said(one)}\n" for one in worth.valleys), end="")
        if rows or title in TOLD_EMPTY:
            _print(title, rows)


def _print(title: str, rows: Sequence[RegretRow]) -> None:
    print(f"\n{title}")
    for one in rows:
        print(f"  {one.local:<10}  {one.elapsed:>7}  {one.command}")
        print(f"{'':<21}{one.what_if}: {one.told}")
    if not rows:
        print(f"  {NOTHING}")
