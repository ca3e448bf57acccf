"""Loading scenarios: turns file, included organisation and settings into one checked Scenario."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from sim.drill.organisation.house_rules import HOUSE_RULES, read_house_rules
from sim.drill.organisation.organisation import Organisation
from sim.drill.organisation.shipped_files import find_file, shipped_names
from sim.drill.scenario.inherit import inherit
from sim.drill.scenario.objective import with_figures
from sim.drill.scenario.parameters import (
    apply_settings,
    differs,
    parameters_in,
    places_of,
    take_defaults,
    value_of,
)
from sim.drill.scenario.runbook import PLANS
from sim.drill.scenario.scenario import Scenario
from sim.drill.scoring.figures.registry import FIGURES
from sim.kernel.data_files import DataFiles, shipped_data_files, with_data_files
from sim.kernel.document import BadFile, Record, check_tree, read_text, read_tree, require_version
from sim.kernel.file_mistakes import Inherited, position_of
from sim.kernel.shipped_folder import shipped_folder


class Include(Record):
    """An organisation in a separate file."""

    include: str = Field(min_length=1)
    """Name of a shipped organisation, or a path relative to the scenario file or to the shipped files."""


def shipped_scenarios() -> list[str]:
    """Names of the scenarios that ship with mxdrill, sorted."""
    return shipped_names("outages")


def load_scenario(
    name_or_path: str, settings: Mapping[str, str] = {}, files: DataFiles | None = None
) -> Scenario:
    """The scenario of that name or path, its organisation included and `settings` applied.

    `settings`: values by parameter, as text (`{"users": "10000", "outage": "72h"}`). `files`: the data files
    that the scenario depends on; None: the shipped files. Raises BadFile for mistakes in the files and in the
    settings.
    """
    files = files or shipped_data_files()
    path = find_file("outages", name_or_path)
    tree = read_tree(path)
    require_version(tree, path, other_files=PLANS)
    own = set(tree) if isinstance(tree, Mapping) and "like" in tree else set()
    inherited = inherit(
        tree, path, "outages", lambda other: load_scenario(str(other.absolute()), files=files)
    )
    files = _with_own_rules(tree, path, files)
    if isinstance(tree, Mapping):
        _include_organisation(tree, path)
        try:
            take_defaults(tree, path, own)
            apply_settings(tree, path, settings)
        except BadFile:
            checked(tree, path, files, inherited)  # the error may come from a mistake in the file itself
            raise
    return checked(tree, path, files, inherited).came_from(files, path.parent, dict(settings))


def _with_own_rules(tree: Any, path: Path, files: DataFiles) -> DataFiles:
    """`files` with the house rules that the scenario at `path` names. Raises BadFile."""
    named = tree.get("house_rules") if isinstance(tree, Mapping) else None
    if not isinstance(named, str):
        return files  # a value of another type is reported when the whole file is checked
    where = path.parent / named
    if not where.exists():
        line, column = position_of(tree, ("house_rules",))
        raise BadFile(
            [f"{path}:{line}:{column}: `house_rules` {named!r}: there is no such file in the same folder"]
        )
    own = files.replaced(HOUSE_RULES, read_text(where), where)
    read_house_rules(own)
    return own


def replaced(path: Path) -> Iterator[tuple[str, str]]:
    """Parameters of the scenario at `path` whose default replaces a value of the author's organisation.

    Each with the parameter's name, and the mistake in words; none for a shipped organisation, which the
    author does not change. For a file that can be loaded.
    """
    tree = read_tree(path)
    own = set(tree) if "like" in tree else set()
    inherit(tree, path, "outages", lambda _other: None)
    named = tree["organisation"].get("include")
    if named and find_file("organisations", named, beside=path.parent).is_relative_to(shipped_folder()):
        return
    _include_organisation(tree, path)
    take_defaults(tree, path, own)
    for name, parameter in parameters_in(tree).items():
        if told := differs(tree, path, name, parameter):
            yield name, f"{told}, which is never used; write the same in both places"


def load_organisation(path: Path) -> Organisation:
    """The organisation in the file at `path`. Raises BadFile."""
    return _organisation(path)[1]


def settings_from(words: Sequence[str]) -> dict[str, str]:
    """Settings from words of the command line, such as `users=10000`; a later word overrides an earlier
    one. Raises BadFile.
    """
    settings = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name.strip() and equals and value.strip()):
            raise BadFile([f"--set {word}: not a setting; write name=value, such as users=10000"])
        settings[name.strip()] = value.strip()
    return settings


def varied(scenario: Scenario, settings: Mapping[str, str], starts: str) -> Scenario:
    """`scenario` with those values of its parameters, and with that start. Raises BadFile.

    The value is written to its place without reading any file again, which suits many runs of one scenario.
    """
    tree, path = {**scenario.content(), "starts": starts}, Path(scenario.id)
    for name, text in settings.items():
        value = value_of(name, text, scenario.parameters[name])
        for owner, key in places_of(tree, path, name, scenario.parameters[name]):
            owner[key] = value
    found = checked(tree, path, scenario.files)
    return found.came_from(scenario.files, scenario.folder, {**scenario.settings, **settings})


def checked(tree: Any, path: Path, files: DataFiles, inherited: Inherited | None = None) -> Scenario:
    """`tree` as a scenario; its figures must exist, and its platforms must be in `files`. Raises BadFile."""
    context = {**with_figures(FIGURES), **with_data_files(files)}
    return check_tree(tree, Scenario, path, context, inherited=inherited)


def _include_organisation(tree: Any, path: Path) -> None:
    given = tree.get("organisation")
    if not isinstance(given, Mapping) or "include" not in given:
        return
    named = given["include"]
    if not isinstance(named, str):
        raise _wrong_include(tree, path, "`include` is not text; write a path or a shipped name")
    extra = [key for key in given if key != "include"]
    if extra:
        line, column = position_of(tree, ("organisation", extra[0]), at_key=True)
        what = (
            f"`{extra[0]}` cannot be used together with `include`; change the included file or use a "
            f"parameter"
        )
        raise BadFile([f"{path}:{line}:{column}: {what}"])
    try:
        included = find_file("organisations", named, beside=path.parent)
        if not included.exists():
            raise BadFile([f"{named!r}: no such file; give a file in the scenario's folder or a shipped one"])
    except BadFile as error:
        raise _wrong_include(tree, path, f"`include` {error.lines[0]}") from None
    tree["organisation"] = _organisation(included)[0]


def _wrong_include(tree: Any, path: Path, what: str) -> BadFile:
    line, column = position_of(tree, ("organisation", "include"))
    return BadFile([f"{path}:{line}:{column}: {what}"])


def _organisation(path: Path) -> tuple[Any, Organisation]:
    """The tree of an organisation's file, and the organisation; checked here, where the positions of mistakes
    are known.
    """
    tree = read_tree(path)
    require_version(tree, path, other_files=PLANS)
    inherited = inherit(tree, path, "organisations", load_organisation)
    return tree, check_tree(tree, Organisation, path, inherited=inherited)
