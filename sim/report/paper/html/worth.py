"""The worth of each command: the costliest on the first page, both ends of the list in the details."""

from collections.abc import Sequence

from sim.report.paper.html.markup import Markup, el, worded
from sim.report.paper.html.valley import valley_charts
from sim.report.paper.regret_rows import SHOWN, STOPPED, RegretRow, Worth

FIRST_PAGE = 3


def on_first_page(worth: Worth | None) -> list[Markup]:
    """The costliest commands and omissions, for the first page."""
    if worth is None:
        return []
    head = el("h3", "Decisions that cost most")
    if worth.stopped:
        return [head, el("p", worded(STOPPED), class_="note")]
    worse = [one for one in worth.rows if one.better and not one.timing][:FIRST_PAGE]
    if not worse:
        return [head, el("p", "None of the other choices that were tried would have been better.")]
    return [head, el("ol", [_item(one) for one in worse], class_="delays")]


def in_depth(worth: Worth | None) -> list[Markup]:
    """Both ends of the list: better choices, and choices that paid."""
    if worth is None or worth.stopped:
        return []
    timed = [one for one in worth.rows if one.timing][:SHOWN]
    better = [one for one in worth.rows if one.better and not one.timing][:SHOWN]
    paid = [one for one in worth.rows if not one.better][:SHOWN]
    return [
        el("h2", "What each command was worth", id="worth"),
        el(
            "p",
            "Each figure is the difference between this drill and a whole run with the same seed in which "
            "one thing differs; everything else was given at the same moments. It is hindsight: a decision "
            "is judged on what was known.",
            class_="soft",
        ),
        el("h3", "What would have been better"),
        _list(better),
        *([el("h3", "What another moment would have changed"), _list(timed)] if timed else []),
        *valley_charts(worth.valleys),
        *(
            [el("h3", "What preparation would have been worth"), _list(worth.prepared)]
            if worth.prepared
            else []
        ),
        el("h3", "What paid"),
        _list(paid),
    ]


def _list(rows: Sequence[RegretRow]) -> Markup:
    return el("ul", [_item(one) for one in rows]) if rows else el("p", "Nothing that was tried.")


def _item(one: RegretRow) -> Markup:
    what = el("span", el("code", one.command), f" ({one.local}, {one.elapsed}) ", el("strong", one.what_if))
    return el("li", what, el("span", worded(one.told), class_="more"))
