"""A debrief as rows: figures beside doing nothing, findings, objectives, the timeline."""

from sim.drill.objectives import Verdict
from sim.report.debrief import Debrief, Line
from sim.report.outcome import Outcome
from sim.report.scores import score_line
from sim.report.table import comparison_rows
from tui.figures import elapsed, spaced
from tui.rows import Row, left, right, wrap

_STATES = {
    "met": ("✓ met   ", "good"),
    "failed": ("✗ failed", "bad"),
    "late": ("! late  ", "bad"),
    "missed": ("! missed", "bad"),
    "open": ("○ open  ", "warn"),
}
_LABEL, _COLUMN = 30, 15


def debrief_rows(told: Debrief, width: int, *, judged: bool, early_ms: int | None) -> list[Row]:
    """Everything; without objectives unless `judged`. `early_ms`: ended by hand before the drill was over."""
    rows: list[Row] = [(), *_title("What it came to")]
    if early_ms is not None:
        note = f"Ended by hand at{elapsed(early_ms)}: both plays are counted up to then."
        rows += [((("! " if first else "  ") + line, "warn"),) for first, line in _numbered(note, width - 2)]
    rows += [*_comparison(told.outcome, told.nothing), ()]
    for finding in told.findings:
        rows += [((("· " if first else "  ") + line, ""),) for first, line in _numbered(finding, width - 2)]
    if judged:
        rows += [(), *_title("Objectives")]
        rows += [row for verdict, learns in told.verdicts for row in _verdict(verdict, learns, width)]
        rows += [(), *(((line, ""),) for score in told.scores for line in wrap(score_line(score), width))]
        rows += [((line, "dim"),) for one in told.not_judged for line in wrap(f"never judged, {one}", width)]
    rows += [(), *_title("What was decided when"), _head()]
    rows += [row for line in told.timeline for row in _line(line, width)]
    rows += [(), *(((line, "dim"),) for line in wrap(told.assumed, width))]
    rows += [((f"seed {told.seed}  digest {told.digest[:16]}", "dim"),)]
    return rows


def _title(text: str) -> list[Row]:
    return [((text, "title"),), ()]


def _numbered(text: str, width: int) -> list[tuple[bool, str]]:
    return [(number == 0, line) for number, line in enumerate(wrap(spaced(text), width))]


def _comparison(did: Outcome, nothing: Outcome) -> list[Row]:
    head: Row = (
        (left("", _LABEL), ""),
        (right("this play", _COLUMN), "dim"),
        (right("doing nothing", _COLUMN), "dim"),
    )
    return [
        head,
        *(
            (
                (left(name, _LABEL), "dim"),
                (right(spaced(mine), _COLUMN), "strong"),
                (right(spaced(theirs), _COLUMN), ""),
            )
            for name, mine, theirs in comparison_rows(did, nothing)
        ),
    ]


def _verdict(verdict: Verdict, learns: str, width: int) -> list[Row]:
    word, role = _STATES[verdict.state]
    name = left(verdict.id.replace("-", " "), 22)
    first, *more = wrap(learns, max(10, width - 34))
    rows: list[Row] = [((word + "  ", role), (name, ""), (first, "dim"))]
    return rows + [((" " * 32 + line, "dim"),) for line in more]


def _head() -> Row:
    return ((left("when", 11) + right("outage", 7) + "  " + left("who", 19) + "what", "dim"),)


def _line(line: Line, width: int) -> list[Row]:
    """Decisions are marked by a sign; what happened by itself is dim."""
    first, *more = wrap(spaced(line.text), max(10, width - 41))
    role = "" if line.decision else "dim"
    start: Row = (
        (left(line.local, 11), "dim"),
        (right(line.elapsed, 7) + "  ", "dim"),
        (left(line.who, 18) + " ", role),
        ("› " if line.decision else "  ", "title"),
    )
    rows: list[Row] = [(*start, (first, role))]
    return rows + [((" " * 41 + part, role),) for part in more]
