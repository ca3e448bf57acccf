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
        "`mxdrill table import` makes a scenario from such a list, or from another tool's list. How to use",
        "them: [run an exercise](../howto/facilitate.md).",
        "",
        "## Columns",
        "",
        "The header may be in any of the first 30 rows, and its columns in any order. Case and punctuation",
        "are ignored: `Recipient Player(s)` is `recipient player s`, `#` is `no`. Other columns are kept,",
        "and become comments of the scenario file.",
        "",
    )
    rows = []
    for name, title in TITLES.items():
        others = headers_of_others(name)
        rows.append((f"`{title}`", MEANINGS[name], ", ".join(others[:8]) or "none"))
    rows.append(("none", "a column of dates next to one of times", ", ".join(headers_of_others(DAY)[:8])))
    yield from table(("column", "content", "also read as, among others"), rows)
    yield from (
        "## Times",
        "",
        "| written | means |",
        "|---|---|",
        "| `T+1h30`, `T+01:30`, `+1:30`, `STARTEX + 15 min` | after the start of the drill |",
        "| `09:12`, `9:12 AM`, `0912 hrs`, `09.12`, `Tue 09:12` | the next such local time |",
        "| `Day 2 09:12`, `D+2 0912` | on that day of the drill, which begins with day 1 |",
        "| `2026-03-02 09:12`, `2 Mar 2026`, a date of a spreadsheet | the list's first date is day 1 |",
        "| `25/03/2026`, `03/25/2026` | day first, unless a date of the list can only begin with the month |",
        "| `90`, `1:30` in a column of elapsed times | minutes; hours and minutes |",
        "",
        "## From a row to an entry",
        "",
        "`Trigger` decides when an inject fires; without it, `Elapsed`; without both, the scenario time.",
        "An inject that an expected action names in `Contingency No` fires if the milestone has not been",
        "reached by `If not by`. Expected actions do not become entries, because the scenario named by",
        "`--like` keeps its objectives. A method or recipient that a scenario does not have is replaced by",
        "the nearest one and reported with its cell. A row without a time, or without both a message and a",
        "subject, is left out and reported; the exit status is then 1.",
        "",
        f"A file has at most {MOST_BYTES >> 20} MB, {MOST_UNPACKED >> 20} MB unpacked, {MOST_ROWS:,} rows.",
        "A text that begins like a formula gets an apostrophe in front, which `import` removes.",
    )
