"""The drill that a study runs again: its inputs, variations of them, and the commands of its reference
runbook.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sim.drill.commands.gateway.signin import SigninConsole
from sim.drill.commands.grammar import parse
from sim.drill.facilitation.inputs import AtTable, Input
from sim.drill.room.staff import Newcomer
from sim.drill.room.work_given import CommandDrawn
from sim.drill.scenario.runbook import reference_runbook
from sim.drill.scenario.scenario import Scenario
from sim.drill.services.console_sessions import NEED_ACCOUNT
from sim.drill.session.branch import give_again, last_moment_ms
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS
from sim.study.what_if.cost import RunCost, run_cost
from sim.study.what_if.course import course_of
from sim.study.what_if.ready_before import in_hand, prepared, signed_in, with_account, with_spf
from sim.study.what_if.splices import Edit, changes_something, edits, spliced

SHIFT_MS = HOUR_MS
How = Literal[
    "without", "earlier", "later", "added", "instead", "prepared", "staged", "tested", "listed", "account"
]
EMERGENCY, SEAL = "signin break-glass", "signin seal"


@dataclass(frozen=True, slots=True)
class Variation:
    """One difference between a run and the drill: every command of that text left out, moved, or added.

    `instead`: several commands at once, left out and given as in the reference runbook, because a change may
    be worthless without the next one; `text` names the first ones.
    """

    how: How
    text: str
    edits: tuple[Edit, ...] = ()
    """With `instead`: the edits that replace the drill's commands."""
    by_ms: int = 0
    """With `earlier` and `later`: the time by which the command is moved; 0 means an hour."""


AS_GIVEN = Variation("instead", "")
"""The drill as it was, without any difference."""

Runs = Callable[[Sequence[Variation]], Iterable[RunCost]]
"""Function that returns the cost of the drill with each of the given variations, in the same order, wherever
it is computed.

The runs begin with the call. Reading a cost waits for its run, so that the caller can begin other runs
meanwhile.
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """A drill to be studied: everything that is needed to make its runs, so that another process can make
    them.
    """

    scenario: Scenario
    seed: int
    given: tuple[Input, ...]
    """The inputs of the drill."""
    to_ms: int
    """The time up to which each run continues."""
    reference: Mapping[str, tuple[int, ...]]
    """For each command of the reference runbook that was not given in the drill: the times at which the
    runbook gives it.
    """
    edits: tuple[Edit, ...] = ()
    """All differences between the drill and the reference."""
    people: tuple[Newcomer, ...] | None = None
    """See `Session`."""
    drawn: tuple[CommandDrawn, ...] | None = None
    """The commands of the drill with the keys of their draws, which each run uses again; None: the keys are
    counts.
    """
    locked_out_ms: int | None = None
    """The first time at which an emergency account was missing, if the organisation does not have one."""

    def earlier_ms(self, t_ms: int, by_ms: int) -> int:
        """How much earlier, in ms and at most `by_ms`, a command given at `t_ms` can be given.

        A command given during the outage is not moved to before it, since people cannot react to an event
        that has not happened yet.
        """
        onset_ms = self.scenario.outage_start_ms
        return min(by_ms, t_ms - onset_ms if t_ms >= onset_ms else t_ms)

    def moments(self, one: Variation) -> tuple[int, ...]:
        """The time at which the command was given, or would have been; for `instead`, that of the first
        command.
        """
        if one.how == "instead":
            return (one.edits[0].t_ms,)
        if one.how == "account" and self.locked_out_ms is not None:
            return (self.locked_out_ms,)
        if one.how == "added":
            return self.reference[one.text]
        return tuple(t_ms for t_ms, what in self.given if what == one.text) or self.reference.get(
            one.text, ()
        )

    def inputs(self, variation: Variation) -> tuple[Input, ...]:
        """The drill's inputs with `variation`, in chronological order."""
        given = list(self.given)
        match variation.how:
            case "without":
                given = [one for one in given if one[1] != variation.text]
            case "added":
                given += [(t_ms, variation.text) for t_ms in self.reference[variation.text]]
            case "instead":
                return spliced(given, variation.edits)
            case "prepared":
                return prepared(given, variation.text)
            case "staged":
                return in_hand(given, variation.text, 0)
            case "tested":
                usual_ms = SigninConsole.usual_hands_on_ms(self.scenario.rules)
                return in_hand(given, variation.text, usual_ms)
            case "account":
                return self._with_account()
            case "listed":
                return self.given
            case _:
                by_ms = variation.by_ms or (-SHIFT_MS if variation.how == "earlier" else SHIFT_MS)
                given = [
                    (max(0, t_ms + by_ms), what) if what == variation.text else (t_ms, what)
                    for t_ms, what in given
                ]
        return tuple(sorted(given, key=lambda one: one[0]))

    def _with_account(self) -> tuple[Input, ...]:
        """The inputs as if an emergency account had been ready, with a sign-in just when it was first needed.

        The account is sealed again when the reference runbook does so, unless the drill gives that command
        itself.
        """
        usual_ms, first_ms = SigninConsole.usual_hands_on_ms(self.scenario.rules), self.locked_out_ms or 0
        seals = [(t_ms, SEAL) for t_ms in self.reference.get(SEAL, ()) if t_ms > first_ms]
        given = signed_in((*self.given, *seals), EMERGENCY, max(0, first_ms - usual_ms), usual_ms)
        return given

    def scenario_of(self, variation: Variation) -> Scenario:
        """The scenario of a run with `variation`. With `listed`, the variation's route is in the SPF
        record; with `account`, there is an emergency account.
        """
        match variation.how:
            case "listed":
                return with_spf(self.scenario, variation.text)
            case "account":
                return with_account(self.scenario)
            case _:
                return self.scenario

    def cost(self, variation: Variation) -> RunCost:
        """The cost of a run with `variation`."""
        run = Session(self.scenario_of(variation), self.seed, None, self.people)
        return cost_after(run, drawn=self.drawn, inputs=self.inputs(variation), to_ms=self.to_ms)

    def parted(self, variation: Variation) -> tuple[tuple[Input, ...], int, tuple[Input, ...]]:
        """The inputs of a run with `variation` that it shares with the drill, the time up to which they
        are the same run, and all later inputs.
        """
        inputs = self.inputs(variation)
        pairs = enumerate(zip(self.given, inputs, strict=False))
        shared = next((at for at, (one, other) in pairs if one != other), min(len(self.given), len(inputs)))
        ahead = [one[shared][0] for one in (self.given, inputs) if shared < len(one)]
        return inputs[:shared], min(ahead, default=self.to_ms), inputs[shared:]


