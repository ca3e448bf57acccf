"""Gives a command to a person and carries it out: the time it takes, the events that report it, and the
effect.
"""

from functools import partial

from sim.drill.commands.command import Assignment, Command
from sim.drill.commands.console_access import slowed_ms, times_out
from sim.drill.commands.decision_judgements import DecisionJudgements, judged_now, weigh, weigh_again
from sim.drill.commands.outcome import Accepted, Refused
from sim.drill.drill import Drill
from sim.drill.room.evidence import CONSOLE, GATEWAY_FAILS, Sighting
from sim.drill.room.staff import Task
from sim.drill.room.work_given import NEEDLESS, CommandInHand, Turn
from sim.drill.services.console_sessions import PLACES

LONGEST_SHOWN = 60


def _shortened(text: str) -> str:
    """The first whole words of a command's text that fit on a line of the screen."""
    if len(text) <= LONGEST_SHOWN:
        return text
    return text[: text.rindex(" ", 0, LONGEST_SHOWN - 1)] + " …" if " " in text[: LONGEST_SHOWN - 1] else text


def give(drill: Drill, command: Command, text: str) -> Accepted | Refused:
    """Hand `command` (written as `text`) to the person whose role it needs."""
    blind = drill.consoles.hung and command.where(drill) in PLACES
    reason = _refusal(drill, command, blind=blind)
    if reason is not None:
        _tried(drill, command)
        drill.say("refused", "console", f"{text}: {reason}", text)
        return Refused(text, reason)
    drill.commands_given += 1
    hands_on_ms = slowed_ms(drill, command, command.hands_on_ms(drill))
    told_ms = command.hands_on_told_ms(drill)
    find = drill.staff.anyone if command.by_anyone() else drill.staff.desk_for
    starts_ms = drill.staff.starts_told_ms(find(command.facts.role, drill.now_ms), drill.now_ms)
    keys = drill.draw_keys.begin(text, drill.now_ms)
    desk, task = drill.staff.give(
        command.facts.role,
        text,
        hands_on_ms,
        drill.now_ms,
        told_ms,
        anyone=command.by_anyone(),
        called_out=keys.called_out,
    )
    name = command.only_person(drill) or desk.person.name
    turn, number = Turn(name, keys=keys), drill.commands_given
    effective_ms = task.done_ms + command.lead_ms(drill, turn)
    command.given(drill, name, task.done_ms, effective_ms)
    decision = DecisionJudgements()
    if effective_ms == drill.now_ms:
        _take_effect(drill, command, text, turn, number, decision)
        return Accepted(command, name, drill.now_ms, drill.now_ms, drill.events[-1].text, number)
    weighed = partial(weigh, drill, command, text, decision)
    drill.work.add(
        CommandInHand(
            number,
            text,
            desk,
            task,
            effective_ms - task.done_ms,
            at_its_start=lambda: decision.begun.extend(judged_now(drill, command, text)),
            at_its_end=weighed if task.done_ms < effective_ms else None,
            at_its_effect=partial(_take_effect, drill, command, text, turn, number, decision),
            taken_back=partial(command.taken_back, drill),
            given_again=partial(command.given, drill, name),
        )
    )
    done_ms = None if starts_ms is None or told_ms is None else starts_ms + told_ms
    told = f"{_shortened(text)}: {name} {_said(drill, command, turn, starts_ms, done_ms)}"
    drill.say("command", name, told, text)
    return Accepted(command, name, task.starts_ms, effective_ms, told, number)


def assign(drill: Drill, command: Command, text: str, to: Assignment) -> Accepted | Refused:
    """Have the person of a plan's step carry out `command` (written as `text`).

    The command is checked only at the end of the hands-on time: a step is not refused if its conditions are
    met by then. It is not begun if a milestone in `to.unless` is known by its start.
    """
    rules = drill.scenario.rules
    reason = command.minutes_missing(rules) or command.ruled_out(drill.scenario.organisation, rules)
    if reason is not None:
        drill.say("refused", "console", f"{text}: {reason}", text)
        return Refused(text, reason)
    drill.commands_given += 1
    number, decision = drill.commands_given, DecisionJudgements()
    desk = drill.staff.named(to.person) or drill.staff.desk_for(to.role, drill.now_ms)
    takes_ms = slowed_ms(drill, command, to.takes_ms)
    if takes_ms:
        starts_ms = max(to.starts_ms, desk.free_at_ms(drill.now_ms))
        task = drill.staff.occupy(desk, text, starts_ms, starts_ms + takes_ms)
    else:  # a prepared step takes no one's time
        task = Task(text, drill.now_ms, drill.now_ms)
    name = desk.person.name
    turn = Turn(name, to.draws, to.answers_ms, to.approver)
    lead_ms = command.lead_ms(drill, turn)
    take_effect = partial(_take_effect, drill, command, text, turn, number, decision)

    def submit() -> None:
        effective_ms = drill.now_ms + lead_ms
        reason = _refusal(drill, command)
        if reason is not None:
            in_hand.ended_ms = drill.now_ms
            _fail(drill, command, text, name, number, reason)
            return
        command.given(drill, name, drill.now_ms, effective_ms)
        if effective_ms > drill.now_ms:
            weigh(drill, command, text, decision)
            drill.work.takes_effect_later(in_hand, take_effect, partial(command.taken_back, drill))
        else:
            take_effect()

    def begin() -> None:
        if over := [name for name in to.unless if name in drill.known]:
            drill.work.end(in_hand, drill.now_ms)
            drill.results[number] = NEEDLESS
            drill.say("note", name, f"{_shortened(text)}: not begun, because of {over[0]}")
        else:
            decision.begun.extend(judged_now(drill, command, text))

    in_hand = CommandInHand(
        number,
        text,
        desk,
        task,
        lead_ms,
        at_its_start=begin,
        at_its_end=submit,
    )
    drill.work.add(in_hand)
    told = f"{_shortened(text)}: {name} starts {drill.clock(task.starts_ms)}"
    drill.say("command", name, told, text)
    return Accepted(command, name, task.starts_ms, task.done_ms + lead_ms, told, number)


