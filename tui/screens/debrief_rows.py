"""A debrief as rows: figures beside doing nothing, findings, objectives, the timeline."""

from sim.drill.objectives import Verdict
from sim.report.debrief import Debrief, Line
from sim.report.outcome import Outcome
from tui.figures import GROUP, count, elapsed, hours_minutes, spaced
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
    table = [
        ("Drill lasted, h:min", hours_minutes(did.at_ms), hours_minutes(nothing.at_ms)),
        ("Inbound messages", count(did.generated), count(nothing.generated)),
        ("Delivered", count(did.delivered), count(nothing.delivered)),
        ("Still queued", count(did.queued), count(nothing.queued)),
        ("Bounced", count(did.bounced), count(nothing.bounced)),
        ("Late (useless by then)", count(did.late), count(nothing.late)),
        (
            "Longest delay, h:min",
            hours_minutes(did.longest_delay_ms),
            hours_minutes(nothing.longest_delay_ms),
        ),
        ("Backlog after return, h:min", _span(did.drained_after_ms), _span(nothing.drained_after_ms)),
        (
            "User-hours without mail",
            _whole(did.user_hours_without_mail),
            _whole(nothing.user_hours_without_mail),
        ),
        ("Calls to the helpdesk", count(did.calls), count(nothing.calls)),
    ]
    return [
        head,
        *(
            ((left(name, _LABEL), "dim"), (right(mine, _COLUMN), "strong"), (right(theirs, _COLUMN), ""))
            for name, mine, theirs in table
        ),
    ]


def _whole(hours: float) -> str:
    return f"{hours:,.0f}".replace(",", GROUP)


def _span(span_ms: int | None) -> str:
    return "not over" if span_ms is None else hours_minutes(span_ms)


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
