"""The CSV files of a debrief: all data that a person might sort, filter or plot."""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import chain

from sim.kernel.plain_line import in_plain_lines
from sim.report.paper.facts import DebriefFacts
from sim.report.paper.spreadsheet_text import guarded

Table = tuple[Sequence[str], Sequence[Sequence[object]]]


def tables(facts: DebriefFacts) -> dict[str, str]:
    """The text of each file by its name."""
    parts = (_of_people(facts), _of_reports(facts), _of_results(facts), _of_series(facts))
    return {name: _csv(head, rows) for name, (head, rows) in chain.from_iterable(parts)}


def _of_people(facts: DebriefFacts) -> Iterator[tuple[str, Table]]:
    """Events and commands of the drill, and the entries of each seat at a table."""
    told = facts.told
    yield (
        "timeline.csv",
        (
            ("t_s", "local", "since_onset", "who", "own_action", "text"),
            [
                (_s(one.t_ms), one.local, one.elapsed, one.who, one.decision, one.text)
                for one in told.timeline
            ],
        ),
    )
    yield (
        "commands.csv",
        (
            ("number", "t_s", "local", "since_onset", "command"),
            [(one.number, _s(one.t_ms), one.local, one.elapsed, one.text) for one in facts.commands],
        ),
    )
    if told.table is not None:
        yield (
            "table.csv",
            (
                ("t_s", "local", "since_onset", "seat", "person", "line", "without_effect"),
                [
                    (_s(one.t_ms), one.local, one.elapsed, one.seat, one.person, one.text, one.mark)
                    for one in told.table.deeds
                ],
            ),
        )


def _of_reports(facts: DebriefFacts) -> Iterator[tuple[str, Table]]:
    """Calls, tickets and emails to people, and their own updates."""
    heard = {kind: [one for one in facts.heard if one.kind == kind] for kind in ("call", "ticket", "email")}
    for name, kind in (("calls.csv", "call"), ("tickets.csv", "ticket"), ("emails.csv", "email")):
        rows = [(_s(one.t_ms), one.local, one.elapsed, one.who, one.text) for one in heard[kind]]
        yield name, (("t_s", "local", "since_onset", "from", "text"), rows)
    yield (
        "updates.csv",
        (
            ("local", "since_onset", "to", "text_and_fields", "truth", "not_true"),
            [(one.local, one.elapsed, one.who, one.says, one.true, one.wrong) for one in facts.told.words],
        ),
    )


def _of_results(facts: DebriefFacts) -> Iterator[tuple[str, Table]]:
    """Decisions, objectives and delays."""
    yield "decisions.csv", (
        ("t_s", "about", "answer", "command", "right", "counted", "known", "turned_out_well", "result"),
        [
            (one.at_s, one.about, one.answer, one.command, one.sound, one.counted, one.known,
             one.turned_out_well, one.came)
            for one in facts.decisions
        ],
    )  # fmt: skip
    yield "objectives.csv", (
        ("id", "state", "so_far", "local", "since_onset", "limit", "cause", "side", "judges", "learns"),
        [
            (one.id, one.state, one.so_far, one.local, one.elapsed, one.limit, one.cause, one.side,
             one.judges, one.learns)
            for one in facts.objectives
        ],
    )  # fmt: skip
    yield "delays.csv", (
        ("what", "who", "due_s", "came_s", "span_s", "messages_lost", "user_hours", "openings_s"),
        [
            (one.what, one.who, _s(one.due_ms), None if one.came_ms is None else _s(one.came_ms),
             _s(one.span_ms), one.lost, round(one.user_hours, 3), _s(one.open_ms))
            for one in facts.delays
        ],
    )  # fmt: skip


def _of_series(facts: DebriefFacts) -> Iterator[tuple[str, Table]]:
    """Figures over time."""
    curves = facts.curves
    yield (
        "series.csv",
        (
            ("t_s", *(one.key for one in curves.of)),
            [
                (_s(t_ms), *values)
                for t_ms, *values in zip(curves.moments_ms, *(one.values for one in curves.of), strict=True)
            ],
        ),
    )


def _s(ms: int) -> float:
    return ms / 1000


def _csv(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    """The text, with an apostrophe where a spreadsheet would read a formula."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str):
        return value
    return value if _is_time(value) else guarded(in_plain_lines(value))


def _is_time(text: str) -> bool:
    """True for a time before the onset, such as `-00:12`, which is not a formula."""
    return text.lstrip("-").replace(":", "").isdigit()
