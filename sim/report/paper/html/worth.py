"""The value of each command: the costliest on the first page, both ends of the list in the details."""

from collections.abc import Sequence

from sim.report.paper.html.markup import Markup, el, worded
from sim.report.paper.html.valley import valley_charts
from sim.report.paper.regret_rows import NOTHING, PREPARED, STOPPED, TOLD_EMPTY, RegretRow, ValleyRow, Worth

FIRST_PAGE = 3


def on_first_page(worth: Worth | None) -> list[Markup]:
    """The costliest commands and omissions, for the first page."""
    if worth is None:
        return []
    head = el("h3", "Decisions that cost most")
    if worth.stopped:
        return [head, el("p", worded(STOPPED), class_="note")]
    worse = worth.better[:FIRST_PAGE]
    if not worse:
        return [head, el("p", "None of the other choices that were tried would have been better.")]
    return [head, el("ol", [_item(one) for one in worse], class_="delays")]


def in_depth(worth: Worth | None) -> list[Markup]:
    """Both ends of the list: choices that would have been better, and choices that paid off."""
    if worth is None or worth.stopped:
        return []
    return [
        el("h2", "What each command was worth", id="worth"),
        el(
            "p",
            "Each figure is the difference between this drill and a whole run with the same seed in which "
            "one thing differs; everything else was given at the same moments. This is hindsight: decisions "
            "are judged on what was known.",
            class_="soft",
        ),
        *(
            part
            for title, rows in worth.groups
            for part in _group(title, rows, worth.valleys if title == PREPARED else ())
        ),
    ]


def _group(title: str, rows: Sequence[RegretRow], valleys: Sequence[ValleyRow]) -> list[Markup]:
    """A group with its title, after the valleys; an empty group is shown only if it is informative that it
    is empty.
    """
    before = valley_charts(valleys)
    if rows:
        return [*before, el("h3", title), el("ul", [_item(one) for one in rows])]
    return [*before, el("h3", title), el("p", NOTHING)] if title in TOLD_EMPTY else before


def _item(one: RegretRow) -> Markup:
    what = el("span", el("code", one.command), f" ({one.local}, {one.elapsed}) ", el("strong", one.what_if))
    return el("li", what, el("span", worded(one.told), class_="more"))
