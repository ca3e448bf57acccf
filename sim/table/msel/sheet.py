"""A table of texts from a file, and what it means: the rows of an MSEL, with the cell of each value."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sim.table.msel.columns import (
    DAY,
    FIELDS,
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    TITLES,
    BadMsel,
    MselRow,
    field_of,
    letters,
)

ABOUT = "About"
"""Name of the sheet that names the scenario in mxdrill's own spreadsheets."""
HEADER_WITHIN = 30
"""Number of rows from the top in which the header is searched for, because many files have a title above
it.
"""


@dataclass(frozen=True, slots=True)
class CellTable:
    """The texts in one sheet. `name`: the sheet's name; empty for a file that is a single table."""

    file: str
    name: str
    rows: Sequence[Sequence[str]]

    def place(self, row: int, column: int) -> str:
        """The name of a cell, `file:sheet!B7`; row and column are counted from 0."""
        sheet = f"{self.name}!" if self.name else ""
        return f"{self.file}:{sheet}{letters(column)}{row + 1}"


@dataclass(slots=True)
class MselSheet:
    """An MSEL as read. `unknown`: headers of columns that are kept but have no meaning here."""

    table: CellTable
    header: int
    columns: dict[str, int]
    unknown: tuple[str, ...]
    rows: list[MselRow] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    """For each row, its line in the file, counted from 0."""
    days: list[str] = field(default_factory=list)
    """For each row, the text in the column of dates."""

    def place(self, index: int, name: str) -> str:
        """The cell of a field in a row; the first cell of the row's line if the file has no such column."""
        return self.table.place(self.lines[index], self.columns.get(name, 0))


def read_sheet(tables: Sequence[CellTable]) -> MselSheet:
    """The MSEL in the first of `tables` that has a header. Raises BadMsel."""
    for table in tables:
        found = _header(table)
        if found is not None:
            return _filled(table, *found)
    if not any(any(row) for table in tables for row in table.rows):
        raise BadMsel(f"{tables[0].file}: is empty; give a file with a header and a row for each inject")
    titles = ", ".join(list(TITLES.values())[:9])
    raise BadMsel(
        f"{tables[0].place(0, 0)}: no header found in the first {HEADER_WITHIN} rows; name the columns, such "
        f"as {titles}"
    )


def named_scenario(tables: Sequence[CellTable]) -> str:
    """The scenario named in one of mxdrill's own spreadsheets; empty if there is none."""
    rows = (row for table in tables if table.name == ABOUT for row in table.rows)
    return next((row[1] for row in rows if len(row) > 1 and row[0] == "Scenario"), "")


def _header(table: CellTable) -> tuple[int, dict[str, int]] | None:
    """The row with the most known headers, which must include a message or a subject and one more; and the
    columns of these headers.
    """
    best: tuple[int, dict[str, int]] | None = None
    for index, row in enumerate(table.rows[:HEADER_WITHIN]):
        columns = _columns(row)
        told = {"message", "subject", "expected"} & set(columns)
        if told and len(columns) >= 2 and (best is None or len(columns) > len(best[1])):
            best = index, columns
    return best


def _columns(row: Sequence[str]) -> dict[str, int]:
    """The column of each field. If two headers name the same field, the better fit counts; of equal fits,
    the first.
    """
    found: dict[str, tuple[int, int]] = {}
    for column, header in enumerate(row[:MOST_COLUMNS]):
        known = field_of(header) if header else None
        if known is not None and (known[0] not in found or known[1] < found[known[0]][0]):
            found[known[0]] = known[1], column
    return {name: column for name, (_rank, column) in found.items()}


def _filled(table: CellTable, header: int, columns: dict[str, int]) -> MselSheet:
    titles = table.rows[header]
    if len(titles) > MOST_COLUMNS:
        where = table.place(header, MOST_COLUMNS)
        raise BadMsel(f"{where}: more than {MOST_COLUMNS} columns; delete empty columns")
    others = {
        column: _own_name(title, column, titles)
        for column, title in enumerate(titles)
        if title and column not in columns.values()
    }
    sheet = MselSheet(table, header, columns, tuple(others.values()))
    for line, row in enumerate(table.rows[header + 1 :], header + 1):
        if not any(row):
            continue
        if len(sheet.rows) == MOST_ROWS:
            raise BadMsel(f"{table.place(line, 0)}: more than {MOST_ROWS:,} rows; split the file")
        for column, text in enumerate(row):
            if len(text) > LONGEST_CELL:
                where = table.place(line, column)
                raise BadMsel(f"{where}: longer than {LONGEST_CELL:,} characters; shorten the text")
        texts = {name: row[column] for name, column in columns.items() if column < len(row)}
        day = texts.pop(DAY, "")
        extra = tuple((name, row[at]) for at, name in others.items() if at < len(row) and row[at])
        sheet.rows.append(MselRow(**{name: texts.get(name, "") for name in FIELDS}, extra=extra))
        sheet.lines.append(line)
        sheet.days.append(day)
    return sheet


def _own_name(title: str, column: int, titles: Sequence[str]) -> str:
    """The header, with its column added if another column has the same header, or if it is the title of a
    known column.
    """
    twice = titles.index(title) != column or title in TITLES.values()
    return f"{title} ({letters(column)})" if twice else title
