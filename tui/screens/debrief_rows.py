"""A debrief as rows: figures next to those without any action, findings, objectives, timeline."""

from rich.cells import cell_len

from sim.kernel.duration import drill_time
from sim.report.announcements import Word
from sim.report.debrief import Debrief, JudgedObjective
from sim.report.outcome import RunOutcome
from sim.report.scores import Change, score_line
from sim.report.table import comparison_rows
from sim.report.timeline import Line
from tui.painting.number_format import spaced
from tui.painting.rows import Row, left, right, wrap

_STATES = {
    "met": ("✓ met   ", "good"),
    "failed": ("✗ failed", "bad"),
    "late": ("! late  ", "bad"),
    "missed": ("! missed", "bad"),
    "open": ("○ open  ", "warn"),
}
_LABEL, _COLUMN, _NARROW_COLUMN = 30, 15, 13
_WHO, _NAME = 18, 22
_BESIDE = 72
"""Width from which an event is in the same row as its author; in a narrower terminal, it is in the next
row.
"""


def debrief_rows(told: Debrief, width: int, *, judged: bool, early_ms: int | None) -> list[Row]:
    """All rows; objectives and scores only if `judged`. `early_ms`: the time at which it was ended by
    hand.
    """
    rows: list[Row] = [(), *_title("Results")]
    if early_ms is not None:
        note = f"Ended by hand at {drill_time(early_ms, seconds=True)}: both columns count up to then."
        rows += [((("! " if first else "  ") + line, "warn"),) for first, line in _numbered(note, width - 2)]
    rows += _comparison(told.outcome, told.nothing, width)
    rows += [((line, "dim"),) for line in wrap(told.outcome.timing.covers, width)] + [()]
    for finding in told.findings:
        rows += [((("· " if first else "  ") + line, ""),) for first, line in _numbered(finding, width - 2)]
    if judged:
        rows += [(), *_title("Objectives")]
        rows += [row for one in told.objectives for row in _objective(one, width)]
        rows += [(), *(((line, ""),) for score in told.scores for line in wrap(score_line(score), width))]
        rows += [((line, "dim"),) for one in told.not_judged for line in wrap(f"not judged: {one}", width)]
        rows += [(), *_title("Score changes")]
        rows += [row for change in told.changes for row in _change(change, width)]
    if told.words:
        rows += [(), *_title("Updates, and the true state at the time")]
        note = (
            "Only the fields are judged. Judge yourselves whether the texts are true and useful to "
            "their readers."
        )
        rows += [*(((line, "dim"),) for line in wrap(note, width)), ()]
        rows += [row for word in told.words for row in _word(word, width)]
    rows += [(), *_title("Timeline"), *([_head()] if width >= _BESIDE else [])]
    rows += [row for line in told.timeline for row in _line(line, width)]
    rows += [(), *(((line, "dim"),) for line in wrap(told.assumed, width))]
    rows += [((f"seed {told.seed}  digest {told.digest[:16]}", "dim"),)]
    return rows


def _title(text: str) -> list[Row]:
    return [((text, "title"),), ()]


def _numbered(text: str, width: int) -> list[tuple[bool, str]]:
    return [(number == 0, line) for number, line in enumerate(wrap(spaced(text), width))]


def _comparison(did: RunOutcome, nothing: RunOutcome, width: int) -> list[Row]:
    wide = width >= _LABEL + 2 * _COLUMN
    cells, theirs_is = (_COLUMN, "doing nothing") if wide else (_NARROW_COLUMN, "no action")
    label = min(_LABEL, width - 2 * cells)
    head: Row = ((left("", label), ""), (right("this drill", cells), "dim"), (right(theirs_is, cells), "dim"))
    rows: list[Row] = [head]
    for name, mine, theirs in comparison_rows(did, nothing):
        figures: Row = ((right(spaced(mine), cells), "strong"), (right(spaced(theirs), cells), ""))
        rows.append(((left(name, label), "dim"), *figures))
    return rows


def _objective(one: JudgedObjective, width: int) -> list[Row]:
    """State, name and lesson of an objective, then its limits and the cause of the verdict; a long name has a
    row of its own.
    """
    word, role = _STATES[one.verdict.state]
    name = one.verdict.id.replace("-", " ")
    start: Row = ((word + "  ", role),)
    room = max(10, width - 34)
    lines = [*wrap(spaced(one.learns), room), *wrap(spaced(one.limit_and_cause), room)]
    if cell_len(name) >= _NAME:
        return [(*start, (name, "")), *(((" " * 32 + line, "dim"),) for line in lines)]
    first, *more = lines
    return [
        (*start, (left(name, _NAME), ""), (first, "dim")),
        *(((" " * 32 + line, "dim"),) for line in more),
    ]


def _change(change: Change, width: int) -> list[Row]:
    """A change of an objective: time, state, name, scores, cause."""
    word, role = _STATES[change.state]
    start: Row = (
        (left(change.local, 11), "dim"), (right(change.elapsed, 7) + "  ", "dim"), (word + "  ", role),
    )  # fmt: skip
    told = f"{change.id.replace('-', ' ')} ({change.counts_for}): {spaced(change.cause)}"
    first, *more = wrap(told, max(10, width - 30))
    return [(*start, (first, "")), *(((" " * 30 + line, ""),) for line in more)]


def _word(word: Word, width: int) -> list[Row]:
    """An update: time and audience; below that, its text, the facts at that time, and what was wrong."""
    rows: list[Row] = [
        ((left(word.local, 11), "dim"), (right(word.elapsed, 7) + "  ", "dim"), (line, "strong"))
        if number == 0
        else ((" " * 20 + line, "strong"),)
        for number, line in enumerate(wrap(spaced(word.who), max(10, width - 20)))
    ]
    below = [
        (word.says, ""),
        (f"facts: {word.true}", "dim"),
        (f"wrong: {word.wrong}" * bool(word.wrong), "bad"),
    ]
    indent = 6 if width < _BESIDE else 20
    return rows + [
        ((" " * indent + line, role),)
        for text, role in below
        if text
        for line in wrap(spaced(text), max(10, width - indent))
    ]


def _head() -> Row:
    return ((left("when", 11) + right("T+onset", 7) + "  " + left("who", 19) + "what", "dim"),)


def _line(line: Line, width: int) -> list[Row]:
    """An event; decisions have a sign, other events are dim."""
    role = ("bad" if line.mark else "") if line.decision else "dim"
    when: Row = ((left(line.local, 11), "dim"), (right(line.elapsed, 7) + "  ", "dim"))
    sign = ("✗ ", "bad") if line.mark else ("› " if line.decision else "  ", "title")
    text = f"{line.mark}: {line.text}" if line.mark else line.text
    if width < _BESIDE or cell_len(line.who) > _WHO:
        indent = 6 if width < _BESIDE else 41
        below = [((" " * indent + part, role),) for part in wrap(spaced(text), max(10, width - indent))]
        return [(*when, sign, (line.who, role)), *below]
    first, *more = wrap(spaced(text), max(10, width - 41))
    rows: list[Row] = [(*when, (left(line.who, _WHO) + " ", role), sign, (first, role))]
    return rows + [((" " * 41 + part, role),) for part in more]
