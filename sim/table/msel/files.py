"""MSEL files in CSV and XLSX: cells are written so that they are harmless, and the size of files read is
limited.

CSV is UTF-8 with a byte order mark, as spreadsheets expect it. XLSX holds strings only.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from sim.report.paper.spreadsheet_text import guarded, unguarded
from sim.table.msel.cells import cleaned, text_of
from sim.table.msel.columns import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, TITLES, BadMsel, MselRow, letters
from sim.table.msel.sheet import ABOUT, CellTable

MOST_BYTES = 10 << 20
MOST_UNPACKED = 50 << 20
MOST_PARTS = 500
SHEET = "MSEL"
INSTALL = 'install the extra: pip install "mxdrill[table]"'
FORMATS = (".csv", ".xlsx")

_DELIMITERS = ",;\t|"
_REFERENCE = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Za-z]{1,7})(\d{1,10})"')
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,10})"')
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\b[^>]*/>")
_CREATED = datetime(2026, 1, 1)  # noqa: DTZ001 - the same rows make the same file
_WIDTHS = {"message": 60, "expected": 50, "subject": 30, "objective": 24, "trigger": 28, "command": 30}


def headers_of(rows: Sequence[MselRow]) -> tuple[str, ...]:
    """Headers of columns that mxdrill does not use, in the order of the rows' cells."""
    return tuple(dict.fromkeys(name for row in rows for name, _text in row.extra))


