"""The columns of an MSEL, the headers that other tools use for them, and one row as text."""

import re
from dataclasses import dataclass, fields

from sim.kernel.user_mistake import Mistake

MOST_ROWS = 20_000
MOST_COLUMNS = 200
LONGEST_CELL = 32_767
"""Maximum number of characters in a cell of a spreadsheet."""

TITLES = {
    "number": "No",
    "time": "Scenario time",
    "elapsed": "Elapsed",
    "kind": "Kind",
    "sender": "From",
    "to": "To",
    "method": "Method",
    "subject": "Subject",
    "message": "Message",
    "expected": "Expected action",
    "milestone": "Milestone",
    "objective": "Objective",
    "controller": "Controller",
    "if_not_by": "If not by",
    "contingency": "Contingency No",
    "command": "Command",
    "status": "Status",
    "fired_at": "Fired at",
    "seen_at": "Seen at",
    "notes": "Evaluator notes",
    "id": "Id",
    "trigger": "Trigger",
    "unless": "Unless",
    "marks": "Marks",
}
"""The title of each column in mxdrill's own files, by the name of the field, in order."""

MEANINGS = {
    "number": "its number in the list; contingencies refer to it",
    "time": "local time: of a fault or inject, or the P50 of an expected action",
    "elapsed": "the same time, counted from the start of the drill",
    "kind": "`inject`, `contingency`, `fault` or `expected action`; empty: an inject",
    "sender": "the sender",
    "to": "a seat, a role or a person of the organisation",
    "method": "`phone`, `ticket`, `text message`, `email` or `status page`",
    "subject": "a few words; the milestone of an expected action",
    "message": "the text that people receive",
    "expected": "the action, with P10, P50 and P90 of its time in the runs",
    "milestone": "the milestone of an expected action, or the one that an inject marks",
    "objective": "objectives that ask for the action",
    "controller": "the person or program that sends or observes it",
    "if_not_by": "the limit of an expected action",
    "contingency": "the number of the inject that fires if the action is not taken",
    "command": "an example for an expected action; the keys of a fault or of a post, as JSON",
    "status": "state of the row in a completed exercise",
    "fired_at": "when it fired or was done in that exercise",
    "seen_at": "when people in that exercise could know about it",
    "notes": "evaluators' notes on the objectives",
    "id": "id in the scenario file",
    "trigger": "`at` or `when` of the scenario file; it overrides the times",
    "unless": "milestones that cancel the row",
    "marks": "the milestone that an inject reaches",
}
"""The content of each column, for the reference."""

_ALIASES = {
    "number": "number; no; nr; event number; event no; event; inject number; inject no; inject id; "
    "msel number; msel no; serial; serial no; serial number; ser; seq; sequence; item; item no; ref; index",
    "time": "time; event time; exercise time; delivery time; inject time; planned time; date time; datetime; "
    "dtg; local time; real time; start time; "
    "designated time; time of delivery; zeit; uhrzeit; heure; hora",
    "day": "date; day; event date; exercise date; exercise day; inject date; datum; tag",
    "elapsed": "elapsed; elapsed time; t; relative time; offset; time from startex; exercise minute; minute; "
    "minutes; time elapsed; h hour",
    "kind": "type; event type; inject type; category; msel type; art",
    "sender": "sender; source; originator; from role; simulated sender; persona; initiator; sent by; "
    "from whom; "
    "von; de; from simulated",
    "to": "recipient; recipients; receiver; target; to player; recipient player s; recipient players; "
    "players; "
    "player; delivered to; audience; addressee; intended player; responsible player; to whom; an; a; para; "
    "receiving player; to role",
    "method": "delivery method; channel; mode; means; inject mode; medium; delivery; format; "
    "method of delivery; communication method; inject method; mittel; via",
    "subject": "title; headline; name; inject title; short description; event name; topic; summary; "
    "event title; betreff",
    "message": "text; body; content; inject; inject text; description; event description; details; "
    "narrative; "
    "script; inject description; message text; scenario event; detailed statement; inject details; "
    "event inject; meldung; inhalt; nachricht",
    "expected": "expected actions; expected response; expected outcome; expected outcomes; "
    "expected player action; expected player actions; anticipated response; desired response; "
    "expected result; "
    "player actions; anticipated action; anticipated player response; expected outcome of player action; "
    "expected responses; erwartete reaktion; erwartete massnahme",
    "objective": "objectives; capability; core capability; exercise objective; exercise objectives; "
    "demonstrated objective; capabilities; objective s; core capabilities; ziel",
    "controller": "responsible controller; injector; exercise controller; owner; facilitator; "
    "responsible person; lead controller; delivered by; controllers",
    "if_not_by": "due by; deadline; contingency time",
    "contingency": "contingency; contingency inject; contingency number",
    "status": "state; completed; done",
    "fired_at": "actual time; time sent; delivered at; actual delivery time",
    "notes": "notes; remarks; comments; comment; observations; bemerkungen; evaluator comments; remark",
}

DAY = "day"
"""The title of a column of dates next to a column of times, which occurs only in files from other tools."""


class BadMsel(Mistake):
    """A file that is not a readable MSEL; the text has one line for each mistake, with its cell."""


@dataclass(frozen=True, slots=True)
class MselRow:
    """One row: text in every column, which may be empty."""

    number: str = ""
    time: str = ""
    elapsed: str = ""
    kind: str = ""
    sender: str = ""
    to: str = ""
    method: str = ""
    subject: str = ""
    message: str = ""
    expected: str = ""
    milestone: str = ""
    objective: str = ""
    controller: str = ""
    if_not_by: str = ""
    contingency: str = ""
    command: str = ""
    status: str = ""
    fired_at: str = ""
    seen_at: str = ""
    notes: str = ""
    id: str = ""
    trigger: str = ""
    unless: str = ""
    marks: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    """Cells in unknown columns, by the column's header."""

    def cells(self, headers: tuple[str, ...]) -> list[str]:
        """The row's texts in mxdrill's own columns, then under each header of `headers`."""
        own = [str(getattr(self, name)) for name in TITLES]
        others = dict(self.extra)
        return [*own, *(others.get(header, "") for header in headers)]


FIELDS = tuple(one.name for one in fields(MselRow) if one.name != "extra")


def plain_header(text: str) -> str:
    """A header in lower case and without signs: `Recipient Player(s)` becomes `recipient player s`."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text.lower().replace("#", " no ").replace("ß", "ss")).split())


def _known() -> dict[str, tuple[str, int]]:
    """Field and rank for each plain header; a column's own title ranks before its aliases."""
    found = {plain_header(title): (name, 0) for name, title in TITLES.items()}
    for name, texts in _ALIASES.items():
        for rank, text in enumerate(texts.split(";"), 1):
            found.setdefault(plain_header(text), (name, rank))
    return found


_KNOWN = _known()


def field_of(header: str) -> tuple[str, int] | None:
    """The field for a header, and how well the header fits (0: the field's own title); None for an unknown
    header.
    """
    return _KNOWN.get(plain_header(header))


def headers_of_others(field: str) -> list[str]:
    """Headers with the same meaning in other tools, in lower case and without signs; `day`: a column of
    dates.
    """
    return [text.strip() for text in _ALIASES.get(field, "").split(";") if text.strip()]


def letters(column: int) -> str:
    """The name of a spreadsheet's column, counted from 0: A, B, … Z, AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
