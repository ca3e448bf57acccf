"""Reads a user's YAML file into a checked value, or reports one line per mistake with its position.

Files are parsed as YAML 1.2 (`no`, `1:30` and `010` keep their literal meaning) and checked by a pydantic
model. Every mistake becomes `file:line:column: the mistake; the remedy`.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError
from pydantic_core import ErrorDetails

from sim.kernel.duration import format_duration, parse_duration
from sim.kernel.file_bounds import OutOfBounds, read_bounded, require_bounded_text, require_bounded_tree
from sim.kernel.plain_line import has_control_character, on_one_line
from sim.kernel.ready_form import keep_ready, ready_tree
from sim.kernel.shipped_folder import shipped_folder
from sim.kernel.user_mistake import Mistake

FORMAT_VERSION = 1
MOST_MISTAKES = 50

Loc = tuple[int | str, ...]
"""A position in a tree: keys and list indices from the root."""


class BadFile(Mistake):
    """A file that cannot be used. `lines`: one `file:line:column: …` for each mistake, in order."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))


class WrongEntry(ValueError):
    """One entry of a list or mapping is wrong. `loc`: the entry's place within that list or mapping."""

    def __init__(self, loc: Loc, text: str) -> None:
        super().__init__(text)
        self.loc = loc


class Record(BaseModel):
    """The base of every model of a file: unknown keys are mistakes, and values cannot change."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


DURATION_PATTERN = r"^(0|([0-9]+(\.[0-9]+)?(ms|s|m|h|d|w))+)$"
"""The pattern that editors use to check a duration; `parse_duration` has the final say."""


def _duration(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("is not a duration; write a number with a unit: 90s, 15m, 1h30m, 2d")  # noqa: TRY004
    if str(value).strip().startswith("-"):
        raise ValueError(f"{str(value)!r} is negative; a duration is zero or more, such as 15m")
    return parse_duration(str(value))


DurationMs = Annotated[
    int,
    BeforeValidator(_duration, json_schema_input_type=Annotated[str, Field(pattern=DURATION_PATTERN)]),
    PlainSerializer(format_duration, return_type=str, when_used="json"),
]
"""A field written as a duration (`90s`, `1h30m`) and stored as milliseconds; JSON has the text."""

IN_WORDS = {
    "(test|example)$": "a name that ends in .test or .example, such as harbour.example",
    "[a-z0-9.-]*$": "lower-case letters, digits, dots and hyphens, as in harbour-1000",
}
"""For each ending of a field's pattern, the value that the field requires, in words."""

_YAML = {
    "'\\t'": "indent with spaces, not with tabs",
    "mapping values": "put a text that contains a colon in quotes",
    "block end": "begin entries of the same list or mapping in the same column",
    "block mapping": "begin entries of the same list or mapping in the same column",
    "": "check indentation, quotes and colons",
}
"""For each message from the parser, how to correct the mistake."""

M = TypeVar("M", bound=BaseModel)


def read_document(path: Path, model: type[M]) -> M:
    """The file at `path`, checked as `model`. Raises BadFile."""
    tree = read_tree(path)
    return check_tree(tree, model, path)


def read_tree(path: Path) -> Any:
    """The file as nested mappings and lists that know their positions. Raises BadFile."""
    return parse_tree(read_text(path), path)


def read_text(path: Path) -> str:
    """The text of the file, at most 256 KiB of UTF-8. Raises BadFile."""
    if has_control_character(str(path)):
        raise BadFile([f"{on_one_line(str(path))}: its name contains a control character; rename it"])
    try:
        raw = read_bounded(path)
    except OutOfBounds as bound:
        raise BadFile([f"{path}: {bound}"]) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = (getattr(error, "strerror", None) or "cannot be read").lower()
        near = get_close_matches(path.name, _names_beside(path), n=1) if isinstance(error, OSError) else []
        right = f"did you mean {near[0]}?" if near else "give the path of a readable file"
        raise BadFile([f"{path}: {reason}; {right}"]) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig", errors="replace")
        line, column = _line_and_column(before, len(before))
        raise BadFile([f"{path}:{line}:{column}: not UTF-8 text; save the file as UTF-8"]) from None
    return text


