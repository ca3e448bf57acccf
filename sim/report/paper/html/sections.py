"""The details of a debrief behind its first page: charts, decisions, objectives, updates, figures,
timeline.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sim.kernel.duration import MINUTE_MS, format_elapsed, in_words
from sim.kernel.quantities import counted
from sim.report.paper.facts import DebriefFacts
from sim.report.paper.html.chart import chart, numbers_table
from sim.report.paper.html.chart_axes import Axis
from sim.report.paper.html.first_page import state_of
from sim.report.paper.html.markup import Markup, el, worded
from sim.report.paper.html.table import table
from sim.report.paper.objective_rows import ObjectiveRow
from sim.report.paper.time_spent import SHOWN, TOLD
from sim.report.table import comparison_rows


def charts(facts: DebriefFacts) -> list[Markup | None]:
    """Four charts on one time axis; the numbers on them are the moments of the first page."""
    onset_ms = facts.onset_ms or 0
    axis = Axis(
        facts.curves.moments_ms,
        onset_ms,
        facts.recovery_ms,
        tuple((one.t_ms, str(number)) for number, one in enumerate(facts.moments, 1)),
    )
    if len(set(axis.moments_ms)) < 2:
        return []
    queues = facts.curves.named("gateway_queue", "backup_queue", "at_senders")
    return [
        el("h2", "What happened to the mail and to the people", id="charts"),
        el("p", "The numbers at the top of each chart refer to the moments on the first page.", class_="soft")
        if facts.moments
        else None,
        chart(
            "Queued messages",
            replace(axis, limit_ms=_limit_ms(facts)),
            [one for one in queues if any(one.values)] or queues[:1],
        ),
        chart("Messages lost so far", axis, facts.curves.named("lost")),
        chart("Users without mail", axis, facts.curves.named("without_mail")),
        chart("Calls to the helpdesk so far", axis, facts.curves.named("calls")),
        numbers_table(axis, facts.curves.of),
    ]


def _limit_ms(facts: DebriefFacts) -> int | None:
    """The time at which the gateway's retention limit is reached by mail that arrived at the onset; None:
    the gateway had no backlog, or the drill ended before.
    """
    limit_ms = (facts.onset_ms or 0) + facts.told.outcome.lost.retention_ms
    return limit_ms if facts.gateway_held and limit_ms <= facts.curves.moments_ms[-1] else None


def decisions(facts: DebriefFacts) -> list[Markup]:
    """Each judged decision: the facts known, the verdict, and the result."""
    if not facts.decisions:
        return []
    rows = [
        (
            _local(facts, one.at_s),
            el("span", one.named, el("br"), el("code", one.command)),
            el(
                "span",
                el(
                    "span",
                    "right" if one.sound else "wrong",
                    class_=f"state {'good' if one.sound else 'bad'}",
                ),
                el("span", one.standing, class_="more") if one.standing else None,
                el("span", f"known: {one.known}", class_="more"),
            ),
            el("span", _luck(one.turned_out_well), el("span", one.came, class_="more")),
        )
        for one in facts.decisions
    ]
    head = ("when", "decision", "on what was known", "how it turned out")
    return [el("h2", "Decisions", id="decisions"), table(head, rows)]


def _local(facts: DebriefFacts, at_s: float) -> str:
    return format_elapsed(round(at_s * 1000) - (facts.onset_ms or 0))


def _luck(well: bool | None) -> Markup:
    if well is None:
        return el("span", "not known yet", class_="state soft")
    return el("span", "well" if well else "badly", class_=f"state {'good' if well else 'bad'}")


Rated = Callable[[ObjectiveRow], object]
"""The content of an objective's rating."""


def objectives(rows: Sequence[ObjectiveRow], rated: Rated | None = None) -> list[Markup]:
    """Each objective once, failed objectives first: verdict, lesson, limit, cause, and a rating."""
    if not rows:
        return []
    cells = [
        (
            el("span", state_of(one.state), _so_far(one)),
            el(
                "span",
                el("strong", one.id),
                el("span", f"{one.learns} ({one.limit})", class_="more"),
            ),
            el("span", worded(one.cause), el("span", f"{one.local} {one.elapsed}".strip(), class_="more")),
            f"{one.side}, {'decisions' if one.judges == 'decision' else 'outcomes'}",
            *((rated(one),) if rated else ()),
        )
        for one in sorted(rows, key=lambda one: _WORST_FIRST.index(one.state))
    ]
    head = ("verdict", "objective", "decided by", "counts for", *(("rating",) if rated else ()))
    return [el("h2", "Objectives", id="objectives"), table(head, cells)]


