"""A continuity plan as its file describes it: version 2 of runbook files."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from sim.drill.organisation.places_file import Place, with_others
from sim.drill.organisation.sourced_numbers import Id
from sim.drill.plan.fields import DONE, PermyriadField, Words
from sim.drill.plan.people import PlanPerson
from sim.drill.plan.plan_step import PlanStep, replaced_by, waits_for
from sim.drill.plan.preparation import Preparation
from sim.drill.plan.promise import PlanPromise
from sim.drill.plan.varies import Varies
from sim.drill.scenario.field_types import own_ids
from sim.kernel.document import DurationMs, Record
from sim.kernel.duration import MINUTE_MS
from sim.kernel.file_mistakes import WrongEntry


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
        if circle := _circle({step.id: replaced_by(step) for step in self.steps}):
            what = f"{circle[0]} replaces itself, when it has already failed: {' › '.join(circle)}"
            loc = ("steps", index[circle[0]], "on failure", "do")
            raise WrongEntry(loc, f"{what}; write `again`, or another step")
        if circle := _circle({step.id: (*waits_for(step), *replaced_by(step)) for step in self.steps}):
            pairs = [
                (old, new) for old, new in pairwise(circle) if new in replaced_by(self.steps[index[old]])
            ]
            old, new = pairs[0]
            what = f"{new} replaces {old}, and waits for it: {' › '.join(circle)}"
            key = "after" if self.steps[index[new]].after else "at"
            raise WrongEntry(("steps", index[new], key), f"{what}; remove the `{key}` of {new}")

    def causes_first(self) -> list[str]:
        """Ids of the steps, each after those for whose end it waits and after the step that replaces it."""
        return list(
            TopologicalSorter(
                {step.id: (*waits_for(step), *replaced_by(step)) for step in self.steps}
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
        return {other: step.id for step in self.steps for other in replaced_by(step)}


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
