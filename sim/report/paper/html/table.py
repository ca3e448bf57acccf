"""A table of a debrief's pages, which becomes a list of cards on a phone."""

from collections.abc import Sequence

from sim.report.paper.html.markup import Markup, el


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    numbers: tuple[int, ...] = (),
    cards: bool = True,
) -> Markup:
    """A table; on a phone each row becomes a card with the names of its columns."""
    return el(
        "div",
        el(
            "table",
            el(
                "thead",
                el(
                    "tr",
                    [el("th", name, class_="n" if at in numbers else None) for at, name in enumerate(head)],
                ),
            ),
            el(
                "tbody",
                [
                    el(
                        "tr",
                        [
                            el(
                                "td",
                                cell,
                                class_="n" if at in numbers else None,
                                data_name=head[at] if cards else None,
                            )
                            for at, cell in enumerate(row)
                        ],
                    )
                    for row in rows
                ],
            ),
            class_="cards" if cards else None,
        ),
        class_="wide",
    )
