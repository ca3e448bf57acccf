"""The page on table commands: seats, commands by who may give them, and the lines of its socket."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from reference_files import name_and_meaning, synopsis, table

_SENT = (
    ("`hello`", "`version` (1), `token`, `person` if the seat is empty", "`welcome`: `seat`, `person`"),
    (
        "`do`",
        "`text`: a command of the drill or of the table; `id` of any kind",
        "`reply`: the same `id`, `accepted`, `text`",
    ),
    (
        "`look`",
        "`what`: `seat`; for the facilitator also `truth`, `script`",
        "`look`: everything that the seat may know",
    ),
    (
        "`resume`",
        "`after_seq`: the number of the last event received, -1 for none",
        "an `event` for each later event",
    ),
)
_LINES = (
    "## JSON lines",
    "",
    "`mxdrill table … --doors lines` opens a Unix socket next to the journal (`NAME.sock`) that only its",
    "owner can open, and prints a token for each seat. Each line is one JSON object with the key `is`. Times",
    "are in milliseconds since the start of the drill.",
    "",
)
_MORE = (
    "If the server does not understand a line, it answers `error` with a `text`. After a rewind, the server",
    "sends `rewind` with `t_ms` and `after_seq`; when it is closed, it sends `end`. All seats share one",
    "sequence of event numbers, so the numbers that a seat receives have gaps. A line has at most 8 KiB. A",
    "client that sends more than 20 lines a second, or that stops reading, is disconnected; it can reconnect",
    "with `hello` and `resume`. If another client on JSON lines has the seat, the first answer to `hello` is",
    "`wait`. The second answer follows within a minute: `welcome` if the facilitator admits the new client",
    "(which ends the other connection), or else `error`.",
    "",
    "```",
    '{"is":"hello","version":1,"token":"9uGQ…","person":"Dan"}',
    '{"is":"resume","after_seq":-1}',
    '{"is":"do","id":1,"text":"probe mx all"}',
    "```",
)


def table_words() -> Iterator[str]:
    """Lines of the page."""
    from sim.drill.facilitation.fault_insert import FaultInsert
    from sim.drill.facilitation.words import SIT, WORDS
    from sim.table.seats import KINDS
    from tui.table.facilitator.station import HELP

    yield "# Table commands"
    yield from (
        "`mxdrill table SCENARIO` runs one outage for a facilitator and several players. People at a seat",
        "give the [commands of a drill](commands.md) that belong to their seat, and the table commands on",
        "this page. All commands are recorded in the [journal](journal.md) with the seat and the person.",
        "",
        "## Seats",
        "",
        "A command belongs to the seat that owns its console, or else to the seat that plays its role. While",
        "a seat is empty, the simulator plays its people, and any seat may give its commands. Events go to",
        "their addressee: alerts and text messages to the messaging seat, tickets to the helpdesk, results",
        "to the seat that gave the command. If a role has no seat, its events go to everyone.",
        "",
    )
    rows = [
        (f"`{one.name}`", one.does, ", ".join(one.roles) or "none", ", ".join(sorted(one.owns)) or "none")
        for one in KINDS
    ]
    yield from table(("seat", "task", "plays", "owns"), rows)
    for title, givers in (
        ("For everyone", "everyone"),
        ("For players", "seats"),
        ("For the facilitator", "facilitator"),
    ):
        yield from (f"## {title}", "")
        for kind in WORDS:
            if kind.givers == givers and kind.words != SIT:
                yield from _word(kind)
                if kind is FaultInsert:
                    yield from _faults()
    yield from (
        "## Lines of the facilitator's station",
        "",
        "The facilitator can also type lines about the table itself. `seat SEAT NAME` seats a person without",
        "a screen, and `as SEAT LINE` gives a command for that person, so one laptop is enough for everyone.",
        "`hand SEAT WORD` shows the seat on the facilitator's own terminal; F12 (or Ctrl+Y) and then WORD",
        "take the terminal back.",
        "",
        *(f"- `{one}`" for one in HELP),
        "",
    )
    yield from _LINES
    yield from table(("a client sends", "with", "answer"), _SENT)
    yield from _MORE


def _faults() -> Iterator[str]:
    """Every pair of component and failure, with the option that it needs."""
    from sim.drill.scenario.fault_kinds import FAULT_KINDS

    needed = {"share_percent": "`share=`", "per_message": "`per=`"}
    yield from ("Components and their failures:", "")
    rows = [
        (f"`{one.component}`", f"`{one.failure}`", one.means, needed[one.needs] if one.needs else "none")
        for one in FAULT_KINDS.values()
    ]
    yield from table(("component", "failure", "effect", "needs"), rows)


def _word(kind: Any) -> Iterator[str]:
    yield from synopsis(kind, 3)
    told = [
        (
            *name_and_meaning(field),
            ", ".join(f"`{one}`" for one in field.metadata["choices"]) or str(field.metadata["kind"]),
        )
        for field in fields(kind)
    ]
    if told:
        yield from table(("field", "meaning", "values"), told)
