"""A debrief as plain text, for a terminal, a pipe or a screen reader."""

from collections.abc import Callable, Sequence

from sim.drill.session.player import Followed
from sim.kernel.plain_line import padded, within
from sim.report.announcements import Word
from sim.report.at_table import TableTold, seat_line
from sim.report.debrief import Debrief, JudgedObjective
from sim.report.outcome import RunOutcome
from sim.report.reference_band import Column
from sim.report.scores import change_line, score_line
from sim.report.table import BAND, comparison_rows, side_by_side
from sim.report.timeline import Line

MARK = {"met": "met", "failed": "FAILED", "late": "late", "missed": "missed", "open": "open"}


def debrief_text(told: Debrief) -> str:
    """The whole debrief, about 60 lines."""
    lines = [
        f"EXERCISE  {told.title}  (seed {told.seed})",
        "",
        "When        T+onset  Who                       What",
    ]
    lines += [
        f"{line.local:<10}  {line.elapsed:>7}  {padded(within(line.who, 24), 24)}  "
        f"{'> ' * line.decision}{_marked(line)}"
        for line in told.timeline
    ]
    lines += ["", *comparison(told.outcome, told.nothing), ""]
    lines += [line for one in told.objectives for line in _objective(one)]
    lines += ["", "What decided each objective", *(change_line(change) for change in told.changes)]
    lines += ["", *(f"score: {score_line(score)}" for score in told.scores)]
    lines += [f"not judged: {one}" for one in told.not_judged]
    lines += _words(told.words)
    lines += _table(told.table) if told.table is not None else []
    lines += [
        "",
        *(f"- {finding}" for finding in told.findings),
        "",
        told.assumed,
        "",
        f"digest {told.digest}",
    ]
    return "\n".join(lines)


def _objective(one: JudgedObjective) -> tuple[str, str]:
    """State, name and lesson; below them, the limits and the cause of the verdict."""
    return f"{MARK[one.verdict.state]:<7} {one.verdict.id}: {one.learns}", f"{'':<7} {one.limit_and_cause}"


def _marked(line: Line) -> str:
    """The text of a line, preceded by `REFUSED` or `FAILED` for an action without effect."""
    return f"{line.mark.upper()} {line.text}" if line.mark else line.text


def followed_text(followed: Followed, clock: Callable[[int], str]) -> list[str]:
    """The steps of a runbook that had no effect; empty if there are none."""
    lines = [
        f"REFUSED    {one.step.id}, {clock(one.t_ms)}: {one.step.do}: {one.reason}"
        for one in followed.refused
    ]
    lines += [f"NEVER DUE  {one.id} ({one.at.text}): {one.do}" for one in followed.never_due]
    if followed.left_out:
        lines.append(f"SKIPPED    because of `unless`: {', '.join(one.id for one in followed.left_out)}")
    return ["Steps of the runbook without effect", *lines] if lines else []


def _words(said: Sequence[Word]) -> list[str]:
    """Updates in three lines each: audience, content, truth; and a fourth line if the update was not true."""
    lines = (
        [
            "",
            "Updates, and the true state at the time (only the fields are judged; judge the texts "
            "yourselves)",
        ]
        if said
        else []
    )
    for one in said:
        lines.append(f"{one.local:<10}  {one.elapsed:>7}  {one.who}: {one.says}")
        lines.append(f"{'':<21}truth: {one.true}")
        lines += [f"{'':<21}NOT TRUE: {one.wrong}"] if one.wrong else []
    return lines


def _table(told: TableTold) -> list[str]:
    """One line for each seat, then notes, predictions and hints; the actions are in the timeline."""
    lines = ["", "At the table"]
    lines += [f"  {one.seat:<12} {seat_line(one)}" for one in told.seats]
    for title, noted in told.parts:
        lines.append(f"  {title}")
        for one in noted:
            about = f" ({one.about})" if one.about else ""
            wall = f" ({one.wall} in the room)" if one.wall else ""
            lines.append(f"    {one.local:<10}  {one.elapsed:>7}{wall}  {one.who}{about}: {one.text}")
    return lines


def band_text(columns: Sequence[Column]) -> str:
    """The runs of a band side by side."""
    rows = [("", *(one.name for one in columns)), *side_by_side([one.outcome for one in columns])]
    rows.append(("Objectives met", *(f"{one.met} of {one.asked}" for one in columns)))
    return "\n".join(
        f"{name:<29}" + "".join(f"{figure:>16}" for figure in figures) for name, *figures in rows
    )


def comparison(did: RunOutcome, nothing: RunOutcome) -> list[str]:
    """Figures of the run compared with doing nothing, as aligned lines."""
    head = f"{'':<29}{'this run':>12}{'doing nothing':>16}"
    rows = comparison_rows(did, nothing)
    lines = [head, *(f"{name:<29}{mine:>12}{theirs:>16}" for name, mine, theirs in rows)]
    return [*lines, did.timing.covers] if any(name == BAND for name, *_figures in rows) else lines