_WORST_FIRST = ("failed", "missed", "late", "open", "met")


def _so_far(one: ObjectiveRow) -> Markup | None:
    told = {"met": "met so far", "open": "", "": ""}.get(one.so_far, f"{one.so_far} so far")
    return el("span", told, class_="more") if told else None


def hours(facts: DebriefFacts) -> list[Markup]:
    """Where the time went: the longest waits, and the command or mail that each wait held up."""
    if not facts.waits:
        return []
    rows = [
        (
            f"{one.local} {one.elapsed}",
            in_words(one.span_ms, MINUTE_MS),
            el("span", TOLD[one.wait], el("span", worded(one.what), class_="more")),
            worded(one.held_up),
        )
        for one in facts.waits[:SHOWN]
    ]
    return [
        el("h2", "Where the time went", id="hours"),
        el("p", "The longest waits, whether or not a deadline was missed. Waits overlap.", class_="soft"),
        table(("from", "time", "wait", "held up"), rows),
    ]


def updates(facts: DebriefFacts, *, truth: bool = True) -> list[Markup]:
    """Updates with the truth at that moment; the texts are for people to judge."""
    if not facts.told.words:
        return []
    rows = [
        (
            f"{one.local} {one.elapsed}".rstrip(),
            one.who,
            el(
                "span",
                one.says,
                el("span", f"truth: {one.true}", class_="more") if truth else None,
                el("span", f"not true: {one.wrong}", class_="more bad") if one.wrong and truth else None,
            ),
        )
        for one in facts.told.words
    ]
    return [
        el("h2", "Updates", id="updates"),
        el("p", "Only the fields are judged. Judge the texts yourselves.", class_="soft"),
        table(("when", "to", "text and fields"), rows),
    ]


def figures(facts: DebriefFacts) -> list[Markup]:
    """The figures of the run, compared with those of doing nothing."""
    rows = [
        (el("span", name.strip(), class_="indent" if name.startswith(" ") else None), mine, theirs)
        for name, mine, theirs in comparison_rows(facts.told.outcome, facts.told.nothing)
    ]
    return [
        el("h2", "The figures", id="figures"),
        table(("", "this drill", "no action"), rows, numbers=(1, 2), cards=False),
        *findings(facts),
    ]


def findings(facts: DebriefFacts) -> list[Markup]:
    """The findings about the figures, in sentences."""
    if not facts.findings:
        return []
    return [el("h3", "What they say"), el("ul", [el("li", worded(one)) for one in facts.findings])]


def timeline(facts: DebriefFacts) -> list[Markup]:
    """Every line of the timeline, collapsed until the reader opens it; the trainee's own actions are
    highlighted.
    """
    rows = [
        el(
            "tr",
            el("td", one.local, class_="t"),
            el("td", one.elapsed, class_="t n"),
            el("td", one.who, data_name="who"),
            el("td", worded(one.text)),
            class_="own" if one.decision else None,
        )
        for one in facts.told.timeline
    ]
    head = el("thead", el("tr", [el("th", name) for name in ("when", "T+onset", "who", "what")]))
    return [
        el("h2", "Timeline", id="timeline"),
        el(
            "details",
            el("summary", counted(len(rows), "line")),
            el("table", head, el("tbody", rows), class_="cards"),
        ),
    ]


def at_table(facts: DebriefFacts) -> list[Markup]:
    """Each seat with its people, notes, predictions and hints; empty for a drill of one person."""
    told = facts.told.table
    if told is None:
        return []
    seats = [
        (one.seat, one.people or "played by the simulator", one.commands, one.without_effect, one.answered)
        for one in told.seats
    ]
    deeds = [
        (one.local, f"{one.person} ({one.seat})", f"{one.mark}: {one.text}" if one.mark else one.text)
        for one in told.deeds
    ]
    head = ("seat", "people", "commands", "without effect", "answers")
    found = [el("h2", "At the table", id="table"), table(head, seats, numbers=(2, 3, 4))]
    for title, noted in told.parts:
        rows = [(one.local, one.wall, one.who, one.about, worded(one.text)) for one in noted]
        found += [el("h3", title), table(("when", "in the room", "who", "about", "text"), rows)]
    if deeds:
        lines = [(when, who, worded(text)) for when, who, text in deeds]
        summary = el("summary", f"{len(deeds)} typed lines")
        found.append(el("details", summary, table(("when", "who", "line"), lines)))
    return found
