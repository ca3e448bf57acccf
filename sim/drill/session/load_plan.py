"""Loading plans: the file, its scenario, and checks that everything it names exists there."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_origin

from sim.drill.commands.command import Command
from sim.drill.commands.grammar import parse
from sim.drill.organisation.places_file import Place, with_others
from sim.drill.organisation.shipped_files import find_file, shipped_names
from sim.drill.plan.fields import in_folder
from sim.drill.plan.people import PlanPerson
from sim.drill.plan.plan_file import Plan, unknown
from sim.drill.plan.plan_step import PlanStep
from sim.drill.plan.preparation import Preparation
from sim.drill.plan.promise import PlanPromise
from sim.drill.room.staff import Newcomer
from sim.drill.scenario.inherit import inherit
from sim.drill.scenario.objective import with_figures
from sim.drill.scenario.parameters import BadParameter, value_of
from sim.drill.scenario.scenario import Scenario
from sim.drill.scoring.figures.registry import FIGURES
from sim.drill.session.load import load_scenario
from sim.kernel.document import BadFile, check_tree, read_tree, require_version
from sim.kernel.file_mistakes import Loc, position_of
from sim.kernel.frozen import frozen
from sim.kernel.shipped_folder import shipped_folder

VERSION = 2
_ENTRIES = (PlanPerson, Place, PlanStep, Preparation, PlanPromise)
"""The models for the entries of each list in a plan."""
Mistakes = Iterator[tuple[Loc, str]]


@frozen
class LoadedPlan:
    """A plan and its scenario, with the settings of both."""

    plan: Plan
    scenario: Scenario
    path: Path
    given: tuple[tuple[str, str], ...] = ()
    """Settings of the caller: `--set` of the command line."""

    @property
    def named(self) -> str:
        """The name by which people refer to the plan: for a shipped plan its name, for others the path."""
        return self.path.stem if self.path.is_relative_to(shipped_folder()) else str(self.path)

    @property
    def joined(self) -> tuple[Newcomer, ...]:
        """The plan's people whose role does not exist in the organisation."""
        known = {person.role for person in self.scenario.organisation.staff}
        return tuple(
            Newcomer(f"{one.role}-{number + 1}", one.name or one.role, one.role, one.hours)
            for one in self.plan.people
            if one.role not in known
            for number in range(one.count)
        )


def shipped_plans() -> list[str]:
    """Names of the plans that ship with mxdrill, sorted."""
    return shipped_names("plans")


def load_plan(name_or_path: str, settings: Mapping[str, str] = {}) -> LoadedPlan:
    """The plan of that name or path, with its scenario. Raises BadFile.

    `settings`: values of the scenario's parameters; they take precedence over the plan's own values and over
    values that the plan varies.
    """
    path = find_file("plans", name_or_path)
    tree = read_tree(path)
    require_version(tree, path, VERSION)
    _require_plan(tree, path)
    _require_quotes(tree, path)
    inherited = inherit(tree, path, "plans", lambda other: load_plan(str(other.absolute())), VERSION)
    context = {**in_folder(path.absolute().parent), **with_figures(FIGURES)}
    plan = check_tree(tree, Plan, path, context, by_id=True, inherited=inherited)
    try:
        where = str(find_file("outages", plan.scenario, beside=path.absolute().parent))
        scenario = load_scenario(
            where, {**{name: str(value) for name, value in plan.settings.items()}, **settings}
        )
    except BadParameter as error:
        if error.name in settings or error.name not in plan.settings:
            raise
        line, column = position_of(tree, ("set", error.name))
        raise BadFile([f"{path}:{line}:{column}: {error.what}"]) from None
    except BadFile as error:
        line, column = position_of(tree, ("scenario",))
        raise BadFile([f"{path}:{line}:{column}: the scenario cannot be used: {error.lines[0]}"]) from None
    plan = plan.model_copy(update={"places": with_others(scenario.organisation.places, plan.places)})
    mistakes = [*_commands(plan), *_roles(plan, scenario), *_places(plan), *_parameters(plan, scenario)]
    if mistakes:
        found = sorted((position_of(tree, loc), text) for loc, text in mistakes)
        raise BadFile([f"{path}:{line}:{column}: {text}" for (line, column), text in found])
    return LoadedPlan(_held(plan, settings), scenario, path, tuple(settings.items()))


def _held(plan: Plan, settings: Mapping[str, str]) -> Plan:
    """`plan`, in which a parameter set by the caller does not vary."""
    varying = {name: one for name, one in plan.varies.parameters.items() if name not in settings}
    return plan.model_copy(update={"varies": plan.varies.model_copy(update={"parameters": varying})})


def _require_plan(tree: Any, path: Path) -> None:
    version = tree.get("mxdrill") if isinstance(tree, Mapping) else None
    if version == 1 and "steps" in tree:
        line, column = position_of(tree, ("mxdrill",))
        if "assumptions" in tree:
            what = "`assumptions` belong to a plan, and a plan starts with `mxdrill: 2`"
            raise BadFile([f"{path}:{line}:{column}: {what}; change 1 to 2"])
        what = "this is a version 1 runbook, which makes no promises"
        right = "write `mxdrill: 2` and `assumptions`, or begin with `mxdrill runbook new`"
        raise BadFile([f"{path}:{line}:{column}: {what}; {right}"])


