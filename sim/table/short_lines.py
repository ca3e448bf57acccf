"""Short lines that people at a table type, written out in full before they are journaled.

The journal has the complete line, so that a replay does not depend on how a short one is interpreted.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches

from sim.drill.commands.grammar import BadCommand, format_command, parse
from sim.drill.commands.registry import COMMANDS
from sim.drill.facilitation.hints import PHASE, Hint
from sim.drill.facilitation.own_words import Confirm, open_wish
from sim.drill.facilitation.stops import StopAt
from sim.drill.facilitation.talk import EVERYONE
from sim.drill.facilitation.word import TableWord
from sim.drill.facilitation.words import is_word, words_of
from sim.drill.room.table_record import FACILITATOR
from sim.drill.scenario.milestones import MILESTONES
from sim.drill.scenario.objective import Objective
from sim.drill.scoring.deadlines import due_ms
from sim.drill.session.session import Session
from sim.kernel.duration import SECOND_MS, format_duration, parse_duration
from sim.table.msel.of_scenario import seat_for
from sim.table.running import questions_now
from sim.table.seats import SeatKind, owner

EMERGENCY = "emergency"
"""The word that replaces the stop word of an exercise."""
_LEAST_WORDS = 3
"""Number of words below which a line may count as a mistyped command."""
_SENTENCES = "a an can could i let lets our please should the to us we"
_PROSE = frozenset(_SENTENCES.split())
"""Words that occur in sentences, but not in mistyped commands."""
_LIKE = 0.75
"""Similarity to the first word of a command from which a line's first word counts as mistyped."""


def of_emergency(text: str, stop_word: str) -> str:
    """`text`, with the word `emergency` in place of the stop word at its beginning; without a stop word,
    unchanged.
    """
    found = re.match(rf"\s*{re.escape(stop_word)}(?!\w)[\s:,.!-]*", text, re.IGNORECASE)
    return f"{EMERGENCY} {text[found.end() :]}".strip() if found else text


def in_own_words(text: str, seat: str) -> bool:
    """True if a player's line is neither a command nor a mistyped one, but says something in the player's
    own words.
    """
    words = text.split()
    if seat == FACILITATOR or len(words) < _LEAST_WORDS or "=" in text or is_word(text, seat):
        return False
    verbs = {kind.words[0] for kind in (*COMMANDS, *words_of(seat))}
    like_a_verb = get_close_matches(words[0].lower(), verbs, n=1, cutoff=_LIKE)
    prose = _PROSE & {one.strip(",:;.!?").lower() for one in words}
    return _is_no_command(text) and bool(prose or not like_a_verb)


def _is_no_command(text: str) -> bool:
    try:
        parse(text)
    except BadCommand:
        return True
    return False


def in_full(word: TableWord, session: Session, seats: Sequence[SeatKind]) -> TableWord:
    """The facilitator's `word` with the missing parts filled in."""
    match word:
        case Hint(text="") if word.about in ("", PHASE, *(one.id for one in session.scenario.objectives)):
            return _whole_hint(word, session)
        case StopAt(at):
            return replace(word, at=_from_now(at, session.now_ms))
        case Confirm():
            return _whole_confirm(word, session, seats)
        case _:
            return word


def _from_now(at: str, now_ms: int) -> str:
    """A duration as the moment that much later, in whole seconds; anything else is returned unchanged."""
    try:
        later_ms = -(-(now_ms + parse_duration(at)) // SECOND_MS) * SECOND_MS
        return f"T+{format_duration(later_ms)}"
    except ValueError:
        return at


def _whole_hint(word: Hint, session: Session) -> Hint:
    if word.about == PHASE:
        asked = {one.text for one in session.drill.table.hints if one.to in (word.to, EVERYONE)}
        questions = questions_now(session)
        text = next((one for one in questions if one not in asked), questions[-1])
        return replace(word, text=text)
    objectives = {one.id: one for one in session.scenario.objectives}
    objective = objectives[word.about] if word.about else _next_for(word.to, session)
    if objective is None:
        return word
    return replace(word, about=objective.id, text=_action(objective, session))


def _next_for(seat: str, session: Session) -> Objective | None:
    """The next expected action that is open and has had no hint: one of that seat, otherwise any."""
    drill, told = session.drill, {one.about for one in session.drill.table.hints}
    found: list[tuple[bool, int, Objective]] = []
    for objective in session.scenario.objectives:
        if objective.id in told or any(name in drill.milestones for name in objective.unless):
            continue
        for one in objective.met:
            limit_ms = due_ms(one, drill.milestones)
            if one.milestone not in drill.milestones and limit_ms is not None:
                elsewhere = seat_for(MILESTONES[one.milestone].facts.brought_by) != seat
                found.append((elsewhere and seat != EVERYONE, limit_ms, objective))
    return min(found, key=lambda one: one[:2])[2] if found else None


def _action(objective: Objective, session: Session) -> str:
    """The next open action of an objective, in words, with its limit."""
    drill = session.drill
    for one in objective.met:
        if one.milestone not in drill.milestones:
            limit_ms = due_ms(one, drill.milestones)
            marks = MILESTONES[one.milestone].facts.marks
            if limit_ms is None:
                return f"next: {marks}"
            expected = "was expected" if limit_ms < drill.now_ms else "is expected"
            return f"next {expected} by {drill.clock(limit_ms)}: {marks}"
    return objective.learns


def _whole_confirm(word: Confirm, session: Session, seats: Sequence[SeatKind]) -> Confirm:
    """The line that the seat really gives: a command that belongs to another taken seat becomes `ask SEAT
    COMMAND`.
    """
    asked = open_wish(session.drill, word.number)
    if asked is None:
        return word
    line = word.line or "1"
    if line.isascii() and line.isdigit():
        at = int(line[:3]) - 1
        line = asked.proposals[at] if 0 <= at < len(asked.proposals) else ""
    return replace(word, line=_of_its_owner(line, asked.by, session, seats))


def _of_its_owner(line: str, seat: str, session: Session, seats: Sequence[SeatKind]) -> str:
    if not line or is_word(line, seat) or _is_no_command(line):
        return line
    command = parse(line)
    whose = owner(session.drill, command, seats)
    theirs = whose not in ("", seat) and whose in session.drill.table.people
    return f"ask {whose} {format_command(command)}" if theirs else format_command(command)