def parse_tree(text: str, path: Path) -> Any:
    """The file's `text` as nested mappings and lists that know their positions. Raises BadFile."""
    tree = ready_tree(text, lambda: _parsed(text, path))
    if tree is None:
        tree = _parsed(text, path)
        if path.is_relative_to(shipped_folder()):
            keep_ready(text, tree)
    return tree


def new_parser() -> Any:
    """The parser of YAML 1.2, imported only if a text has to be parsed."""
    from ruamel.yaml import YAML

    return YAML(typ="rt", pure=True)


def _parsed(text: str, path: Path) -> Any:
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    if not text.strip():
        raise BadFile([f"{path}:1:1: the file is empty; start with `mxdrill: 1` and an `id`"])
    try:
        require_bounded_text(text)
        tree = new_parser().load(text)
        require_bounded_tree(tree)
    except OutOfBounds as bound:
        line, column = position_of(tree, bound.loc) if bound.loc else (1, 1)
        raise BadFile([f"{path}:{line}:{column}: {bound}"]) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        problem = " ".join(str(error.problem or error.context or "cannot be parsed").split())
        right = next((told for sign, told in _YAML.items() if sign in problem), _YAML[""])
        raise BadFile([f"{path}:{where}: not YAML: {problem}; {right}"]) from None
    except ReaderError as error:
        line, column = _line_and_column(text, error.position)
        raise BadFile([f"{path}:{line}:{column}: not a text file; a scenario is plain UTF-8 text"]) from None
    except (AttributeError, TypeError, LookupError, AssertionError):
        # the parser falls over a merge of a part into itself, and over an !!omap that has a key twice
        raise BadFile(
            [f"{path}:1:1: not YAML that can be read; check aliases (`*name`) and merges (`<<`)"]
        ) from None
    except (YAMLError, ValueError, RecursionError) as error:
        problem = " ".join(str(error).split())[:120]
        raise BadFile([f"{path}:1:1: not YAML: {problem}; check that this is a text file"]) from None
    if tree is None:
        raise BadFile([f"{path}:1:1: the file has only comments; start with `mxdrill: 1` and an `id`"])
    return tree


def _names_beside(path: Path) -> list[str]:
    """The other files in the same folder."""
    return [one.name for one in path.parent.iterdir() if one.is_file()] if path.parent.is_dir() else []


def _line_and_column(text: str, position: int) -> tuple[int, int]:
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)


def check_tree(
    tree: Any, model: type[M], path: Path, context: Mapping[str, Any] | None = None, *, by_id: bool = False
) -> M:
    """`tree` checked as `model`; mistakes are reported at the positions that `tree` knows.

    `context`: names from other layers, with which validators of `model` compare. `by_id`: entries of lists
    are named by their id, not by their number.
    """
    if not isinstance(tree, Mapping):
        raise BadFile([f"{path}:1:1: not a mapping; write `key: value` lines, starting with `mxdrill: 1`"])
    found = [(*position_of(tree, loc), text) for loc, text in _with_a_point(tree, ())]
    try:
        value = model.model_validate(tree, context=context)
    except ValidationError as error:
        found += [_mistake(one, tree, model, by_id=by_id) for one in _own_mistakes(error, model)]
    else:
        if not found:
            return value
    lines = list(dict.fromkeys(f"{path}:{line}:{column}: {what}" for line, column, what in sorted(found)))
    if len(lines) > MOST_MISTAKES:
        rest = len(lines) - MOST_MISTAKES
        lines[MOST_MISTAKES:] = [f"{path}: and {rest} more mistakes; fix these first"]
    raise BadFile(lines)


