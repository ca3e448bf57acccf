"""A drill that a study runs again with variations: its inputs with each variation, and the cost of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sim.drill.commands.gateway.signin import SigninConsole
from sim.drill.facilitation.inputs import Input
from sim.drill.room.draw_keys import CommandDrawn
from sim.drill.room.staff import Newcomer
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.branch import give_again
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS
from sim.study.what_if.cost import RunCost, run_cost
from sim.study.what_if.ready_before import in_hand, prepared, signed_in, with_account, with_spf
from sim.study.what_if.splices import Edit, spliced

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
