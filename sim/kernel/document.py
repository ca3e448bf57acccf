"""Reads a user's YAML file into a checked value, or reports one line per mistake with its position.

Files are parsed as YAML 1.2 (`no`, `1:30` and `010` keep their literal meaning) and checked by a pydantic
model. Every mistake becomes `file:line:column: the mistake; the remedy`.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError

from sim.kernel.duration import format_duration, parse_duration
from sim.kernel.file_bounds import OutOfBounds, read_bounded, require_bounded_text, require_bounded_tree
from sim.kernel.file_mistakes import FORMAT_VERSION, Inherited, Loc, mistakes_of, position_of
from sim.kernel.plain_line import has_control_character, on_one_line
from sim.kernel.ready_form import keep_ready, ready_tree
from sim.kernel.shipped_folder import shipped_folder
from sim.kernel.user_mistake import Mistake

MOST_MISTAKES = 50


class BadFile(Mistake):
    """A file that cannot be used. `lines`: one `file:line:column: …` for each mistake, in order."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))


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

_YAML = {
    "duplicate key": "remove one of the two, or begin a new entry with `-`",
    "'\\t'": "indent with spaces, not with tabs",
    "mapping values": "put text that contains a colon in quotes",
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
        raise BadFile(
            [f"{on_one_line(str(path))}: its name contains a control or invisible character; rename it"]
        )
    try:
        raw = read_bounded(path)
    except OutOfBounds as bound:
        raise BadFile([f"{path}: {bound}"]) from None
    except (OSError, ValueError) as error:  # ValueError: the path contains a NUL
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
        # the parser crashes on a merge of a part into itself, and on an !!omap with a repeated key
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
    tree: Any,
    model: type[M],
    path: Path,
    context: Mapping[str, Any] | None = None,
    *,
    by_id: bool = False,
    inherited: Inherited | None = None,
) -> M:
    """`tree` checked as `model`; mistakes are reported at the positions that `tree` knows.

    `context`: names from other layers, with which validators of `model` compare. `by_id`: entries of lists
    are named by their id, not by their number. `inherited`: blocks of `tree` that replace those of another
    file.
    """
    if not isinstance(tree, Mapping):
        raise BadFile([f"{path}:1:1: not a mapping; write `key: value` lines, starting with `mxdrill: 1`"])
    found = [(*position_of(tree, loc), text) for loc, text in _with_a_point(tree, ())]
    try:
        value = model.model_validate(tree, context=context)
    except ValidationError as error:
        found += mistakes_of(error, tree, model, by_id=by_id, inherited=inherited)
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
        # most are scalars, and a call for each took as long as the model's check
        if not isinstance(inner, (str, int)):
            yield from _with_a_point(inner, (*loc, step))


def require_version(
    tree: Any, path: Path, newest: int = FORMAT_VERSION, other_files: Mapping[int, str] = {}
) -> None:
    """Raises BadFile if `tree` has `mxdrill: N` with an N above `newest`, the last supported version;
    `other_files`: the sentence for each version that only another kind of file has.
    """
    version = tree.get("mxdrill") if isinstance(tree, Mapping) else None
    if isinstance(version, int) and not isinstance(version, bool) and version > newest:
        line, column = position_of(tree, ("mxdrill",))
        newer = f"is newer than this mxdrill, which reads version {newest}; install a newer mxdrill"
        why = other_files.get(version, f"format version {version} {newer}")
        raise BadFile([f"{path}:{line}:{column}: {why}"])
