"""The files of a pack by name, and all of them in one zip."""

import io
import zipfile
from contextlib import suppress

from sim.table.msel.columns import BadMsel
from sim.table.msel.files import csv_bytes, xlsx_bytes
from sim.table.pack.card_deck import card_deck, msel_page
from sim.table.pack.evaluator_guide import evaluator_guide
from sim.table.pack.for_players import contact_sheet, feedback_form, role_cards, situation_manual
from sim.table.pack.handbook import handbook
from sim.table.pack.pack_facts import PackFacts

ZIP = "pack.zip"
_ZIP_DATE = (2026, 1, 1, 0, 0, 0)


def pack_files(facts: PackFacts) -> dict[str, bytes]:
    """The content of each file by its path in the folder; players' papers have a folder of their own.

    The spreadsheet is left out if the extra `table` is not installed.
    """
    pages = {
        "players/situation-manual.html": situation_manual(facts),
        "players/role-cards.html": role_cards(facts),
        "players/contact-sheet.html": contact_sheet(facts),
        "players/feedback-form.html": feedback_form(facts),
        "facilitator/handbook.html": handbook(facts),
        "facilitator/evaluator-guide.html": evaluator_guide(facts),
        "facilitator/msel.html": msel_page(facts),
        "facilitator/card-deck.html": card_deck(facts),
    }
    files = {name: text.encode("utf-8") for name, text in pages.items()}
    files["facilitator/msel.csv"] = csv_bytes(facts.rows)
    about = (("EXERCISE", "Everything in this file is simulated."), ("Scenario", facts.scenario.id))
    with suppress(BadMsel):  # not possible without the extra; the CSV has the same rows
        files["facilitator/msel.xlsx"] = xlsx_bytes(facts.rows, about)
    return {**files, ZIP: zipped(files)}


def zipped(files: dict[str, bytes]) -> bytes:
    """The files in one archive; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _ZIP_DATE), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