def _tried(drill: Drill, command: Command) -> None:
    """Called when a command was refused; if the console cannot be reached, the screen shows this from now
    on.
    """
    place = command.where(drill)
    if drill.consoles.refusal(place) is not None:
        drill.last_seen.tried(place)


def _said(drill: Drill, command: Command, turn: Turn, starts_ms: int | None, done_ms: int | None) -> str:
    """The start and the end of the command, if known in advance."""
    lead_ms = command.lead_told_ms(drill, turn)
    when = "now" if starts_ms == drill.now_ms else "as soon as possible"
    if starts_ms is not None and starts_ms > drill.now_ms:
        when = f"at {drill.clock(starts_ms)}"
    if lead_ms is None:
        entered = "" if done_ms is None else f", submitted at {drill.clock(done_ms)}"
        return f"starts {when}{entered}; {command.facts.lead_is} unknown"
    if done_ms is None:
        return f"starts {when}; duration unknown"
    return f"starts {when}, done at {drill.clock(done_ms + lead_ms)}"


def _refusal(drill: Drill, command: Command, *, blind: bool = False) -> str | None:
    """The reason why the command cannot be carried out: never here, not now, no console, or no approval.

    `blind`: the console hangs, so its present state cannot be seen.
    """
    return (
        command.minutes_missing(drill.scenario.rules)
        or command.ruled_out(drill.scenario.organisation, drill.scenario.rules)
        or (None if blind else command.refusal(drill))
        or drill.consoles.refusal(command.where(drill))
        or drill.room.approvals.missing(command.needs_approval_in(drill.scenario.organisation), drill.now_ms)
    )


def _take_effect(
    drill: Drill, command: Command, text: str, turn: Turn, number: int, decision: DecisionJudgements
) -> None:
    name = turn.by
    if not decision.submitted:
        weigh(drill, command, text, decision)
    elif not decision.submitted[0].sound:
        weigh_again(drill, command, text, decision.submitted[0])
    lost = times_out(drill, command, turn.key(number))
    if lost is not None:
        drill.room.sightings.append(Sighting(drill.now_ms, fails=GATEWAY_FAILS, by=CONSOLE))
        _time_out(drill, command, turn, carried_out=lost[1])
        drill.last_seen.tried(command.where(drill))
        drill.results[number] = lost[0]
        drill.say("failed", name, f"{text}: {lost[0]}", text)
        return
    if command.where(drill) in PLACES and drill.consoles.hung:
        drill.console_answers()
    reason = _refusal(drill, command)
    if reason is not None:
        _fail(drill, command, text, name, number, reason)
        return
    drill.last_seen.worked(command.where(drill))
    drill.results[number] = ""
    found = command.act(drill, turn)
    drill.say(command.facts.result, name, found, text)
    organisation = drill.scenario.organisation
    if opening := command.opens_in(organisation):
        drill.room.opened(opening, text, name, drill.now_ms)
    if closing := command.closes_in(organisation):
        drill.room.closed(closing, drill.now_ms)


def _fail(drill: Drill, command: Command, text: str, name: str, number: int, reason: str) -> None:
    drill.results[number] = reason
    _tried(drill, command)
    drill.say("failed", name, f"{text}: {reason}", text)


def _time_out(drill: Drill, command: Command, turn: Turn, *, carried_out: bool) -> None:
    """Called when the console does not answer; the command's outcome shows once the console answers again."""
    if drill.consoles.gateway().answers == "slowly":
        drill.last_seen.hang()
    if carried_out and _refusal(drill, command) is None:
        drill.unseen(lambda: command.act(drill, turn))
