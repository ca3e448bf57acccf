"""Papers and lists in other people's programs: a pack printed by Chromium, an MSEL in LibreOffice."""

import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.drill.session.load import load_scenario
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.paper.facts import facts_of as debrief_facts
from sim.report.paper.folder import papers
from sim.table.msel.columns import FIELDS, MselRow
from sim.table.msel.files import csv_bytes, read_tables, xlsx_bytes
from sim.table.msel.of_scenario import rows_of
from sim.table.msel.sheet import read_sheet
from sim.table.msel.timings import NO_TIMINGS
from sim.table.pack.consequences import consequences
from sim.table.pack.folder import pack_files
from sim.table.pack.pack_facts import facts_of
from tests.plays import ONSET_MS, play, small
from tests.unit.report.paper.test_folder import ORIGIN
from tests.unit.table.msel.test_files import HOSTILE

FEWEST_WORDS = 40
LIKE_OTHERS = (
    "TRUE", "50%", "€5", "09:30", "2026-03-04", "T+1h", "3/4", "#REF!", "line\nbreak", 'says "x", y; z',
    '=HYPERLINK("http://evil.example","x")', "ünïcödé 漢字 🙂",
)  # fmt: skip
NUMBERS = ("007", "1e5", "0.10")
"""Texts that a spreadsheet takes for numbers when it opens CSV, and keeps in XLSX."""
pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed; make test-real installs it")
    return found


def run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


@pytest.mark.parametrize("name", ["exchange-down", "gateway-down"])
def test_every_printed_page_says_exercise_and_none_is_nearly_empty(name: str, tmp_path: Path) -> None:
    scenario = small("3h") if name == "exchange-down" else load_scenario(name, {"users": "20"})
    facts = facts_of(scenario, NO_TIMINGS, consequences(scenario, 1), "NO DUFF")
    papers = {file: page for file, page in pack_files(facts).items() if file.endswith(".html")}
    assert len(papers) == 8
    for file, page in papers.items():
        path = tmp_path / f"{Path(file).stem}.html"
        path.write_bytes(page)
        printed = path.with_suffix(".pdf")
        run(
            program("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
            f"--print-to-pdf={printed}", path.as_uri(),
        )  # fmt: skip
        *pages, _after_the_last = run(program("pdftotext"), "-layout", str(printed), "-").split("\f")
        for number, text in enumerate(pages, 1):
            assert text.count("EXERCISE") >= 3, (file, number)
            assert len(text.split()) >= FEWEST_WORDS, (file, number, text)
            assert f"{number}/{len(pages)}" in text.replace(" ", ""), (file, number)


@pytest.mark.parametrize("state", ["ended by hand", "not over"])
def test_a_debrief_and_its_handout_print_and_the_browser_has_no_complaint(state: str, tmp_path: Path) -> None:
    given = (
        (ONSET_MS + 9 * MINUTE_MS, "alerts ack"),
        (ONSET_MS + HOUR_MS, "note <script src=http://x.example>"),
    )
    session = play("4h", given, ONSET_MS + 5 * HOUR_MS)
    if state == "ended by hand":
        session.finish()
    facts = debrief_facts(session)
    assert facts.state == state
    for name, page in papers(session, facts, None, ORIGIN).items():
        if name.endswith(".html"):
            path = tmp_path / name
            path.write_text(page, encoding="utf-8")
            printed = path.with_suffix(".pdf")
            words = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
            words += ["--enable-logging=stderr", f"--print-to-pdf={printed}", path.as_uri()]
            done = subprocess.run(
                [program("chromium"), *words], capture_output=True, text=True, timeout=120, check=True
            )
            assert ":CONSOLE" not in done.stderr, "a script, a request or a style that the page forbids"
            *pages, _after_the_last = run(program("pdftotext"), "-layout", str(printed), "-").split("\f")
            assert pages
            assert all("EXERCISE" in text for text in pages), name


def rows(texts: tuple[str, ...]) -> list[MselRow]:
    """A shipped list, and a row for each text."""
    more = [
        MselRow(number=str(number), kind="inject", subject=text, message=text, extra=(("=extra", text),))
        for number, text in enumerate(texts, 100)
    ]
    return [*rows_of(load_scenario("gateway-down")), *more]


def converted(path: Path, to: str) -> Path:
    """The file as LibreOffice saves it."""
    folder = path.parent / f"from-{path.suffix[1:]}"
    home = (path.parent / "profile").as_uri()
    run(
        program("soffice"), "--headless", "--norestore", f"-env:UserInstallation={home}",
        "--convert-to", to, "--outdir", str(folder), str(path),
    )  # fmt: skip
    (found,) = folder.iterdir()
    return found


CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,1"
"""UTF-8, commas, every text in quotes, the first sheet."""


@pytest.mark.parametrize(
    ("ending", "write", "to", "texts"),
    [
        ("xlsx", xlsx_bytes, "xlsx", (*HOSTILE, *LIKE_OTHERS, *NUMBERS)),
        ("xlsx", xlsx_bytes, CSV, (*HOSTILE, *LIKE_OTHERS, *NUMBERS)),
        ("csv", csv_bytes, "xlsx", (*HOSTILE, *LIKE_OTHERS)),
    ],
)
def test_a_list_that_a_spreadsheet_has_saved_again_is_the_same(
    ending: str, write: Callable[[list[MselRow]], bytes], to: str, texts: tuple[str, ...], tmp_path: Path
) -> None:
    own = rows(texts)
    path = tmp_path / f"own.{ending}"
    path.write_bytes(write(own))
    saved = converted(path, to)
    if saved.suffix == ".xlsx":
        with zipfile.ZipFile(saved) as parts:
            sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        assert not any(b"<f" in sheet.replace(b"<formula", b"") or b"hyperlink" in sheet for sheet in sheets)
    found = read_sheet(read_tables(saved)).rows
    assert [fields(row) for row in found] == [fields(row) for row in own]
    assert [dict(row.extra) for row in found] == [dict(row.extra) for row in own]


def fields(row: MselRow) -> dict[str, str]:
    return {name: getattr(row, name) for name in FIELDS}
