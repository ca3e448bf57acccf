"""Lists of other tools become injects; what is not understood is listed with its cell."""

import io
from collections.abc import Callable
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path

import pytest
import xlsxwriter

from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_scenario
from sim.table.msel.files import csv_bytes, read_tables, xlsx_bytes
from sim.table.msel.of_scenario import rows_of
from sim.table.msel.scenario_text import scenario_text
from sim.table.msel.sheet import read_sheet
from sim.table.msel.to_scenario import Made, made_of
from tests.plays import small


@cache
def base() -> Scenario:
    return small()


def imported(folder: Path, raw: bytes | str, ending: str = "csv") -> Made:
    path = folder / f"msel.{ending}"
    path.write_bytes(raw.encode() if isinstance(raw, str) else raw)
    return made_of(read_sheet(read_tables(path)), base())


def spreadsheet(rows: list[list[object]]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet("Master list")
    day, clock = book.add_format({"num_format": "yyyy-mm-dd hh:mm"}), book.add_format({"num_format": "hh:mm"})
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            match cell:
                case datetime():
                    sheet.write_datetime(number, column, cell, day)
                case time():
                    sheet.write_datetime(number, column, cell, clock)
                case _:
                    sheet.write(number, column, cell)
    book.close()
    return file.getvalue()


CONDUCTTR = (
    "Number,Time,From,Faction,To,Team,Method,Subject,Message,Expected Action\n"
    "1,T+1h30,Head of Sales,Blue,incident-lead,Alpha,Email,Customers complain,Mail is down?,Answer by phone\n"
)
HSEEP = (
    "Event #,Event Time,Event Description,Responsible Controller,Recipient Player(s),"
    "Expected Outcome of Player Action,Objective\n"
    "12,0930,Users report that mail is late.,J. Doe,Helpdesk,A ticket is opened,Communications\n"
)
T3SF = "#,Real Time,Date,Subject,From,Player,Script,Picture Name\n1,09:30,,Mail,News,IT team,Down,x.png\n"
BRITISH = (
    "Serial,Time,Inject,From,To,Means,Expected Response,Remarks\n1,0930 hrs,Mail is down,User,IT,Radio,-,-\n"
)
GERMAN = "Nr.;Zeit;Von;An;Mittel;Meldung;Erwartete Reaktion\n1;09:30;Chef;IT;Telefon;Mail fällt aus;Rückruf\n"
TABBED = "Inject ID\tMinute\tSender\tRecipient\tChannel\tText\n7\t90\tUser\thelpdesk\tticket\tIt is down\n"
DAYS = (
    "No,Day,Time,Title,Details,Audience\n"
    "1,Day 1,09:30,Down,Mail is down,Management\n2,Day 2,8:15 AM,Back,It is back,PR\n"
)
CISA = "Inject #,Date,Time,Inject,Method of Delivery,Player\n1,03/25/2026,9:30 AM,Mail is down,E-mail,CISO\n"
TITLED: list[list[object]] = [
    ["Exercise NIMBUS: master scenario events list"],
    [],
    ["Inject No", "Event Time", "Sent by", "To", "Inject Text"],
    [1, time(9, 30), "Board", "messaging-admin", "What is happening?"],
]
MONDAY = datetime(2030, 5, 6, 9, 30)  # noqa: DTZ001 - the clock of a cell
DATED: list[list[object]] = [
    ["MSEL #", "Planned time", "Originator", "Receiver", "Mode", "Script"],
    [1, MONDAY, "Board", "lead", "SMS", "What is happening?"],
    [2, MONDAY + timedelta(hours=22, minutes=45), "Board", "comms", "SMS", "And now?"],
]


@pytest.mark.parametrize(
    ("raw", "ending", "at", "to", "kind"),
    [
        (CONDUCTTR, "csv", "T+1h30m", "incident-lead", "email"),
        (HSEEP, "csv", "09:30", "helpdesk", "call"),
        (T3SF, "csv", "09:30", "messaging-admin", "call"),
        (BRITISH, "csv", "09:30", "messaging-admin", "call"),
        (GERMAN.encode("cp1252"), "csv", "09:30", "messaging-admin", "call"),
        (TABBED.encode("utf-16"), "csv", "T+1h30m", "helpdesk", "ticket"),
        (DAYS, "csv", "T+1h30m", "incident-lead", "call"),
        (CISA, "csv", "T+1h30m", "security-approver", "email"),
        (spreadsheet(TITLED), "xlsx", "09:30", "messaging-admin", "call"),
        (spreadsheet(DATED), "xlsx", "T+1h30m", "incident-lead", "sms"),
    ],
)
def test_ten_foreign_forms(
    raw: bytes | str, ending: str, at: str, to: str, kind: str, tmp_path: Path
) -> None:
    made = imported(tmp_path, raw, ending)
    assert not made.left_out
    first = made.injects[0]
    assert (first["at"], first["to"], first["kind"]) == (at, to, kind)
    again = tmp_path / "again.yaml"
    again.write_text(scenario_text(made, base(), "exchange-down", "again", "Again"), encoding="utf-8")
    loaded = load_scenario(str(again))
    mine = next(one for one in loaded.injects if one.id == first["id"])
    assert mine.text == first["text"]
    assert loaded.injects[-1].marks is None or loaded.injects[0].marks == "server.reported-back"


def test_the_second_day_follows_the_first(tmp_path: Path) -> None:
    assert imported(tmp_path, DAYS).injects[1]["at"] == "T+24h15m"
    assert imported(tmp_path, spreadsheet(DATED), "xlsx").injects[1]["at"] == "T+24h15m"


def test_what_is_not_understood_is_listed_with_its_cell(tmp_path: Path) -> None:
    raw = spreadsheet(
        [
            [
                "No",
                "Time",
                "Kind",
                "To",
                "Method",
                "Message",
                "Trigger",
                "Unless",
                "Phase of moon",
                "Command",
            ],
            [1, "whenever", "", "", "", "a", "", "", "", ""],
            [2, "09:30", "riddle", "the Wizard", "raven", "b", "", "users.tld", "full", ""],
            [3, "09:30", "", "", "", "", "", "", "", ""],
            [4, "09:30", "", "", "", "c", "quue > 5", "", "", ""],
            [5, "09:30", "fault", "", "", "", "", "", "", "unplug it"],
            [6, "", "", "", "", "d", "", "", "", ""],
            [7, "09:30", "fault", "", "", "", "T+1h", "", "", '{"fault": "mail-server sulks", "for": "1h"}'],
        ]
    )
    made = imported(tmp_path, raw, "xlsx")
    sheet = f"{tmp_path / 'msel.xlsx'}:Master list!"
    assert [one["text"] for one in made.injects] == ["b"]
    for cell, what in (
        ("B2", "'whenever' is not a time"),
        ("F4", "neither a message nor a subject"),
        ("G5", "'quue' cannot be compared"),
        ("J6", "the column Command has no details"),
        ("B7", "the row has no time"),
        ("J8", "`fault`"),
    ):
        assert any(line.startswith(f"{sheet}{cell}: ") and what in line for line in made.left_out), cell
    for cell, what in (
        ("C3", "'riddle' is not a kind of entry"),
        ("D3", "'the Wizard' is not a role here; the inject goes to incident-lead"),
        ("E3", "'raven' is not a known method; it becomes 'phone'"),
        ("H3", "'users.tld' is not a milestone"),
        ("A1", "columns without a meaning here, kept as comments: 'Phase of moon'"),
    ):
        assert any(line.startswith(f"{sheet}{cell}: ") and what in line for line in made.changed), cell
    assert "  # Phase of moon: full" in scenario_text(made, base(), "exchange-down", "x", "X").splitlines()


def test_a_contingency_comes_if_its_action_did_not(tmp_path: Path) -> None:
    raw = (
        "No,Time,Kind,To,Message,Milestone,If not by,Contingency No\n"
        "1,10:00,expected action,,Users are notified,users.told,alert.first + 30m,2\n"
        "2,,contingency,lead,The works council asks why nobody was told,,,\n"
    )
    made = imported(tmp_path, raw)
    assert [one["when"] for one in made.injects] == ["not users.told by alert.first + 30m"]


@pytest.mark.parametrize("name", ["exchange-down", "ex1224375", "gateway-slow"])
@pytest.mark.parametrize(("ending", "write"), [("csv", csv_bytes), ("xlsx", xlsx_bytes)])
def test_our_own_list_makes_the_same_injects_and_faults(
    name: str, ending: str, write: Callable[..., bytes], tmp_path: Path
) -> None:
    scenario = load_scenario(name)
    path = tmp_path / f"own.{ending}"
    path.write_bytes(write(rows_of(scenario)))
    made = made_of(read_sheet(read_tables(path)), scenario)
    assert (made.left_out, made.changed) == ([], [])
    again = tmp_path / "again.yaml"
    again.write_text(scenario_text(made, scenario, name, "again", "Again"), encoding="utf-8")
    loaded = load_scenario(str(again))
    assert {one.id: one for one in loaded.injects} == {one.id: one for one in scenario.injects}
    assert {one.id: one for one in loaded.timeline} == {one.id: one for one in scenario.timeline}


def test_texts_of_a_file_never_become_keys(tmp_path: Path) -> None:
    evil = '"x"\\n  - id: "planted\\nmxdrill: 9 #\u2028- {a: b}'
    raw = spreadsheet([["No", "Time", "Message", "#: x\n- id: evil"], [1, "09:30", evil, "note\n- id: evil"]])
    made = imported(tmp_path, raw, "xlsx")
    again = tmp_path / "again.yaml"
    again.write_text(scenario_text(made, base(), "exchange-down", "x", evil), encoding="utf-8")
    loaded = load_scenario(str(again))
    assert not [one for one in loaded.injects if one.id in {"planted", "evil"}]
    assert made.injects[0]["text"] in {one.text for one in loaded.injects}
