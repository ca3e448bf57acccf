"""The page on lists of injects: columns, headers of other tools, forms of times, and limits."""

from collections.abc import Iterator

from reference_files import table


def msel_columns() -> Iterator[str]:
    """Lines of the page."""
    from sim.table.msel.columns import DAY, MEANINGS, MOST_ROWS, TITLES, headers_of_others
    from sim.table.msel.files import MOST_BYTES, MOST_UNPACKED

    yield "# Lists of injects (MSEL)"
    yield from (
        "`mxdrill table msel` writes the injects and expected actions of a scenario as CSV or XLSX;",
        "`mxdrill table import` makes a scenario from such a list, or from another tool's list.",
        "[Run an exercise](../howto/facilitate.md) explains how to use both commands.",
        "",
        "## Columns",
        "",
        "The header may be in any of the first 30 rows, and the columns may be in any order. In headers,",
        "case and punctuation are ignored: `Recipient Player(s)` is read as `recipient player s`, and `#` as",
        "`no`. Columns that are not listed here are kept as comments in the scenario file.",
        "",
    )
    rows = []
    for name, title in TITLES.items():
        others = headers_of_others(name)
        rows.append((f"`{title}`", MEANINGS[name], ", ".join(others[:8]) or "none"))
    rows.append(("none", "dates, next to a column of times", ", ".join(headers_of_others(DAY)[:8])))
    yield from table(("column", "content", "also read as, among others"), rows)
    yield from (
        "## Times",
        "",
        "| written | means |",
        "|---|---|",
        "| `T+1h30`, `T+01:30`, `+1:30`, `STARTEX + 15 min` | after the start of the drill |",
        "| `09:12`, `9:12 AM`, `0912 hrs`, `09.12`, `Tue 09:12` | the next such local time |",
        "| `Day 2 09:12`, `D+2 0912` | at that time on that day of the drill; the first day is day 1 |",
        "| `2026-03-02 09:12`, `2 Mar 2026`, a date of a spreadsheet | the list's first date is day 1 |",
        "| `25/03/2026`, `03/25/2026` | day first, unless a date in the list can only have the month first |",
        "| `90`, `1:30` in a column of elapsed times | minutes; hours and minutes |",
        "",
        "## From a row to an entry",
        "",
        "An inject fires at the time in `Trigger`; without a `Trigger`, at the time in `Elapsed`; without",
        "both, at the scenario time. If an expected action names an inject in `Contingency No`, that inject",
        "fires if the milestone has not been reached by `If not by`. Expected actions do not become entries,",
        "because the scenario named by `--like` keeps its objectives. A method or recipient that does not",
        "exist in a scenario is replaced by the nearest valid one, and the cell is reported. A row without a",
        "time, or with neither a message nor a subject, is left out and reported; the exit status is then 1.",
        "",
        f"A file has at most {MOST_BYTES >> 20} MB, {MOST_UNPACKED >> 20} MB unpacked, and {MOST_ROWS:,}",
        "rows. If text begins like a formula, `table msel` writes an apostrophe in front of it, and",
        "`table import` removes the apostrophe.",
    )
