"""The worth of each command as rows of a debrief, and as text on a screen."""

from collections.abc import Sequence

from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS
from sim.report.paper.html.valley import said
from sim.report.paper.regret_rows import SHOWN, STOPPED, RegretRow, ValleyRow, Worth
from sim.report.timeline import when
from sim.study.documents.regret_text import chain, difference, what_if, with_seeds
from sim.study.what_if.regret import Regret, choices, timing
from sim.study.what_if.seeds import Confirmed
from sim.study.what_if.valley import Valley


def told_worth(
    session: Session,
    found: Sequence[Regret],
    moved: Sequence[Valley],
    ready: Sequence[Regret],
    surer: Sequence[Confirmed],
) -> Worth:
    """The results of a study of `session` as rows: better choices, moments, then choices that paid."""
    seeds = {one.variation: one for one in surer}

    def told(one: Regret, *, timed: bool = False) -> RegretRow:
        change = difference(one)
        if one.variation in seeds:
            change += f"; {with_seeds(seeds[one.variation])}"
        local, elapsed = when(session, one.first_ms)
        return RegretRow(
            local, elapsed, one.variation.text, what_if(one), change, one.gain > 0, timed, chain(one)
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
    """Print it; only that it was stopped if it was."""
    if worth.stopped:
        print(f"\n{STOPPED}")
        return
    one_thing = "(the same seed, one thing different)"
    _print(
        f"What would have been better {one_thing}",
        [one for one in worth.rows if one.better and not one.timing],
    )
    _print(f"What another moment would have changed {one_thing}", [one for one in worth.rows if one.timing])
    _print(f"What paid {one_thing}", [one for one in worth.rows if not one.better])
    if worth.valleys:
        print("\nThe valley of a decision (the command at other moments, everything else the same)")
        print("".join(f"  {one.command}\n{'':<4}{said(one)}\n" for one in worth.valleys), end="")
    if worth.prepared:
        _print(
            "What preparation would have been worth (the same drill, with it done before the outage)",
            worth.prepared,
        )


def _print(title: str, rows: Sequence[RegretRow]) -> None:
    print(f"\n{title}")
    for one in rows[:SHOWN]:
        print(f"  {one.local:<10}  {one.elapsed:>7}  {one.command}")
        print(f"{'':<21}{one.what_if}: {one.told}")
    if not rows:
        print("  nothing that was tried")
