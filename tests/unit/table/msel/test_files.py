"""Round trips of CSV and XLSX, hostile cells, limits, and broken files that say where."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from sim.report.paper.spreadsheet_text import guarded, unguarded
from sim.table.msel.cells import cleaned
from sim.table.msel.columns import FIELDS, MOST_ROWS, TITLES, BadMsel, MselRow, field_of, letters
from sim.table.msel.files import csv_bytes, read_tables, xlsx_bytes
from sim.table.msel.sheet import MselSheet, read_sheet
from tests.examples import examples
from tests.hostile import tries

HOSTILE = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "=cmd|' /C calc'!A0",
    "'=1",
    "''=1",
    "'",
    "'quoted'",
    "_x0041_",
    "<b>&",
)
TEXT = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40)).map(cleaned)
EXTRA = st.lists(
    st.tuples(TEXT.filter(lambda text: bool(text) and field_of(text) is None), TEXT.filter(bool)),
    max_size=2,
    unique_by=lambda pair: pair[0],
).map(tuple)
ROW = st.builds(MselRow, **dict.fromkeys(FIELDS, TEXT), extra=EXTRA).filter(lambda row: any(row.cells(())))
WRITERS: list[tuple[str, Callable[[list[MselRow]], bytes]]] = [("csv", csv_bytes), ("xlsx", xlsx_bytes)]


def read(raw: bytes, ending: str) -> MselSheet:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"msel.{ending}"
        path.write_bytes(raw)
        return read_sheet(read_tables(path))


@pytest.mark.parametrize(("ending", "write"), WRITERS)
@examples(20)
@given(rows=st.lists(ROW, min_size=1, max_size=4))
def test_nothing_is_lost_on_the_way_out_and_in(
    ending: str, write: Callable[[list[MselRow]], bytes], rows: list[MselRow]
) -> None:
    found = read(write(rows), ending).rows
    ordered = [MselRow(**{name: getattr(row, name) for name in FIELDS}) for row in rows]
    assert [MselRow(**{name: getattr(row, name) for name in FIELDS}) for row in found] == ordered
    assert [dict(row.extra) for row in found] == [dict(row.extra) for row in rows]


@examples(50)
@given(st.one_of(st.text(), st.text(alphabet="=+-@\t\r\n;' \uff1d1")))
def test_the_apostrophe_in_front_is_taken_off_again(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in {"=", "+", "-", "@", "\t", "\r"}
    for cell in re.split("[;\t\n\r]", guarded(text)):
        assert cell.strip()[:1] not in {"=", "+", "-", "@", "\uff1d"}


def test_no_cell_of_a_spreadsheet_is_a_formula_or_a_link() -> None:
    raw = xlsx_bytes([MselRow(message=text, expected="https://example.test/") for text in HOSTILE])
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        names = parts.namelist()
        sheets = [parts.read(name).decode() for name in names if name.startswith("xl/worksheets/")]
    assert not any("<f>" in sheet or "hyperlink" in sheet for sheet in sheets)
    assert not any("externalLink" in name or "_rels/sheet" in name for name in names)


def test_csv_has_a_mark_and_no_cell_that_acts() -> None:
    raw = csv_bytes([MselRow(message=text, extra=(("=head", text),)) for text in HOSTILE])
    assert raw.startswith(b"\xef\xbb\xbf")
    cells = [cell for row in csv.reader(io.StringIO(raw.decode("utf-8-sig"))) for cell in row]
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]


def refused(raw: bytes, ending: str) -> str:
    with pytest.raises(BadMsel) as found:
        read(raw, ending)
    (line,) = found.value.lines
    return line


def test_a_broken_file_says_where() -> None:
    assert "is empty" in refused(b"", "csv")
    assert "msel.csv:A1: no header found" in refused(b"a,b\n1,2\n", "csv")
    assert "not a spreadsheet" in refused(b"plain text", "xlsx")
    assert "encrypted file or an old .xls" in refused(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "xlsx"
    )
    assert "damaged" in refused(b"PK\x03\x04" + bytes(100), "xlsx")
    assert "larger than 10 MB" in refused(b"x" * (10 << 20) + b"xx", "csv")
    assert "msel.csv:B3: longer than 32,767" in refused(b"No,Message\n1,x\n2," + b"y" * 40_000 + b"\n", "csv")
    assert "not a .csv or .xlsx" in refused(b"", "ods")
    rows = b"No,Message\n" + b"1,x\n" * (MOST_ROWS + 1)
    assert f"msel.csv:A{MOST_ROWS + 2}: more than 20,000 rows" in refused(rows, "csv")
    wide = b"No,Message" + b",h" * 250 + b"\n1,x\n"
    assert "msel.csv:GS1: more than 200 columns" in refused(wide, "csv")


def workbook(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    fill(book)
    book.close()
    return file.getvalue()


def test_a_cell_far_outside_takes_no_memory() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["No", "Message"])
        sheet.write(1_048_575, 16_383, "far")

    assert "more than 20,000 rows; delete the empty rows" in refused(workbook(fill), "xlsx")

    def wide(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["No", "Message"])
        sheet.write(0, 16_383, "far")

    assert "msel.xlsx:XFD1: more than 200 columns" in refused(workbook(wide), "xlsx")


def test_a_bomb_is_not_unpacked() -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("[Content_Types].xml", "<Types/>")
        with out.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(51):
                part.write(bytes(1 << 20))
    assert "unpacks to more than 50 MB" in refused(raw.getvalue(), "xlsx")


@pytest.mark.fuzz
@tries(20)
@given(st.data())
def test_a_damaged_spreadsheet_is_read_or_refused(data: st.DataObject) -> None:
    raw = bytearray(xlsx_bytes([MselRow(number="1", message="x")]))
    for at in data.draw(st.lists(st.integers(4, len(raw) - 1), min_size=1, max_size=6)):
        raw[at] = data.draw(st.integers(0, 255))
    with suppress(BadMsel):
        assert read(bytes(raw), "xlsx").rows is not None


def test_columns_have_the_letters_of_spreadsheets() -> None:
    assert [letters(n) for n in (0, 25, 26, 27, 701, 702)] == ["A", "Z", "AA", "AB", "ZZ", "AAA"]
    assert all(field_of(title) == (name, 0) for name, title in TITLES.items())
