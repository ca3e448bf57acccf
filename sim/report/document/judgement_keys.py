"""Keys of a run's document about statements, decisions, and verdicts on objectives."""

from collections.abc import Callable
from typing import Any

from sim.drill.room.announcements import Promise, promises
from sim.drill.scenario.objective import Objective
from sim.drill.scoring.figures.statements import false_statements
from sim.drill.scoring.verdict import ObjectiveVerdict
from sim.report.decisions.turned_out import DecisionRow, decision_rows
from sim.report.document.key import Key, ListKey
from sim.report.document.run_facts import RunFacts
from sim.report.outcome import verdicts

Judgement = tuple[Objective, ObjectiveVerdict]


def _due(facts: RunFacts) -> list[Promise]:
    said = facts.session.drill.room.said
    return promises(said, facts.session.now_ms, facts.session.scenario.rules.words)


WORD_KEYS: tuple[Key[RunFacts], ...] = (
    Key(
        "words.said",
        "announcements",
        "updates to users, executives and partners",
        lambda facts: len(facts.session.drill.room.said),
    ),
    Key(
        "words.reached_nobody",
        "announcements",
        "updates sent over a channel that was down",
        lambda facts: sum(not one.reached for one in facts.session.drill.room.said),
    ),
    Key(
        "words.promises_due",
        "promises",
        "promised updates that are due",
        lambda facts: len(_due(facts)),
    ),
    Key(
        "words.promises_kept",
        "promises",
        "promised updates that were sent on time",
        lambda facts: sum(one.kept_ms is not None for one in _due(facts)),
    ),
    Key(
        "words.false",
        "announcements",
        "false statements (about the cause, the recovery time, or whether email is down or back), and "
        "statements, made before anyone here could know it, that email was back",
        lambda facts: len(false_statements(facts.session.drill)),
    ),
    Key(
        "words.without_approval",
        "",
        "actions that needed approval and were taken without it in an emergency, justified or not (an "
        "objective's figure `unapproved` counts only those that could have waited for an approver)",
        lambda facts: len(facts.session.drill.room.approvals.overridden),
    ),
    Key(
        "words.openings_unproven",
        "entries",
        "entries in the register of openings that are not proven closed",
        lambda facts: len(facts.session.drill.room.openings.unproven()),
    ),
)


def _read(name: str) -> Callable[[DecisionRow], Any]:
    return lambda row: getattr(row, name)


DECISIONS: ListKey[RunFacts] = ListKey(
    "decisions",
    (
        Key(
            "at_s",
            "s",
            "time of the decision (since the start); there is an entry for each judged decision",
            _read("at_s"),
        ),
        Key(
            "about",
            "",
            "`pause`, `retention`, `mx`, `mx back`, `continuity`, `continuity end`, `outbound`, "
            "`outbound back`, `outbound pause`, `outbound retention`",
            _read("about"),
        ),
        Key("answer", "", "`yes` or `no`", _read("answer")),
        Key("command", "", "the command that made the decision", _read("command")),
        Key("sound", "", "`true` if it was right given the information available then", _read("sound")),
        Key(
            "counted",
            "",
            "`true` if it counts in `sound-decisions-percent`; `false` if it repeats another decision, or "
            "only records what another command carries out",
            _read("counted"),
        ),
        Key("known", "", "the information available then, in words", _read("known")),
        Key(
            "turned_out_well",
            "",
            "`true` if it turned out well, even by luck; `null` if the drill ended before that was known",
            _read("turned_out_well"),
        ),
        Key("came", "", "how it turned out, in words", _read("came")),
    ),
    lambda facts: decision_rows(facts.session),
)


def _judged(facts: RunFacts) -> list[Judgement]:
    return list(zip(facts.session.scenario.objectives, verdicts(facts.session), strict=True))


def _met(row: Judgement) -> bool | None:
    return None if row[1].state == "open" else row[1].state == "met"


OBJECTIVES: ListKey[RunFacts] = ListKey(
    "objectives",
    (
        Key("id", "", "as in the scenario", lambda row: row[1].id),
        Key(
            "met",
            "",
            "`true`, `false`, or `null` if it was not decided or its anchor was never reached",
            _met,
        ),
        Key(
            "at_s",
            "s",
            "time at which it was decided (since the start); for a figure beyond its limit, the time at "
            "which it passed the limit (for `exposed-min`, `unsigned-outbound`, `unfiltered` and "
            "`backscatter`, the end of the drill)",
            lambda row: None if row[1].at_ms is None else row[1].at_ms / 1000,
        ),
        Key(
            "state",
            "",
            "`met`, `late`, `missed` (a figure misses its target but is not bad enough to fail), `failed` "
            "or `open`",
            lambda row: row[1].state,
        ),
        Key(
            "cause",
            "",
            "the deciding event in words, or the reason if there is none",
            lambda row: row[1].cause,
        ),
        Key(
            "side",
            "",
            "`availability` or `protection`: two scores that are never added up",
            lambda row: row[0].side,
        ),
        Key(
            "judges",
            "",
            "`decision` (judged on the information available) or `outcome` (judged on the result)",
            lambda row: row[0].judges,
        ),
    ),
    _judged,
)
