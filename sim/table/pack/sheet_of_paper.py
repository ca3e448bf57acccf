"""One paper of a pack: EXERCISE at the top and bottom of each printed page, no script, no external files."""

from collections.abc import Sequence
from pathlib import Path

from sim.report.paper.html import markup
from sim.report.paper.html.markup import Markup, el

ON_ONE_PAGE = 10
"""Maximum number of rows of a table that is kept on one page."""
_STYLES = (Path(markup.__file__).with_name("page.css"), Path(__file__).with_name("pack.css"))


def paper(title: str, whose: str, body: Sequence[object], *, wide: bool = False) -> str:
    """The HTML of a paper. `whose`: the readers, named in the band; `wide`: True for landscape."""
    band = el("div", el("span", "EXERCISE"), el("span", title), el("span", whose), class_="band")
    foot = el("div", "EXERCISE · everything here is simulated · EXERCISE", class_="foot")
    whole = el(
        "body",
        el(
            "table",
            el("thead", el("tr", el("td", band))),
            el("tfoot", el("tr", el("td", foot))),
            el("tbody", el("tr", el("td", list(body)))),
            class_="sheet wide-sheet" if wide else "sheet",
        ),
    )
    style = "".join(path.read_text(encoding="utf-8") for path in _STYLES)
    if wide:
        style += "@page{size:A4 landscape}\n"
    return markup.page(f"EXERCISE: {title}", style, whole)


def grid(head: Sequence[str], rows: Sequence[Sequence[object]], widths: Sequence[str] = ()) -> Markup:
    """A table with ruled cells. `widths`: the widths of the columns, as in CSS. A short table is not split
    across pages.
    """
    columns = [el("col", style=f"width:{width}") for width in widths]
    return el(
        "table",
        el("colgroup", columns) if columns else None,
        el("thead", el("tr", [el("th", name) for name in head])) if any(head) else None,
        el("tbody", [el("tr", [el("td", cell) for cell in row]) for row in rows]),
        class_="grid short" if len(rows) <= ON_ONE_PAGE else "grid",
    )


def paragraphs(text: str) -> list[Markup]:
    """Text with one paragraph for each block between empty lines."""
    blocks = [" ".join(block.split()) for block in text.split("\n\n")]
    return [el("p", block) for block in blocks if block]


def bullets(texts: Sequence[object]) -> Markup:
    """A list."""
    return el("ul", [el("li", text) for text in texts])


def lines(count: int) -> list[Markup]:
    """Empty ruled lines to write on."""
    return [el("div", class_="line") for _ in range(count)]
