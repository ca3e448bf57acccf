"""Runbooks: commands with their times, as a file of steps (version 1)."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from sim.drill.organisation.shipped_files import find_file, shipped_names
from sim.drill.organisation.sourced_numbers import Id, WorkingHours
from sim.drill.scenario.field_types import MilestoneName, StepWhen
from sim.drill.scenario.inherit import inherit
from sim.drill.scenario.scenario import Scenario
from sim.kernel.document import BadFile, DurationMs, Record, check_tree, read_tree, require_version
from sim.kernel.file_mistakes import position_of


class Step(Record):
    """One command, and the time at which it is given.

    The command is given as soon as `at` is reached, once or at the interval `every`. The command is skipped
    if a milestone in `unless` has been reached by then.
    """

    id: Id
    """Id of this step; unique in this file."""
    at: StepWhen
    do: str = Field(min_length=1)
    """The command's text."""
    unless: tuple[MilestoneName, ...] = ()
    """The step is skipped if one of these milestones has been reached by then."""
    every_ms: Annotated[DurationMs, Field(ge=60_000)] | None = Field(default=None, alias="every")
    """Interval at which the command is given again, until a milestone in `unless` is reached. If unset, it is
    given once.
    """
    hours: WorkingHours | None = None
    """Hours in which the command may be given: `Mon-Fri 08:00-18:00`. Outside them, it is postponed. If
    unset, day and night.
    """

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.every_ms is not None and not self.unless:
            raise ValueError("`every` would never end; write the milestone that ends it in `unless`")
        return self


class Runbook(Record):
    """Steps for one scenario, in the order in which people read them; `at` sets the time of each."""

    mxdrill: Literal[1]
    """Version of the file format."""
    id: Id
    """The runbook's id in results."""
    scenario: str = Field(min_length=1)
    """The scenario for which the runbook is written: the name of a shipped scenario, or a path."""
    title: str = ""
    """The purpose of the runbook, in a few words."""
    steps: tuple[Step, ...] = ()
    """The commands, in the order in which people read them."""
    sources: tuple[str, ...] = ()
    """Where the procedure comes from."""


def shipped_runbooks() -> list[str]:
    """Names of the runbooks that ship with mxdrill, sorted."""
    return shipped_names("runbooks")


PLANS = {2: "a continuity plan (version 2); use `mxdrill check` or `mxdrill play --plan`"}
"""The sentence for a plan in the place of another file."""


def load_runbook(
    name_or_path: str, parse_command: Callable[[str], Any] | None = None, beside: Path | None = None
) -> Runbook:
    """The runbook of that name or path. Raises BadFile.

    `parse_command` checks the text of each step: it raises an exception with one line if the text is
    not a command (`sim.drill.commands.grammar.parse`). `beside`: the folder for relative paths.
    """
    path = find_file("runbooks", name_or_path, beside)
    tree = read_tree(path)
    require_version(tree, path, other_files=PLANS)
    inherited = inherit(
        tree, path, "runbooks", lambda other: load_runbook(str(other.absolute()), parse_command)
    )
    steps = _as_written(tree)
    mistakes = [*_twice(steps), *_not_commands(steps, parse_command)]
    found = [(position_of(tree, ("steps", index, key)), text) for index, key, text in mistakes]
    lines = [f"{path}:{line}:{column}: {text}" for (line, column), text in sorted(found)]
    try:
        runbook = check_tree(tree, Runbook, path, inherited=inherited)
    except BadFile as error:
        raise BadFile([*error.lines, *lines]) from None
    if lines:
        raise BadFile(lines)
    return runbook


def _as_written(tree: Any) -> list[tuple[Any, Any]]:
    """Id and text of each step, even if the step has other errors."""
    steps = tree.get("steps") if isinstance(tree, Mapping) else None
    found = steps if isinstance(steps, list) else []
    return [(s.get("id"), s.get("do")) if isinstance(s, Mapping) else (None, None) for s in found]


def reference_runbook(
    scenario: Scenario, parse_command: Callable[[str], Any] | None = None
) -> Runbook | None:
    """The scenario's reference runbook, None if it names none. Raises BadFile."""
    if scenario.reference is None:
        return None
    return load_runbook(scenario.reference, parse_command, beside=scenario.folder)


def _twice(steps: list[tuple[Any, Any]]) -> list[tuple[int, str, str]]:
    ids = [id_ for id_, _do in steps]
    return [
        (index, "id", f"`steps.{index}.id`: {one!r} is already used; give each step its own id")
        for index, one in enumerate(ids)
        if isinstance(one, str) and one in ids[:index]
    ]


def _not_commands(
    steps: list[tuple[Any, Any]], parse_command: Callable[[str], Any] | None
) -> list[tuple[int, str, str]]:
    if parse_command is None:
        return []
    found = []
    for index, (_id, do) in enumerate(steps):
        if not (isinstance(do, str) and do):
            continue  # reported with the rest of the file
        try:
            parse_command(do)
        except ValueError as error:
            found.append((index, "do", f"`steps.{index}.do`: {error}"))
    return found
