"""Runbooks: which command is given when, as a file of steps (version 1)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from sim.drill.blocks import Id
from sim.drill.fields import Milestone, When
from sim.drill.like import inherit
from sim.drill.scenario import Scenario
from sim.drill.shipped import find_file, shipped_names
from sim.kernel.document import BadFile, Record, check_tree, position_of, read_tree, require_version


class Step(Record):
    """One command and when it is given.

    It is given once, as soon as `at` has come; it is left out if a milestone in `unless` has come by then.
    """

    id: Id
    """Its name in this file; unique."""
    at: When
    do: str = Field(min_length=1)
    """The command's text."""
    unless: tuple[Milestone, ...] = ()
    """It is left out if one of these has come by then."""


class Runbook(Record):
    """Steps for one scenario, in the order in which people read them; `at` says when they happen."""

    mxdrill: Literal[1]
    """Version of the file's format."""
    id: Id
    """Its name in results."""
    scenario: str = Field(min_length=1)
    """The scenario it is written for: a shipped one's name, or a path."""
    title: str = ""
    """What it is for, in a few words."""
    steps: tuple[Step, ...] = ()
    """The commands, in the order in which people read them."""
    sources: tuple[str, ...] = ()
    """Where the procedure is taken from."""


def shipped_runbooks() -> list[str]:
    """Names of the runbooks that ship with mxdrill, sorted."""
    return shipped_names("runbooks")


def load_runbook(
    name_or_path: str, parse_command: Callable[[str], Any] | None = None, beside: Path | None = None
) -> Runbook:
    """The runbook of that name or path. Raises BadFile.

    `parse_command` checks the text of each step: it raises an exception with one line if the text is
    not a command (`sim.drill.grammar.parse`). `beside`: where relative paths are looked for.
    """
    path = find_file("runbooks", name_or_path, beside)
    tree = read_tree(path)
    require_version(tree, path)
    inherit(tree, path, "runbooks", lambda other: load_runbook(str(other.absolute()), parse_command))
    runbook = check_tree(tree, Runbook, path)
    mistakes = [*_twice(runbook), *_not_commands(runbook, parse_command)]
    if mistakes:
        found = sorted((position_of(tree, ("steps", index, key)), text) for index, key, text in mistakes)
        raise BadFile([f"{path}:{line}:{column}: {text}" for (line, column), text in found])
    return runbook


def reference_runbook(
    scenario: Scenario, parse_command: Callable[[str], Any] | None = None
) -> Runbook | None:
    """The scenario's reference runbook, None if it names none. Raises BadFile."""
    if scenario.reference is None:
        return None
    return load_runbook(scenario.reference, parse_command, beside=scenario.folder)


def _twice(runbook: Runbook) -> list[tuple[int, str, str]]:
    ids = [step.id for step in runbook.steps]
    return [
        (index, "id", f"`steps.{index}.id`: {one!r} is used before; give each step an id of its own")
        for index, one in enumerate(ids)
        if one in ids[:index]
    ]


def _not_commands(runbook: Runbook, parse_command: Callable[[str], Any] | None) -> list[tuple[int, str, str]]:
    if parse_command is None:
        return []
    found = []
    for index, step in enumerate(runbook.steps):
        try:
            parse_command(step.do)
        except ValueError as error:
            found.append((index, "do", f"`steps.{index}.do`: {error}"))
    return found