def _require_quotes(tree: Any, path: Path) -> None:
    """Raises BadFile, with a line for each value with a comma that YAML reads as several entries."""
    fields = {field.alias or name: field for kind in _ENTRIES for name, field in kind.model_fields.items()}
    found = []
    for loc, row in _rows(tree):
        for key, parts in _split_values(row, set(fields)):
            line, column = position_of(tree, (*loc, key))
            told, whole = "text with a comma; put it in quotes", f'{key}: "{", ".join(parts)}"'
            if key in fields and get_origin(fields[key].annotation) is tuple:
                told, whole = "a list needs brackets", f"{key}: [{', '.join(parts)}]"
            found.append(f"{path}:{line}:{column}: {told}: {whole:.120}")
    if found:
        raise BadFile(found)


def _rows(tree: Any) -> Iterator[tuple[Loc, Mapping[Any, Any]]]:
    """Each mapping of a plan in which values may have commas, with its place."""
    for group in ("people", "places", "steps", "preparations", "assumptions", "varies"):
        rows = tree.get(group) if isinstance(tree, Mapping) else None
        if isinstance(rows, Mapping):
            yield (group,), rows
        for index, row in enumerate(rows if isinstance(rows, list) else ()):
            if isinstance(row, Mapping):
                yield (group, index), row


def _split_values(row: Mapping[Any, Any], known: set[str]) -> Iterator[tuple[str, list[str]]]:
    """The parts of each text with commas, with its key: after such a text, YAML reads every further part as
    a key that is unknown and has no value.
    """
    last, parts = "", list[str]()
    for key, value in row.items():
        if value is None and str(key) not in known and parts:
            parts.append(str(key))
            continue
        if len(parts) > 1:
            yield last, parts
        last, parts = str(key), [value] if isinstance(value, str) else []
    if len(parts) > 1:
        yield last, parts


def _commands(plan: Plan) -> Mistakes:
    for index, step in enumerate(plan.steps):
        for key, text in (("do", step.do), ("verify", step.verify)):
            if not text:
                continue
            try:
                command = parse(text)
            except ValueError as error:
                yield ("steps", index, key), f"{step.id}: `{key}`: {error}"
                continue
            if key == "verify" and not command.verifies():
                what = f"`{text[:60]}` does not verify anything"
                yield ("steps", index, key), f"{what}; write one of {', '.join(_checks())}"


def _checks() -> list[str]:
    from sim.drill.commands.registry import COMMANDS

    return [" ".join(kind.words) for kind in COMMANDS if kind.verifies()]


def _roles(plan: Plan, scenario: Scenario) -> Mistakes:
    known = [person.role for person in scenario.organisation.staff]
    roles = list(dict.fromkeys([*known, *(person.role for person in plan.people)]))
    for index, step in enumerate(plan.steps):
        if step.owner and step.owner not in roles:
            what = f"{step.id}: there is no {step.owner!r} among the people"
            yield ("steps", index, "owner"), f"{what}; add it to `people`, or write one of {', '.join(roles)}"
    for index, person in enumerate(plan.people):
        if person.role in known and person.count > 1:
            yield ("people", index, "count"), "a role of the organisation has the people of its own file"


def _places(plan: Plan) -> Mistakes:
    known = [place.id for place in plan.places]
    for index, step in enumerate(plan.steps):
        for name in step.needs:
            if name not in known:
                yield ("steps", index, "needs"), f"{step.id}: {unknown('place', name, known)}"


def _parameters(plan: Plan, scenario: Scenario) -> Mistakes:
    there = f"{plan.scenario} has no such parameter; choose from {', '.join(scenario.parameters)}"
    for name in plan.settings:
        if name in plan.varies.parameters or name in plan.varies.readiness:
            yield ("set", name), f"{name!r} is set here and in `varies`; remove one of the two"
    for name in plan.varies.parameters:
        if name not in scenario.parameters:
            yield (
                ("varies", "parameters", name),
                f"{name!r}: {there}",
            )
        elif not isinstance(scenario.parameters[name].default, str):
            yield ("varies", "parameters", name), f"{name} is a number, not a duration; use `readiness`"
    chosen: list[tuple[Loc, str, str | int]] = [
        (("preparations", index, "set", name), name, value)
        for index, preparation in enumerate(plan.preparations)
        for name, value in preparation.settings.items()
    ]
    chosen += [
        (("varies", "readiness", name), name, value)
        for name, values in plan.varies.readiness.items()
        for value in values
    ]
    for loc, name, value in chosen:
        if name not in scenario.parameters:
            yield loc, f"{name!r}: {there}"
        elif wrong := _out_of_range(name, value, scenario):
            yield loc, wrong


def _out_of_range(name: str, value: str | int, scenario: Scenario) -> str:
    """The reason why the scenario's parameter cannot have this value; empty if it can."""
    try:
        value_of(name, str(value), scenario.parameters[name])
    except BadParameter as error:
        return error.what
    return ""


def owner_of(command: Command | None, owner: str) -> str:
    """The role of the person for a step: the step's owner, or the role that its command needs."""
    assert owner or command is not None
    return owner or command.facts.role  # type: ignore[union-attr]