def cost_after(
    run: Session, *, drawn: tuple[CommandDrawn, ...] | None, inputs: Sequence[Input], to_ms: int
) -> RunCost:
    """The cost of `run` at `to_ms`, after `inputs`; `drawn`: see `Subject`."""
    if drawn is not None:
        run.drill.draw_keys.as_before(drawn)
    return run_cost(give_again(run, inputs, to_ms))


def subject(session: Session) -> Subject:
    """The subject for `session`, with the commands of its reference runbook (from a separate run).

    If the runbook gives a command more often than it was given here, its last times are missing.
    """
    to_ms, moments = last_moment_ms(session), dict[str, list[int]]()
    inputs, differs = without_seats(session.inputs), tuple[Edit, ...]()
    runbook = reference_runbook(session.scenario, parse)
    if runbook is not None:
        reference = Session(session.scenario, session.seed, None, session.people)
        play(reference, runbook, to_ms)
        for t_ms, text in reference.commands:
            moments.setdefault(text, []).append(t_ms)
        differs = edits(inputs, reference.inputs)
    given = Counter(text for _t_ms, text in session.commands)
    missing = {
        text: tuple(times[given[text] :]) for text, times in moments.items() if given[text] < len(times)
    }
    acts = {text: times for text, times in missing.items() if changes_something(text)}
    return Subject(
        session.original,
        session.seed,
        inputs,
        to_ms,
        acts,
        differs,
        session.people,
        session.drill.draw_keys.drawn,
        _locked_out_ms(session, missing.get(EMERGENCY, ())),
    )


def _locked_out_ms(session: Session, reference_ms: Sequence[int]) -> int | None:
    """When an account that does not need the directory was first missing; None: never, or there is one.

    That is when a command was refused for lack of a sign-in, when the emergency sign-in itself was
    attempted, or at `reference_ms`, when the reference runbook gives it.
    """
    events = session.original.organisation.gateway.continuity_events
    if events.break_glass or events.console_log_on != "directory":
        return None
    refused_ms = [
        t_ms
        for text, (t_ms, reason) in course_of(session).refused.items()
        if text == EMERGENCY or reason in NEED_ACCOUNT.values()
    ]
    return min((*refused_ms, *reference_ms), default=None)


def without_seats(inputs: Iterable[Input]) -> tuple[Input, ...]:
    """`inputs`, with all commands as plain text, whichever seat of a table gave them."""
    return tuple(
        (t_ms, what.text) if isinstance(what, AtTable) and not what.word else (t_ms, what)
        for t_ms, what in inputs
    )


_Run = tuple[str, tuple[Input, ...]]
"""For each variation: how the organisation differs (a route in the SPF record, an account, or empty), and
the inputs.
"""
_OTHERS: tuple[How, ...] = ("listed", "account")
"""Variations that change the organisation instead of the inputs."""


def each_once(one: Subject, runs: Runs) -> Runs:
    """`runs`, but with a single run for all variations with the same inputs."""
    kept: dict[_Run, RunCost] = {}
    begun: dict[_Run, Iterator[tuple[_Run, RunCost]]] = {}

    def cost(run: _Run) -> RunCost:
        while run not in kept:
            ended, found = next(begun[run])
            kept[ended] = found
        return kept[run]

    def costs(variations: Sequence[Variation]) -> Iterator[RunCost]:
        inputs = [
            (f"{each.how} {each.text}" if each.how in _OTHERS else "", one.inputs(each))
            for each in variations
        ]
        new: dict[_Run, Variation] = {}
        for given, each in zip(inputs, variations, strict=True):
            if given not in begun:
                new.setdefault(given, each)
        begun.update(dict.fromkeys(new, zip(new, runs(tuple(new.values())), strict=True)))
        return map(cost, inputs)

    return costs


def in_turn(one: Subject) -> Runs:
    """Make the runs one after the other, here."""
    return lambda variations: [one.cost(variation) for variation in variations]
