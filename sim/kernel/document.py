"""Reading a person's YAML file: a checked value, or one line a mistake, with its position.

Files are parsed as YAML 1.2 (`no`, `1:30` and `010` stay what they look like) and checked by a
pydantic model. Every mistake becomes `file:line:column: what is wrong; what would be right`.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from sim.kernel.duration import parse_duration

LARGEST_FILE_BYTES = 4 * 1024 * 1024


class BadFile(Exception):
    """A file that cannot be used. `lines`: one `file:line:column: …` for each mistake, in order."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Record(BaseModel):
    """What every model of a file inherits: unknown keys are mistakes, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _duration(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("is not a duration; write a number with a unit: 90s, 15m, 1h30m, 2d")  # noqa: TRY004
    if isinstance(value, str) and value.strip().startswith("-"):
        raise ValueError(f"{value!r} is negative; a duration is zero or more, such as 15m")
    return parse_duration(str(value))


DurationMs = Annotated[int, BeforeValidator(_duration, json_schema_input_type=str)]
"""A field written as a duration (`90s`, `1h30m`) and held as milliseconds."""

M = TypeVar("M", bound=BaseModel)


def read_document(path: Path, model: type[M]) -> M:
    """The file at `path`, checked as `model`. Raises BadFile."""
    tree = read_tree(path)
    return check_tree(tree, model, path)


def read_tree(path: Path) -> Any:
    """The file as nested mappings and lists that know their positions. Raises BadFile."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise BadFile([f"{path}: {reason}; give the path of a readable file"]) from None
    if len(raw) > LARGEST_FILE_BYTES:
        raise BadFile([f"{path}: larger than 4 MiB; a scenario is a text file of some kilobytes"])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        raise BadFile([f"{path}:{line}:{column}: not UTF-8 text; save the file as UTF-8"]) from None
    if not text.strip():
        raise BadFile([f"{path}:1:1: the file is empty; start with `mxdrill: 1` and an `id`"])
    try:
        tree = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        problem = " ".join(str(error.problem or error.context or "cannot be parsed").split())
        raise BadFile([f"{path}:{where}: not YAML: {problem}; check indentation, quotes and colons"]) from None
    except (YAMLError, ValueError, RecursionError) as error:
        problem = " ".join(str(error).split())[:120]
        raise BadFile([f"{path}:1:1: not YAML: {problem}; check that this is a text file"]) from None
    if tree is None:
        raise BadFile([f"{path}:1:1: the file has only comments; start with `mxdrill: 1` and an `id`"])
    return tree


def check_tree(tree: Any, model: type[M], path: Path) -> M:
    """`tree` checked as `model`; mistakes are reported at the positions that `tree` knows."""
    if not isinstance(tree, Mapping):
        raise BadFile([f"{path}:1:1: not a mapping; write `key: value` lines, starting with `mxdrill: 1`"])
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        found = [(position_of(tree, e["loc"]), _sentence(e, tree, model)) for e in error.errors(include_url=False)]
        found.sort()
        lines = list(dict.fromkeys(f"{path}:{line}:{column}: {what}" for (line, column), what in found))
        raise BadFile(lines) from None


def position_of(tree: Any, loc: tuple[int | str, ...]) -> tuple[int, int]:
    """Line and column (from 1) of the deepest part of `loc` that stands in `tree`."""
    line, column, node = 0, 0, tree
    for step in loc:
        marks = getattr(node, "lc", None)
        if marks is None:
            break
        if isinstance(node, Mapping):
            if step not in node:
                if not isinstance(step, str) or "-" not in step:
                    continue  # a union tag, not a key
                break
            line, column = marks.key(step) if step == loc[-1] and not _scalar(node[step]) else marks.value(step)
            if step == loc[-1]:
                line, column = marks.value(step) if _scalar(node[step]) else marks.key(step)
            node = node[step]
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            line, column = marks.item(step)
            node = node[step]
        else:
            break
    return line + 1, column + 1


def _scalar(value: Any) -> bool:
    return not isinstance(value, Mapping | list)


def _sentence(error: ErrorDetails, tree: Any, model: type[BaseModel]) -> str:
    loc = ".".join(str(step) for step in error["loc"])
    kind, given = error["type"], error["input"]
    if kind == "missing":
        return f"`{loc}` is missing; add it"
    if kind == "extra_forbidden":
        return f"unknown key `{loc}`; {_known_keys(error['loc'], model)}"
    message = error["msg"].removeprefix("Value error, ")
    if kind == "value_error":
        return f"`{loc}`: {message}"
    shown = repr(given) if _scalar(given) else f"a {'list' if isinstance(given, list) else 'mapping'}"
    return f"`{loc}` is {shown[:60]}; {message[0].lower()}{message[1:]}"


def _known_keys(loc: tuple[int | str, ...], model: type[BaseModel]) -> str:
    owner: type[BaseModel] | None = model
    for step in loc[:-1]:
        owner = _model_under(owner, step) if owner else None
    names = [field.alias or name for name, field in owner.model_fields.items()] if owner else []
    near = get_close_matches(str(loc[-1]), names, n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"known here: {', '.join(names)}" if names else "remove it"


def _model_under(owner: type[BaseModel], step: int | str) -> type[BaseModel] | None:
    if isinstance(step, int):
        return owner
    for name, field in owner.model_fields.items():
        if step in (name, field.alias):
            return _first_model(field.annotation)
    return None


def _first_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _first_model(part)
        if found:
            return found
    return None
