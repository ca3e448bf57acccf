"""Lint: mistakes that a well-formed file can have. Runs nothing unless asked to.

Each finding is one line, `file:line:column: what is wrong; what would be right`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, get_args

from sim.drill.lint.objectives import needs
from sim.drill.lint.plan_steps import plan_findings
from sim.drill.lint.plays import plays
from sim.drill.lint.runbook_steps import steps
from sim.drill.lint.story import foretold, story, told_by
from sim.drill.organisation.organisation import Organisation
from sim.drill.organisation.shipped_files import Kind, find_file
from sim.drill.organisation.staff_file import Role
from sim.drill.scenario.anchor import ALERT_OPEN, Anchor, BadAnchor, Instant, resolve
from sim.drill.scenario.inherit import inherit
from sim.drill.scenario.milestones import Milestone
from sim.drill.scenario.runbook import Runbook, load_runbook, reference_runbook
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_organisation, load_scenario, replaced
from sim.drill.session.load_plan import VERSION, load_plan
from sim.kernel.document import BadFile, read_tree
from sim.kernel.duration import format_duration
from sim.kernel.file_mistakes import FORMAT_VERSION, Findings, position_of

ParseCommand = Callable[[str], Any]
_KINDS: tuple[Kind, ...] = ("outages", "runbooks", "plans", "organisations")


def lint_file(
    name_or_path: str, parse_command: ParseCommand | None = None, *, deep: bool = False
) -> list[str]:
    """Findings in a scenario, organisation, runbook or plan, in order of position.

    The file's keys show which of the four it is. `deep`: scenarios are also run. Raises BadFile for a file
    that cannot be loaded.
    """
    path = find_file("outages", name_or_path)
    tree = read_tree(path)
    kind = _kind(tree, path)
    if kind == "runbooks":
        found = _runbook(load_runbook(str(path.absolute()), parse_command), path, parse_command)
    elif kind == "plans":
        found = plan_findings(load_plan(str(path.absolute())))
    elif kind == "organisations":
        found = _organisation(load_organisation(path))
    else:
        scenario = load_scenario(str(path.absolute()))
        found = _scenario(scenario, (path, *_lent(tree, path)), parse_command)
        found = chain(found, ((("parameters", name, "default"), text) for name, text in replaced(path)))
        if deep:
            found = chain(found, plays(scenario, parse_command))
    inherit(tree, path, kind, lambda _loaded: None, newest=VERSION if kind == "plans" else FORMAT_VERSION)
    lines = sorted((position_of(tree, loc), text) for loc, text in found)
    return [f"{path}:{line}:{column}: {text}" for (line, column), text in lines]


def told_once(lines: Iterable[str], files: Iterable[str]) -> list[str]:
    """`lines` without lines that repeat the end of another line, each with the name that `files` gives to its
    file.

    A mistake in an included file is found with every file that includes it, under that file's whole path.
    """
    named = {str(Path(file).absolute()): file for file in files}
    shown = dict.fromkeys(_renamed(line, named) for line in lines)
    return [line for line in shown if not any(line != other and line.endswith(other) for other in shown)]


def _renamed(line: str, named: Mapping[str, str]) -> str:
    for path, name in named.items():
        line = line.replace(f"{path}:", f"{name}:")
    return line


def _kind(tree: Any, path: Path) -> Kind:
    """The folder for files of this kind, recognised by the file's keys or, if it has `like`, by those of the
    other file.
    """
    if not isinstance(tree, Mapping):
        return "outages"  # unknown kind: loading it reports the mistake
    keys = set(tree)
    own = set(Organisation.model_fields) - set(Scenario.model_fields)
    version = tree.get("mxdrill")
    if isinstance(version, int) and version >= VERSION:
        return "plans"  # also if it has no step of its own
    if keys & {"steps", "scenario"}:
        return "plans" if "assumptions" in keys else "runbooks"
    if keys & own or keys & {"timeline", "injects", "objectives", "briefing"}:
        return "organisations" if keys & own and "timeline" not in keys else "outages"
    for kind in _KINDS if isinstance(tree.get("like"), str) else ():
        other = _found(kind, tree["like"], path.parent)
        if other is not None:
            return _kind(read_tree(other), other) if other.resolve() != path.resolve() else kind
    return "outages"


def _found(kind: Kind, name: str, folder: Path) -> Path | None:
    try:
        other = find_file(kind, name, beside=folder)
    except BadFile:
        return None
    return other if other.exists() else None


def _lent(tree: Any, path: Path) -> Iterator[Path]:
    """The file of the other scenario, if the one at `path` is `like` it and takes its reference runbook
    from it.
    """
    if "like" in tree and "reference" not in tree:
        other = _found("outages", tree["like"], path.parent)
        if other is not None:
            yield other


def _scenario(scenario: Scenario, paths: tuple[Path, ...], parse_command: ParseCommand | None) -> Findings:
    """The paths of the files that the reference runbook may name as its scenario."""
    yield from ((("organisation", *loc), text) for loc, text in _organisation(scenario.organisation))
    yield from _parameters(scenario)
    yield from _deadlines(scenario)
    yield from story(scenario)
    if parse_command is not None:
        yield from needs(scenario, parse_command)
    names = {*get_args(Role), *(person.id for person in scenario.organisation.staff)}
    for index, inject in enumerate(scenario.injects):
        if inject.to not in names:
            yield (
                ("injects", index, "to"),
                f"unknown recipient {inject.to!r}; known: {', '.join(sorted(names))}",
            )
    marked = {inject.marks for inject in scenario.injects}
    if Milestone.SERVER_REPORTED_BACK not in marked:
        yield (
            ("injects",),
            "the recovery of the server is never reported; add a call that `marks: server.reported-back`",
        )
    try:
        runbook = reference_runbook(scenario, parse_command)
    except BadFile as error:
        yield ("reference",), f"the reference runbook cannot be used: {error.lines[0]}"
        return
    if runbook is None:
        yield ("id",), "there is no `reference` runbook; name one that meets the objectives"
    elif runbook.scenario != scenario.id and not any(
        _is_file(runbook.scenario, scenario.folder, path) for path in paths
    ):
        yield ("reference",), f"that runbook is for {runbook.scenario!r}; name one for {scenario.id!r}"


def _is_file(named: str, folder: Path | None, path: Path) -> bool:
    """True if the name `named`, written in a file in `folder`, means the file at `path`."""
    try:
        return find_file("outages", named, beside=folder).resolve() == path.resolve()
    except BadFile:
        return False


def _parameters(scenario: Scenario) -> Findings:
    for name in ("users", "outage"):
        if name not in scenario.parameters:
            yield ("parameters",), f"there is no parameter `{name}`; every scenario has `users` and `outage`"


def _deadlines(scenario: Scenario) -> Findings:
    """A deadline for failure must not come before the deadline for success."""
    for index, objective in enumerate(scenario.objectives):
        for failed in objective.failed:
            for met in (one for one in objective.met if one.milestone == failed.milestone):
                for anchor, allowed_ms in met.within.items():
                    if failed.within.get(anchor, allowed_ms) < allowed_ms:
                        limit = format_duration(failed.within[anchor])
                        what = f"the objective fails {limit} after {anchor}, when it can still be met"
                        yield ("objectives", index, "failed"), f"{what}; set a longer time in `failed`"


def _organisation(organisation: Organisation) -> Findings:
    roles = {person.role for person in organisation.staff}
    for role in get_args(Role):
        if role == "security-approver" and organisation.approvals is None:
            continue  # no command needs this role
        if role not in roles:
            yield (
                ("staff",),
                (f"the role {role} is unassigned, so commands that need it would be refused; add a person"),
            )


def _runbook(runbook: Runbook, path: Path, parse_command: ParseCommand | None) -> Findings:
    """Local times must exist in the scenario's time zone and lie after its start; each step can be carried
    out.
    """
    try:
        scenario = load_scenario(str(find_file("outages", runbook.scenario, beside=path.absolute().parent)))
    except BadFile as error:
        yield ("scenario",), f"the scenario cannot be used: {error.lines[0]}"
        return
    if parse_command is not None:
        yield from steps(runbook, scenario, parse_command)
    for index, step in enumerate(runbook.steps):
        if early := foretold(step.at):
            yield ("steps", index, "at"), early
        for key, names in (("at", step.at.milestones), ("unless", step.unless)):
            if leak := told_by(names):
                yield ("steps", index, key), leak
        milestones = dict.fromkeys((*step.at.milestones, ALERT_OPEN), 0)
        try:
            resolve(step.at, milestones, scenario.starts_utc_ms, scenario.zone)
        except BadAnchor as error:
            yield ("steps", index, "at"), str(error)
            continue
        for moment in (one for one in step.at.moments if isinstance(one, Instant)):
            date_ms = resolve(Anchor(step.at.text, (moment,)), {}, scenario.starts_utc_ms, scenario.zone)
            if date_ms is not None and date_ms < 0:
                date = f"{moment.local:%Y-%m-%dT%H:%M} is before the drill's start, {scenario.starts}"
                yield ("steps", index, "at"), f"{date}; write a later moment, or count from a milestone"
