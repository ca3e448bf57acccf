"""Facts for players: without names and notes, and without the truth until the drill is over."""

from collections.abc import Callable
from dataclasses import replace

from sim.report.announcements import Word
from sim.report.paper.curves import Curves
from sim.report.paper.facts import DebriefFacts, each_text


def handout_facts(facts: DebriefFacts, without_names: Callable[[str], str]) -> DebriefFacts:
    """`facts` for players.

    The handout never contains the seed, the digest, calls, tickets, the timeline, evaluators' notes, or the
    lines spoken at a table, which quote other people. While the drill is not over, it also leaves out the
    title (which names the fault), the onset and times since then, moments, delays, decisions, curves,
    figures, findings, every verdict, and the number of users that an update reached.
    """
    table = facts.told.table and replace(facts.told.table, deeds=(), notes=())
    told = replace(facts.told, timeline=(), findings=(), digest="", seed=0, table=table)
    given = replace(facts, told=told, heard=(), commands=(), seed=0, digest="", runbook="")
    if facts.state == "not over":
        given = replace(
            given,
            told=replace(told, words=tuple(_as_sent(one) for one in told.words)),
            title="A drill that is not over",
            since="",
            findings=(),
            scenario="",
            onset_ms=None,
            recovery_ms=None,
            tiles=(),
            worth=None,
            moments=(),
            delays=(),
            waits=(),
            decisions=(),
            curves=Curves((0,), ()),
            objectives=tuple(
                replace(one, state="open", so_far="", cause="shown at the end", local="", elapsed="")
                for one in facts.objectives
            ),
        )
    return each_text(given, without_names)


def _as_sent(one: Word) -> Word:
    return replace(one, elapsed="", who=one.to, true="", wrong="")
