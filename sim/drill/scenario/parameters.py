"""Parameters of a scenario: the numbers that `--set` changes, and the places in its file that they change."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import PlainValidator, ValidationError, model_validator

from sim.kernel.document import BadFile, Record
from sim.kernel.duration import format_duration, parse_duration
from sim.kernel.file_mistakes import position_of


def _parameter_value(value: Any) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("is not a whole number or a duration; write 1000 or 31h")  # noqa: TRY004
    if isinstance(value, int):
        return int(value)
    return format_duration(parse_duration(value))


ParameterValue = Annotated[int | str, PlainValidator(_parameter_value, json_schema_input_type=int | str)]
"""A whole number, or a duration as text."""


class Parameter(Record):
    """A number of the scenario that `--set name=value` changes."""

    default: ParameterValue
    """Value used if `--set` does not change it."""
    min: ParameterValue
    """Smallest value that may be set."""
    max: ParameterValue
    """Largest value that may be set."""
    changes: str
    """Path to the value: keys, and ids within lists, joined by dots; `*` for each entry of a list."""
    help: str = ""
    """The meaning of the parameter, in a few words."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if len({type(value) for value in (self.default, self.min, self.max)}) != 1:
            raise ValueError(
                "`default`, `min` and `max` are of different kinds; write a number in all three, or a "
                "duration in all three"
            )
        if not size_of(self.min) <= size_of(self.default) <= size_of(self.max):
            raise ValueError(f"`default` is out of range; write {self.min} to {self.max}")
        return self


def size_of(value: int | str) -> int:
    """A parameter's value as an integer: itself, or the milliseconds of a duration."""
    return value if isinstance(value, int) else parse_duration(value)


class BadParameter(BadFile):
    """A value from outside the scenario's file that a parameter cannot have."""

    def __init__(self, name: str, value: str, what: str) -> None:
        super().__init__([f"--set {name}{value}: {what}"])
        self.name, self.what = name, f"{name}{value}: {what}"
        self._parts = (name, value, what)

    def __reduce__(self) -> tuple[type["BadParameter"], tuple[str, str, str]]:
        """The parts of the error, so that another process can raise it again."""
        return BadParameter, self._parts


def apply_settings(tree: Any, path: Path, settings: Mapping[str, str]) -> None:
    """Write each parameter's value, set or default, to the place in `tree` that the parameter changes."""
    parameters = parameters_in(tree)
    for name in settings:
        if name not in parameters:
            near = get_close_matches(name, parameters, n=1)
            hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(parameters) or 'none'}"
            raise BadParameter(name, "", f"no such parameter of {tree.get('id', path.stem)}; {hint}")
    for name, parameter in parameters.items():
        places = places_of(tree, path, name, parameter)
        if any(_read_as(parameter.default, owner[key]) is None for owner, key in places):
            continue  # reported when the whole file is checked
        what = differs(tree, path, name, parameter)
        # an organisation's file may be shared with other scenarios
        if what and not parameter.changes.startswith("organisation."):
            line, column = position_of(tree, ("parameters", name, "default"))
            raise BadFile([f"{path}:{line}:{column}: {what}; write the same in both places"])
        value = value_of(name, settings[name], parameter) if name in settings else parameter.default
        for owner, key in places:
            owner[key] = value


def differs(tree: Any, path: Path, name: str, parameter: Parameter) -> str:
    """A message if the value at a parameter's place differs from the parameter's default; empty if not."""
    for owner, key in places_of(tree, path, name, parameter):
        if _read_as(parameter.default, owner[key]) not in (None, size_of(parameter.default)):
            return (
                f"the default of `{name}` is {parameter.default}, but `{parameter.changes}` is {owner[key]}"
            )
    return ""


def take_defaults(tree: Any, path: Path, own: set[str]) -> None:
    """Use the values of a file that is `like` another, and that has the keys `own`, as defaults.

    A parameter of the other file takes its default from the value at its place in this file.
    """
    for name, parameter in parameters_in(tree).items() if "parameters" not in own else ():
        if parameter.changes.partition(".")[0] in own and differs(tree, path, name, parameter):
            owner, key = places_of(tree, path, name, parameter)[0]
            tree["parameters"][name]["default"] = owner[key]


def _read_as(default: int | str, written: Any) -> int | None:
    """Size of the value in the file, as an integer; None if its type is not that of `default`."""
    if isinstance(default, int):
        return written if isinstance(written, int) and not isinstance(written, bool) else None
    try:
        return parse_duration(str(written))
    except ValueError:
        return None


def parameters_in(tree: Any) -> dict[str, Parameter]:
    """The parameters that are correct; the others are reported when the whole file is checked."""
    given = tree.get("parameters")
    found = {}
    for name, raw in given.items() if isinstance(given, Mapping) else ():
        try:
            found[str(name)] = Parameter.model_validate(raw)
        except ValidationError:
            continue
    return found


def places_of(tree: Any, path: Path, name: str, parameter: Parameter) -> list[tuple[Any, str]]:
    """The mapping and key in `tree` that `parameter.changes` names; with `*`, the mapping and key in every
    entry.
    """
    *way, key = parameter.changes.split(".")
    nodes = [tree]
    for step in way:
        nodes = [found for node in nodes for found in _at(node, step)]
    if not nodes or any(not isinstance(node, Mapping) or key not in node for node in nodes):
        line, column = position_of(tree, ("parameters", name, "changes"))
        what = f"`{parameter.changes}` is not in this scenario; {_instead(tree, parameter.changes)}"
        raise BadFile([f"{path}:{line}:{column}: {what}"])
    return [(node, key) for node in nodes]


def _at(node: Any, step: str) -> list[Any]:
    """Nodes reached from `node` by `step`: an entry of a list by its id, every entry by `*`; a value by
    its key.
    """
    if isinstance(node, list):
        entries = [one for one in node if isinstance(one, Mapping)]
        return entries if step == "*" else [one for one in entries if one.get("id") == step][:1]
    return [node[step]] if isinstance(node, Mapping) and step in node else []


def _instead(tree: Any, place: str) -> str:
    """The possible names at the first step of `place` that does not exist."""
    node, way = tree, ""
    for step in place.split("."):
        ids = [one.get("id") for one in node if isinstance(one, Mapping)] if isinstance(node, list) else []
        names = [str(one) for one in ids or (node if isinstance(node, Mapping) else ())]
        if step not in names:
            if near := get_close_matches(step, names, n=1):
                return f"did you mean {way}{near[0]}?"
            there = f"in {way.rstrip('.')} there is {', '.join(names)}"
            return there if way and names else "write keys and ids joined by dots"
        node = next(one for one in node if one.get("id") == step) if ids else node[step]
        way += f"{step}."
    return "name a key in it"


def value_of(name: str, text: str, parameter: Parameter) -> int | str:
    """`text` as a value of `parameter`. Raises BadFile."""
    value: int | str
    try:
        if isinstance(parameter.default, int):
            value = int(text) if text.strip().isascii() else int("not a number")
        else:
            value = format_duration(parse_duration(text))
    except ValueError:
        wanted = "a whole number" if isinstance(parameter.default, int) else "a duration such as 31h"
        raise BadParameter(name, f"={text}", f"not {wanted}; {_range(parameter)}") from None
    if not size_of(parameter.min) <= size_of(value) <= size_of(parameter.max):
        raise BadParameter(name, f"={text}", f"out of range; {_range(parameter)}")
    return value


def _range(parameter: Parameter) -> str:
    return f"write {parameter.min} to {parameter.max}"