def _with_a_point(node: Any, loc: Loc) -> Iterator[tuple[Loc, str]]:
    """Reports numbers such as 1.000, which would be read as 1; numbers with a fraction do not occur in these
    files.
    """
    if isinstance(node, float) and node.is_integer():
        name = ".".join(str(step) for step in loc)
        yield loc, f"`{name}` has a decimal point; write a whole number such as 1000"
    entries = node.items() if isinstance(node, Mapping) else enumerate(node) if isinstance(node, list) else ()
    for step, inner in entries:
        if not isinstance(inner, (str, int)):  # most are: a call for each took as long as the model's check
            yield from _with_a_point(inner, (*loc, step))


def require_version(tree: Any, path: Path, newest: int = FORMAT_VERSION) -> None:
    """Raises BadFile if `tree` has `mxdrill: N` with an N above `newest`, the last supported version."""
    version = tree.get("mxdrill") if isinstance(tree, Mapping) else None
    if isinstance(version, int) and not isinstance(version, bool) and version > newest:
        line, column = position_of(tree, ("mxdrill",))
        raise BadFile(
            [
                f"{path}:{line}:{column}: format version {version} is newer than this mxdrill, which reads"
                f" version {newest}; install a newer mxdrill"
            ]
        )


def position_of(tree: Any, loc: Loc, *, at_key: bool = False) -> tuple[int, int]:
    """Line and column, from 1, of the deepest part of `loc` that exists in `tree`.

    A scalar is found at its value, a mapping or list at its key; with `at_key` everything is found at its
    key. Steps that do not exist in the tree (a missing key, a union's tag) are skipped.
    """
    line, column, node = 0, 0, tree
    for step in loc:
        here = _marks(node, step)
        if here is None:
            continue
        node = node[step]
        value_wanted = len(here) == 4 and _scalar(node) and not at_key
        line, column = here[2:] if value_wanted else here[:2]
    return line + 1, column + 1


def _marks(node: Any, step: int | str) -> list[int] | None:
    """Line and column of the key and of the value for an entry of a mapping; line and column for an item of a
    list.
    """
    if not _stands_in(node, step):
        return None
    marks: dict[int | str, list[int]] = getattr(getattr(node, "lc", None), "data", None) or {}
    return marks.get(step)


def _stands_in(node: Any, step: int | str) -> bool:
    if isinstance(node, Mapping):
        return step in node
    return isinstance(node, list) and isinstance(step, int) and step < len(node)


def _scalar(value: Any) -> bool:
    return not isinstance(value, Mapping | list)


def _own_mistakes(error: ValidationError, model: type[BaseModel]) -> list[ErrorDetails]:
    """The errors, without those that only follow from others, such as a list that is too short because its
    entries are wrong, or a key that is missing because it is misspelt.
    """
    errors = error.errors(include_url=False)
    places = [one["loc"] for one in errors]
    misspelt = {
        (*one["loc"][:-1], near)
        for one in errors
        if one["type"] == "extra_forbidden"
        for near in _near_keys(one["loc"], model)
    }
    return [
        one
        for one in errors
        if not (one["type"] == "missing" and one["loc"] in misspelt)
        and (
            one["type"] != "too_short"
            or not any(len(loc) > len(one["loc"]) and loc[: len(one["loc"])] == one["loc"] for loc in places)
        )
    ]


def _mistake(error: ErrorDetails, tree: Any, model: type[BaseModel], *, by_id: bool) -> tuple[int, int, str]:
    loc = error["loc"]
    shown = _by_id(loc, tree) if by_id else loc
    if loc and loc[-1] == "[key]":
        return (*position_of(tree, loc[:-1], at_key=True), _sentence(error, shown[:-1], model))
    wrong = error.get("ctx", {}).get("error")
    if isinstance(wrong, WrongEntry):
        return (*position_of(tree, (*loc, *wrong.loc)), _sentence(error, shown, model))
    at_key = error["type"] in ("extra_forbidden", "invalid_key") or error["input"] is None
    return (*position_of(tree, loc, at_key=at_key), _sentence(error, shown, model))


