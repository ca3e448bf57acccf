"""A continuity plan as its file describes it: version 2 of runbook files."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from sim.drill.organisation.places_file import Place, with_others
from sim.drill.organisation.sourced_numbers import Id, WorkingHours
from sim.drill.plan.fields import DONE, PermyriadField, PlanWhen, SpreadField, Words, no_ends
from sim.drill.plan.people import PlanPerson
from sim.drill.plan.preparation import Preparation
from sim.drill.plan.promise import PlanPromise
from sim.drill.plan.varies import Varies
from sim.drill.scenario.anchor import parse_anchor
from sim.drill.scenario.field_types import MilestoneName, Named, own_ids
from sim.drill.scenario.milestones import Milestone
from sim.kernel.document import DurationMs, Record
from sim.kernel.duration import MINUTE_MS
from sim.kernel.file_mistakes import WrongEntry

ONSET = parse_anchor(Milestone.OUTAGE_START)


class OnFailure(Record):
    """The response to a failed step: another step, or the same step again."""

    after_ms: DurationMs = Field(default=0, alias="after")
    """Time between the failure and the next attempt or step."""
    do: Id | None = None
    """The step that replaces the failed one; once it is done, the failed one counts as done. If it has
    neither `at` nor `after`, it runs only on the failure.
    """
    again: Annotated[int, Field(ge=1, le=20)] | None = None
    """Number of further attempts."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.do is None) == (self.again is None):
            raise ValueError("needs either `do` with another step's id, or `again` with a number; write one")
        return self


class PlanStep(Named):
    """A step of the plan: when it becomes due, its owner, its duration, and its command or manual work.

    A step is due once every step in `after` is done and the time in `at` is reached. The step then waits for
    its owner, who works on one step at a time.
    """

    phase: Words = ""
    """Heading under which the step is shown."""
    at: PlanWhen | None = None
    """Time at which the step becomes due. If unset, as soon as `after` allows, or at the onset."""
    after: tuple[Id, ...] = ()
    """Steps that must be done or skipped first."""
    owner: Id = ""
    """Role of the person who does the step. If unset, the role that the command needs."""
    takes: SpreadField | None = None
    """Hands-on time of the step. If unset, the command's hands-on time."""
    do: str = ""
    """The command. Give either this or `manual`."""
    manual: Words = ""
    """Description of a step that is not a command."""
    needs: tuple[Id, ...] = ()
    """Places that the step needs; it waits while people cannot sign in to them."""
    prepared: bool = False
    """True if the work is done in advance. The step then takes no time, does not need a person, and does not
    fail.
    """
    verify: str = ""
    """A check that is repeated until it shows the step's result; only then is the step done: `probe mx`,
    `continuity test`, `connector test`, `backup test`, `dns ask` or `openings prove`, as a complete command:
    `dns ask authority`.
    """
    verify_every_ms: Annotated[DurationMs, Field(ge=MINUTE_MS)] = Field(
        default=5 * MINUTE_MS, alias="verify every"
    )
    """Interval between the checks of `verify`."""
    fails: PermyriadField = 0
    """Share of attempts that fail at the end of their hands-on time."""
    on_failure: OnFailure | None = Field(default=None, alias="on failure")
    """The response to a failure or a refusal. If unset, the step is never done."""
    unless: Annotated[tuple[MilestoneName, ...], BeforeValidator(no_ends)] = ()
    """The step is skipped if one of these milestones has been reached when it is due, or by the time its
    owner would start, also on a further attempt; later steps continue.
    """
    every_ms: Annotated[DurationMs, Field(ge=MINUTE_MS)] | None = Field(default=None, alias="every")
    """Interval at which the step is repeated until a milestone in `unless` is reached. If unset, it is done
    once.
    """
    hours: WorkingHours | None = None
    """Hours in which the step may become due: `Mon-Fri 08:00-18:00`. If unset, day and night. Its owner may
    start later.
    """
    confidence: Literal["measured", "practice", "assumed"] = "assumed"
    """Where `takes` and `fails` come from: measured in drills, the team's practice, or assumed."""

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if bool(self.do) == bool(self.manual):
            raise ValueError(
                "needs either `do` with a command, or `manual` with a description; write one of them"
            )
        if self.manual and not self.owner:
            raise ValueError("has no `owner`; write the role of the person who does it")
        if self.every_ms is not None and not self.unless:
            raise ValueError("`every` would never end; write the milestone that ends it in `unless`")
        if self.manual and self.takes is None:
            raise ValueError("has no `takes`; write its duration, such as 5m..15m")
        return self

    @property
    def due(self) -> PlanWhen | None:
        """The time at which the step becomes due; the onset for a step with neither `at` nor `after`."""
        return self.at if self.at is not None or self.after else ONSET


