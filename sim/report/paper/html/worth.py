"""The worth of each command: the costliest on the first page, both ends of the list in the details."""

from collections.abc import Sequence

from sim.report.paper.html.markup import Markup, el
from sim.report.paper.html.valley import valley_charts
from sim.report.paper.regret_rows import SHOWN, RegretRow, ValleyRow

FIRST_PAGE = 3


def on_first_page(rows: Sequence[RegretRow] | None) -> list[Markup]:
    """The costliest commands and omissions, for the first page."""
    worse = [one for one in rows or () if one.better and not one.timing][:FIRST_PAGE]
    if rows is None:
        return []
    if not worse:
        return [
            el("h3", "Decisions that cost most"),
            el("p", "None of the other choices that were tried would have been better."),
        ]
    return [
        el("h3", "Decisions that cost most"),
        el(
            "ol",
            [el("li", _what(one), el("span", f"{one.difference}.", class_="more")) for one in worse],
            class_="delays",
        ),
    ]


def in_depth(
    rows: Sequence[RegretRow] | None, valleys: Sequence[ValleyRow], prepared: Sequence[RegretRow]
) -> list[Markup]:
    """Both ends of the list: better choices, and choices that paid."""
    if rows is None:
        return []
    timed = [one for one in rows if one.timing][:SHOWN]
    better = [one for one in rows if one.better and not one.timing][:SHOWN]
    paid = [one for one in rows if not one.better][:SHOWN]
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
        el("ul", [_item(one) for one in better]) if better else el("p", "Nothing that was tried."),
        *(
            [el("h3", "What another moment would have changed"), el("ul", [_item(one) for one in timed])]
            if timed
            else []
        ),
        *valley_charts(valleys),
        *(
            [el("h3", "What preparation would have been worth"), el("ul", [_item(one) for one in prepared])]
            if prepared
            else []
        ),
        el("h3", "What paid"),
        el("ul", [_item(one) for one in paid]) if paid else el("p", "Nothing that was tried."),
    ]


def _item(one: RegretRow) -> Markup:
    return el("li", _what(one), el("span", f"{one.difference}.", class_="more"))


def _what(one: RegretRow) -> Markup:
    return el("span", el("code", one.command), f" ({one.local}, {one.elapsed}) ", el("strong", one.what_if))
