"""The debrief in Markdown, for a wiki or a ticket: first page, objectives, updates, figures, findings."""

import re
from collections.abc import Iterator, Sequence

from sim.kernel.duration import MINUTE_MS, format_elapsed, in_words
from sim.kernel.plain_line import in_markdown
from sim.report.at_table import seat_line
from sim.report.paper.delays import LONGEST, MEANWHILE, NO_WAITS, SHOWN, meanwhile
from sim.report.paper.facts import DebriefFacts
from sim.report.paper.moments import NO_MOMENTS
from sim.report.paper.regret_rows import NOTHING, STOPPED, TOLD_EMPTY, Worth
from sim.report.paper.time_spent import SHOWN as MOST_WAITS
from sim.report.paper.time_spent import TOLD
from sim.report.scores import score_line
from sim.report.table import comparison_rows


def markdown(facts: DebriefFacts) -> str:
    """The whole document."""
    return "\n".join([*_head(facts), *_first(facts), *_depth(facts)]) + "\n"


def _head(facts: DebriefFacts) -> Iterator[str]:
    yield f"# EXERCISE: {in_markdown(facts.title)}"
    yield ""
    yield in_markdown(
        f"{facts.organisation}, {facts.first_day} to {facts.last_day}, simulated. State: {facts.state}."
    )
    yield ""
    yield from _table(("", "", ""), [(one.name, one.value, one.beside) for one in facts.tiles])
    yield from (f"- {in_markdown(score_line(one))}" for one in facts.told.scores)


def _first(facts: DebriefFacts) -> Iterator[str]:
    yield "\n## The moments\n"
    if not facts.moments:
        yield NO_MOMENTS
    for number, one in enumerate(facts.moments, 1):
        more = f" ({in_markdown(one.more)})" if one.more else ""
        yield f"{number}. {one.local}, {one.elapsed}: {in_markdown(one.text)}{more}"
    yield f"\n## {LONGEST}\n"
    if not facts.delays:
        yield NO_WAITS
        return
    yield f"{MEANWHILE}\n"
    for delay in facts.delays[:SHOWN]:
        what = in_markdown(f"{delay.what} ({delay.who})")
        yield f"- {in_words(delay.span_ms)}: {what}; {in_markdown(meanwhile(delay))}"


def _depth(facts: DebriefFacts) -> Iterator[str]:
    yield "\n## Decisions\n"
    yield from _table(
        ("when", "decision", "on what was known", "turned out", "known", "result"),
        [
            (
                format_elapsed(round(one.at_s * 1000) - (facts.onset_ms or 0)),
                one.named,
                ("right" if one.sound else "wrong") + (f" ({one.standing})" if one.standing else ""),
                {True: "well", False: "badly", None: "not known yet"}[one.turned_out_well],
                one.known,
                one.came,
            )
            for one in facts.decisions
        ],
    )
    yield from _worth(facts.worth)
    yield "\n## Where the time went\n"
    yield from _table(
        ("from", "time", "wait", "for", "held up"),
        [
            (
                f"{one.local} {one.elapsed}",
                in_words(one.span_ms, MINUTE_MS),
                TOLD[one.wait],
                one.what,
                one.held_up,
            )
            for one in facts.waits[:MOST_WAITS]
        ],
    )
    yield "\n## Objectives\n"
    yield from _table(
        ("verdict", "objective", "limit", "decided by", "when"),
        [(one.state, one.id, one.limit, one.cause, f"{one.local} {one.elapsed}") for one in facts.objectives],
    )
    yield "\n## Updates\n"
    rows = [(one.local, one.who, one.says, one.true, one.wrong) for one in facts.told.words]
    yield from _table(("when", "to", "text and fields", "truth", "not true"), rows)
    yield from _at_table(facts)
    yield "\n## Figures\n"
    yield from _table(
        ("", "this drill", "no action"), comparison_rows(facts.told.outcome, facts.told.nothing)
    )
    yield from (f"- {in_markdown(_quoted(one))}" for one in facts.findings)
    yield f"\n{in_markdown(_quoted(facts.told.assumed))}\n\nSeed {facts.seed}, digest {facts.digest}"


def _worth(worth: Worth | None) -> Iterator[str]:
    """The value of each command; empty if it was not requested."""
    if worth is None:
        return
    yield "\n## What each command was worth\n"
    if worth.stopped:
        yield in_markdown(_quoted(STOPPED))
        return
    for title, rows in worth.groups:
        if rows or title in TOLD_EMPTY:
            yield f"\n### {title}\n"
        for one in rows:
            what = f"{one.local}, {one.elapsed}: {one.command}, {one.what_if}. {one.told}"
            yield f"- {in_markdown(what)}"
        if not rows and title in TOLD_EMPTY:
            yield NOTHING


def _at_table(facts: DebriefFacts) -> Iterator[str]:
    """Each seat with its people, notes, predictions and hints; empty for a drill of one person."""
    told = facts.told.table
    if told is None:
        return
    yield "\n## At the table\n"
    yield from _table(("seat", ""), [(one.seat, seat_line(one)) for one in told.seats])
    for title, noted in told.parts:
        yield f"\n### {title}\n"
        rows = [(one.local, one.wall, one.who, one.about, one.text) for one in noted]
        yield from _table(("when", "in the room", "who", "about", "text"), rows)


def _quoted(text: str) -> str:
    """`text` with quotation marks around commands, in place of backticks."""
    return re.sub(r"`([^`]*)`", r'"\1"', text)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(in_markdown(name) for name in head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(in_markdown(cell) for cell in row)} |" for row in rows)
    yield ""