class Plan(Record):
    """A continuity plan: the steps of each person, their order, and the promises that it makes."""

    mxdrill: Literal[2]
    """Version of the file format."""
    id: Id
    """The plan's id in results."""
    scenario: str = Field(min_length=1)
    """The outage for which the plan is written: the name of a shipped scenario, or a path."""
    title: Words = ""
    """The purpose of the plan, in a few words."""
    settings: dict[str, str | int] = Field(default_factory=dict, alias="set")
    """Parameters of the scenario that are always set: `{users: 200}`."""
    varies: Varies = Varies()
    """Values that differ from run to run, in addition to chance."""
    people: Annotated[tuple[PlanPerson, ...], Field()] = ()
    """People, in addition to the organisation's people or in place of them."""
    places: Annotated[tuple[Place, ...], AfterValidator(own_ids)] = ()
    """Consoles and services that steps need, in addition to the organisation's places or in place of them."""
    together: PermyriadField = 0
    """Rank correlation of people's durations, such as `30%`: on a bad day everyone is slow."""
    until_ms: Annotated[DurationMs, Field(ge=MINUTE_MS)] | None = Field(default=None, alias="until")
    """Time after the onset at which a run stops. If unset, two days, or a day after the longest promise if
    that is later, or the end of the drill if a promise asks for a figure. A run also stops at the end of the
    drill; if no promise asks for a figure, the drill goes on for promises that allow more time than its
    wind-down, or whose `from` is not the onset.
    """
    steps: Annotated[tuple[PlanStep, ...], Field(min_length=1), AfterValidator(own_ids)]
    """The steps, in the order in which people read them."""
    preparations: Annotated[tuple[Preparation, ...], Field(max_length=5), AfterValidator(own_ids)] = ()
    """Preparations whose value `check --readiness` computes; at most five."""
    assumptions: Annotated[tuple[PlanPromise, ...], Field(min_length=1), AfterValidator(own_ids)]
    """The promises to be checked."""
    sources: tuple[str, ...] = ()
    """Sources of the procedure."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        self._roles_once()
        ids = [step.id for step in self.steps]
        for index, step in enumerate(self.steps):
            for other in step.after:
                _known(other, ids, ("steps", index, "after"), "step")
            if step.on_failure is not None and step.on_failure.do is not None:
                _known(step.on_failure.do, ids, ("steps", index, "on failure", "do"), "step")
            for name in step.at.milestones if step.at else ():
                _known_end(name, ids, ("steps", index, "at"))
        for index, preparation in enumerate(self.preparations):
            for key, named in (("done", preparation.done), ("takes", tuple(preparation.takes))):
                for id_ in named:
                    _known(id_, ids, ("preparations", index, key), "step")
        for index, one in enumerate(self.assumptions):
            for key, anchor in (("from", one.from_), ("to", one.to)):
                for name in anchor.milestones if anchor else ():
                    _known_end(name, ids, ("assumptions", index, key))
        self._no_cycle()
        return self

    def _roles_once(self) -> None:
        roles = [person.role for person in self.people]
        for index, role in enumerate(roles):
            if role in roles[:index]:
                raise WrongEntry(("people", index, "role"), f"has the role {role!r} twice; use `count`")

    def _no_cycle(self) -> None:
        """Raises WrongEntry at a step that waits for itself, or is replaced by itself, directly or through
        other steps.
        """
        index = {step.id: at for at, step in enumerate(self.steps)}
        if circle := _circle({step.id: waits_for(step) for step in self.steps}):
            key = "after" if self.steps[index[circle[0]]].after else "at"
            what = f"{circle[0]} waits for itself: {' › '.join(circle)}"
            raise WrongEntry(("steps", index[circle[0]], key), f"{what}; remove one of these")
        if circle := _circle({step.id: _instead(step) for step in self.steps}):
            what = f"{circle[0]} replaces itself, when it has already failed: {' › '.join(circle)}"
            loc = ("steps", index[circle[0]], "on failure", "do")
            raise WrongEntry(loc, f"{what}; write `again`, or another step")
        if circle := _circle({step.id: (*waits_for(step), *_instead(step)) for step in self.steps}):
            pairs = [(old, new) for old, new in pairwise(circle) if new in _instead(self.steps[index[old]])]
            old, new = pairs[0]
            what = f"{new} replaces {old}, and waits for it: {' › '.join(circle)}"
            key = "after" if self.steps[index[new]].after else "at"
            raise WrongEntry(("steps", index[new], key), f"{what}; remove the `{key}` of {new}")

    def causes_first(self) -> list[str]:
        """Ids of the steps, each after those for whose end it waits and after the step that replaces it."""
        return list(
            TopologicalSorter(
                {step.id: (*waits_for(step), *_instead(step)) for step in self.steps}
            ).static_order()
        )

    def with_earlier(self, id_: str) -> Iterator[PlanStep]:
        """The step `id_`, then each step for whose end it waits, directly or through other steps, once."""
        by_id = {step.id: step for step in self.steps}
        found, seen = deque([id_]), {id_}
        while found:
            step = by_id[found.popleft()]
            yield step
            fresh = [other for other in dict.fromkeys(waits_for(step)) if other not in seen]
            seen.update(fresh)
            found.extend(fresh)

    @property
    def fallbacks(self) -> dict[str, str]:
        """Steps that only replace another step: for each of them, the id of the replaced step."""
        return {other: step.id for step in self.steps for other in _instead(step)}


def prepared(plan: Plan, preparations: Sequence[Preparation]) -> Plan:
    """`plan` as it would be with those preparations made."""
    done = {id_ for one in preparations for id_ in one.done}
    takes = {id_: spread for one in preparations for id_, spread in one.takes.items()}
    people = {one.role: one for one in (*plan.people, *(p for one in preparations for p in one.people))}
    places = with_others(plan.places, [place for one in preparations for place in one.places])
    steps = tuple(
        step.model_copy(
            update={"prepared": step.prepared or step.id in done, "takes": takes.get(step.id, step.takes)}
        )
        for step in plan.steps
    )
    update = {"steps": steps, "people": tuple(people.values()), "places": places}
    return plan.model_copy(update=update)


def waits_for(step: PlanStep) -> tuple[str, ...]:
    """Ids of the steps for whose end the entry waits."""
    names = step.at.milestones if step.at else ()
    return (*step.after, *(name.removesuffix(DONE) for name in names if name.endswith(DONE)))


def _instead(step: PlanStep) -> tuple[str, ...]:
    """Id of the step that replaces it on failure, or nothing."""
    return () if step.on_failure is None or step.on_failure.do is None else (step.on_failure.do,)


def _circle(graph: Mapping[str, Sequence[str]]) -> list[str]:
    """Ids that lead back to the first of them, which is the earliest in `graph` and also stands at the end;
    empty if there is no such circle.
    """
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # The error lists the ids of the cycle, the first one also at the end, each before the one that waits
        # for it.
        found = error.args[1][:0:-1]
        order = {id_: at for at, id_ in enumerate(graph)}
        first = min(range(len(found)), key=lambda at: order[found[at]])
        return [*found[first:], *found[: first + 1]]
    return []


def unknown(what: str, name: str, ids: list[str]) -> str:
    """One line saying that no entry of `ids` has that name, with the most similar name."""
    near = get_close_matches(name, ids, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(ids) or 'none'}"
    return f"there is no {what} {name!r}; {hint}"


def _known(name: str, ids: list[str], loc: tuple[int | str, ...], what: str) -> None:
    if name not in ids:
        raise WrongEntry(loc, unknown(what, name, ids))


def _known_end(name: str, ids: list[str], loc: tuple[int | str, ...]) -> None:
    if name.endswith(DONE):
        _known(name.removesuffix(DONE), ids, loc, "step")