def _by_id(loc: Loc, tree: Any) -> Loc:
    """`loc` with the number of each list entry replaced by its id, if it has one."""
    found, node = list[int | str](), tree
    for step in loc:
        node = node[step] if node is not None and _stands_in(node, step) else None
        id_ = node.get("id") if isinstance(step, int) and isinstance(node, Mapping) else None
        found.append(id_ if isinstance(id_, str) else step)
    return tuple(found)


def _sentence(error: ErrorDetails, loc: Loc, model: type[BaseModel]) -> str:
    name = ".".join(str(step) for step in loc) or "the file"
    kind, given = error["type"], error["input"]
    message = error["msg"].removeprefix("Value error, ")
    if kind == "missing":
        return f"`{name}` is missing; add {f'`mxdrill: {FORMAT_VERSION}`' if name == 'mxdrill' else 'it'}"
    if kind == "extra_forbidden":
        return f"unknown key `{name}`; {_known_keys(loc, model)}"
    if kind == "invalid_key":
        owner = f"`{'.'.join(str(step) for step in loc[:-1])}`" if len(loc) > 1 else "the file"
        return f"{owner} has the key {given!r:.60}; write a word as the key, and numbers without a comma"
    if kind == "int_parsing":
        return f"`{name}` is {given!r:.60}; write only a whole number, such as 1000"
    if kind == "literal_error" and (near := _near_words(given, error["ctx"]["expected"])):
        return f"`{name}` is {given!r:.60}; did you mean {near[0]!r}?"
    if kind == "too_short":
        return f"`{name}` has too few entries; write at least {error['ctx']['min_length']}"
    if kind.endswith("_type") and given is None:
        return f"`{name}` is empty; write a {'text' if kind == 'string_type' else 'value'} after it"
    if kind == "value_error":
        return f"`{name}`: {message}" if loc else message
    if kind == "string_pattern_mismatch":
        for ending, words in IN_WORDS.items():
            if error["ctx"]["pattern"].endswith(ending):
                return f"`{name}` is {given!r:.60}; write {words}"
    shown = repr(given) if _scalar(given) else f"a {'list' if isinstance(given, list) else 'mapping'}"
    return f"`{name}` is {shown[:60]}; {message[0].lower()}{message[1:]}"


def _known_keys(loc: Loc, model: type[BaseModel]) -> str:
    near = _near_keys(loc, model)
    if near:
        return f"did you mean `{near[0]}`?"
    names = _keys_at(loc, model)
    return f"known here: {', '.join(names)}" if names else "remove it"


def _near_keys(loc: Loc, model: type[BaseModel]) -> list[str]:
    """The key that is closest to the last key of `loc`, if one is close."""
    return get_close_matches(str(loc[-1]), _keys_at(loc, model), n=1)


def _keys_at(loc: Loc, model: type[BaseModel]) -> list[str]:
    """The keys that are valid at the place of the last key of `loc`."""
    annotation: Any = model
    for step in loc[:-1]:
        annotation = _inside(annotation, step) or annotation
    owner = _first_model(annotation)
    return [field.alias or name for name, field in owner.model_fields.items()] if owner else []


def _near_words(given: Any, expected: str) -> list[str]:
    """The word closest to `given` among words as pydantic lists them: `'a', 'b' or 'c'`."""
    return get_close_matches(str(given), re.findall(r"'([^']*)'", expected), n=1, cutoff=0.75)


def _inside(annotation: Any, step: int | str) -> Any:
    """The annotation of the field at `step`; None if there is none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields.items()
        return next((field.annotation for name, field in fields if step in (name, field.alias)), None)
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (dict, list, tuple):
        return parts[1] if origin is dict else parts[0]
    return next((found for part in parts if (found := _inside(part, step)) is not None), None)


def _first_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _first_model(part))), None)