def csv_bytes(rows: Sequence[MselRow]) -> bytes:
    """The rows as a CSV file."""
    headers = headers_of(rows)
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\r\n")
    out.writerow([*TITLES.values(), *map(guarded, headers)])
    out.writerows([guarded(cell) for cell in row.cells(headers)] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def xlsx_bytes(rows: Sequence[MselRow], about: Sequence[tuple[str, str]] = ()) -> bytes:
    """The rows as a spreadsheet; `about`: pairs for its second sheet. Raises BadMsel if the extra is not
    installed.
    """
    try:
        import xlsxwriter  # type: ignore[import-untyped]
    except ImportError:
        raise BadMsel(f"XLSX needs the package xlsxwriter; {INSTALL}, or write .csv") from None
    headers, file = headers_of(rows), io.BytesIO()
    book = xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": "EXERCISE: MSEL", "created": _CREATED})
    sheet, bold = book.add_worksheet(SHEET), book.add_format({"bold": True, "bottom": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    for column, title in enumerate([*TITLES.values(), *headers]):
        sheet.write_string(0, column, guarded(title), bold)
    for column, name in enumerate(TITLES):
        sheet.set_column(column, column, _WIDTHS.get(name, 14))
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row.cells(headers)):
            if cell:
                sheet.write_string(number, column, guarded(cell), wrap)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(rows), len(TITLES) + len(headers) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_header("&CEXERCISE EXERCISE EXERCISE")
    more = book.add_worksheet(ABOUT)
    more.set_column(0, 0, 18)
    more.set_column(1, 1, 90)
    for number, (name, text) in enumerate(about):
        more.write_string(number, 0, guarded(name), bold)
        more.write_string(number, 1, guarded(text), wrap)
    book.close()
    return file.getvalue()


def read_tables(path: Path) -> list[CellTable]:
    """The sheets of the file at `path` that are not empty, or its only table. Raises BadMsel."""
    if path.suffix.lower() not in FORMATS:
        raise BadMsel(f"{path}: not a .csv or .xlsx file; save the list in one of these formats")
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise BadMsel(f"{path}: {reason}; give the path of a .csv or .xlsx file") from None
    if len(raw) > MOST_BYTES:
        raise BadMsel(f"{path}: larger than {MOST_BYTES >> 20} MB; remove pictures, or save it as CSV")
    if raw[:4] == b"PK\x03\x04":
        return _xlsx(raw, str(path))
    if raw[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise BadMsel(f"{path}: an encrypted file or an old .xls; save it as .xlsx without a password")
    if path.suffix.lower() == ".xlsx":
        raise BadMsel(f"{path}: not a spreadsheet; save it as .xlsx, or name it .csv")
    return [_csv(raw, str(path))]


# CSV


def _csv(raw: bytes, file: str) -> CellTable:
    text = _decoded(raw)
    lines = text.splitlines()[:200]
    delimiter = max(_DELIMITERS, key=lambda sign: max((line.count(sign) for line in lines), default=0))
    reader, rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), list[list[str]]()
    try:
        for row in reader:
            if len(rows) > MOST_ROWS + 100:
                raise BadMsel(f"{file}:A{len(rows) + 1}: more than {MOST_ROWS:,} rows; split the file")
            rows.append([cleaned(unguarded(cell)) for cell in row])
    except csv.Error as error:
        where = f"{file}:A{len(rows) + 1}"
        raise BadMsel(f"{where}: cannot be read ({error}); check the quotes of this row") from None
    return CellTable(file, "", rows)


def _decoded(raw: bytes) -> str:
    """The text of a CSV file: UTF-8 or UTF-16 with a mark, UTF-8, or the usual encoding of Windows."""
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return raw.decode("utf-16", errors="replace").replace("\x00", "\ufffd")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    return text.replace("\x00", "\ufffd")


# XLSX


def _xlsx(raw: bytes, file: str) -> list[CellTable]:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise BadMsel(
            f"{file}: XLSX needs the package python-calamine; {INSTALL}, or save it as CSV"
        ) from None
    whole = io.BytesIO(_unpacked(raw, file))
    try:
        book = CalamineWorkbook.from_filelike(whole)
        found = []
        for name in book.sheet_names:
            values = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            rows = [[text_of(value)[: LONGEST_CELL + 1] for value in row] for row in values]
            if any(any(row) for row in rows):
                found.append(CellTable(file, name, rows))
    except (CalamineError, ValueError, OverflowError) as error:
        reason = " ".join(str(error).split())[:120]
        raise BadMsel(f"{file}: the spreadsheet cannot be read ({reason}); save it again as .xlsx") from None
    return found or [CellTable(file, "", [])]


def _unpacked(raw: bytes, file: str) -> bytes:
    """The spreadsheet with only its text parts, each unpacked up to a limit and packed again.

    The reader then never gets a part larger than declared, or a cell far outside the table.
    """
    plain = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed, zipfile.ZipFile(plain, "w") as out:
            left = MOST_UNPACKED
            if len(packed.infolist()) > MOST_PARTS:
                raise BadMsel(f"{file}: has more than {MOST_PARTS} parts; save it as CSV")
            for part in _parts(packed.infolist()):
                if part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                    raise BadMsel(f"{file}: is packed in an unusual way; save it again as .xlsx")
                with packed.open(part) as source:
                    content = source.read(left + 1)
                left -= len(content)
                if left < 0:
                    limit = MOST_UNPACKED >> 20
                    raise BadMsel(f"{file}: unpacks to more than {limit} MB; save it as CSV")
                if part.filename.lower().startswith("xl/worksheets/"):
                    content = _within_bounds(content, file)
                out.writestr(part.filename, content)
    except (zipfile.BadZipFile, RuntimeError, EOFError, zlib.error, OSError, ValueError) as error:
        if isinstance(error, BadMsel):
            raise
        raise BadMsel(f"{file}: the spreadsheet is damaged ({error}); save it again as .xlsx") from None
    return plain.getvalue()


def _parts(parts: Iterable[zipfile.ZipInfo]) -> Iterator[zipfile.ZipInfo]:
    """The parts that hold texts and their relations, each name once."""
    seen = set[str]()
    for part in parts:
        name = part.filename.lower()
        if name.endswith((".xml", ".rels")) and "/media/" not in name and name not in seen:
            seen.add(name)
            yield part


def _within_bounds(content: bytes, file: str) -> bytes:
    for match in _ROW.finditer(content):
        _require(int(match[1]), 0, file)
    for match in _REFERENCE.finditer(content):
        _require(int(match[2]), _number(match[1].decode("ascii")), file)
    return _DIMENSION.sub(b"", content)


def _number(name: str) -> int:
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _require(row: int, column: int, file: str) -> None:
    if row > MOST_ROWS + 100:
        raise BadMsel(f"{file}:A{row}: more than {MOST_ROWS:,} rows; delete the empty rows below the table")
    if column > MOST_COLUMNS:
        where = f"{letters(column - 1)}{row}"
        raise BadMsel(f"{file}:{where}: more than {MOST_COLUMNS} columns; delete the empty columns")
