"""Mistakes in a user's file: the position of each, and one sentence with the mistake and the remedy."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

FORMAT_VERSION = 1
Loc = tuple[int | str, ...]
"""A position in a tree: keys and list indices from the root."""
Findings = Iterator[tuple[Loc, str]]
"""Findings of a check of a file, each with its position."""

IN_WORDS = {
    "(test|example)$": "a name that ends in .test or .example, such as harbour.example",
    "[a-z0-9.-]*$": "lower-case letters, digits, dots and hyphens, as in harbour-1000",
}
"""For each ending of a field's pattern, the value that the field requires, in words."""


@dataclass(frozen=True, slots=True)
class Inherited:
    """The blocks of a file that replace blocks of the file that it is `like`, and so inherit none of their
    keys.
    """

    like: str
    """The other file, as named in `like`."""
    blocks: Mapping[Loc, Any]
    """For each block that replaces another: the block that it replaces. Values do not count as blocks."""

    def behind(self, loc: Loc) -> Any:
        """The part of the other file that `loc`, in a block, takes the place of; None if there is none."""
        for end in range(len(loc), 0, -1):
            if loc[:end] in self.blocks:
                node = self.blocks[loc[:end]]
                for step in loc[end:]:
                    node = node.get(step) if isinstance(node, Mapping) else None
                return node
        return None


class WrongEntry(ValueError):
    """One entry of a list or mapping is wrong. `loc`: the entry's place within that list or mapping."""

    def __init__(self, loc: Loc, text: str) -> None:
        super().__init__(text)
        self.loc = loc


def mistakes_of(
    error: ValidationError,
    tree: Any,
    model: type[BaseModel],
    *,
    by_id: bool,
    inherited: Inherited | None = None,
) -> list[tuple[int, int, str]]:
    """Line, column and sentence of each error in `tree`, without errors that only follow from others.

    `by_id`: entries of lists are named by their id, not by their number. `inherited`: blocks of `tree` that
    lack keys because they replace others.
    """
    found = []
    for one in _own_mistakes(error, model):
        line, column, sentence = _mistake(one, tree, model, by_id=by_id)
        more = "" if inherited is None else _not_inherited(one, inherited)
        if more and one["type"] == "missing":
            sentence = sentence.removesuffix("; add it")
        found.append((line, column, sentence + more))
    return found


def _not_inherited(error: ErrorDetails, inherited: Inherited) -> str:
    """The end of a sentence about keys that a block lacks and the block that it replaces has; empty if the
    error has another cause.
    """
    loc, kind = error["loc"], error["type"]
    block = loc[:-1] if kind == "missing" else loc
    theirs, own = inherited.behind(block), error["input"]
    if not isinstance(theirs, Mapping) or not isinstance(own, Mapping):
        return ""
    lacking = [str(key) for key in theirs if key not in own]
    if kind == "missing" and str(loc[-1]) in lacking:
        lacking = [str(loc[-1])]
    elif kind != "value_error":
        return ""
    if not lacking:
        return ""
    copy = f"copy {', '.join(f'`{key}`' for key in lacking)} from there"
    return f"; this block replaces the one in {inherited.like} (`like`) as a whole, so {copy}"


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
    errors, alternatives = error.errors(include_url=False), set[Loc]()
    places = [one["loc"] for one in errors]
    misspelt = {
        (*one["loc"][:-1], near)
        for one in errors
        if one["type"] == "extra_forbidden"
        for near in _near_keys(one["loc"], model)
    }
    words = {
        one["loc"][:-1]: one["ctx"]["expected"].strip("'")
        for one in errors
        if _is_tag(one["loc"], "literal[")
    }
    for one in errors:
        if _is_tag(one["loc"], "function-") and (word := words.pop(one["loc"][:-1], "")):
            one["msg"] += f", or {word}"
            alternatives.add(one["loc"][:-1])
    return [
        one
        for one in errors
        if not (one["type"] == "missing" and one["loc"] in misspelt)
        and not (_is_tag(one["loc"], "literal[") and one["loc"][:-1] in alternatives)
        and (
            one["type"] != "too_short"
            or not any(len(loc) > len(one["loc"]) and loc[: len(one["loc"])] == one["loc"] for loc in places)
        )
    ]


def _is_tag(loc: Loc, kind: str) -> bool:
    """True if `loc` ends with the name of an alternative of a field, which is not part of the file."""
    return bool(loc) and str(loc[-1]).startswith(kind) and str(loc[-1]).endswith("]")


def _mistake(error: ErrorDetails, tree: Any, model: type[BaseModel], *, by_id: bool) -> tuple[int, int, str]:
    loc = error["loc"]
    loc = loc[:-1] if _is_tag(loc, "function-") else loc
    shown = _by_id(loc, tree) if by_id else loc
    if loc and loc[-1] == "[key]":
        return (*position_of(tree, loc[:-1], at_key=True), _sentence(error, shown[:-1], model))
    wrong = error.get("ctx", {}).get("error")
    if isinstance(wrong, WrongEntry):
        return (*position_of(tree, (*loc, *wrong.loc)), _sentence(error, shown, model))
    at_key = error["type"] in ("extra_forbidden", "invalid_key") or error["input"] is None
    return (*position_of(tree, loc, at_key=at_key), _sentence(error, shown, model))


def _by_id(loc: Loc, tree: Any) -> Loc:
    """`loc` with the number of each list entry replaced by its id or its role, if it has one, and without
    levels that the file leaves out.
    """
    found, node = list[int | str](), tree
    for number, step in enumerate(loc):
        if not _stands_in(node, step) and number + 1 < len(loc) and _stands_in(node, loc[number + 1]):
            continue
        node = node[step] if node is not None and _stands_in(node, step) else None
        entry = node if isinstance(step, int) and isinstance(node, Mapping) else {}
        id_ = entry.get("id", entry.get("role"))
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
    if kind.endswith("_type") and (wanted := _other_kind(kind, given, loc, model)):
        return f"`{name}` is {wanted}"
    if kind == "value_error":
        return f"`{name}`: {message}" if loc else message
    if kind == "string_pattern_mismatch":
        for ending, words in IN_WORDS.items():
            if error["ctx"]["pattern"].endswith(ending):
                return f"`{name}` is {given!r:.60}; write {words}"
    shown = repr(given) if _scalar(given) else f"a {'list' if isinstance(given, list) else 'mapping'}"
    return f"`{name}` is {shown[:60]}; {message[0].lower()}{message[1:]}"


def _other_kind(kind: str, given: Any, loc: Loc, model: type[BaseModel]) -> str:
    """The rest of a sentence about a value of the wrong kind: the value, and the right kind; empty for kinds
    without a sentence of their own.
    """
    if given is None:
        return f"empty; write a {'text' if kind == 'string_type' else 'value'} after it"
    if kind in ("tuple_type", "list_type") and _scalar(given):
        return f"{given!r:.60}; write a list, as in [{given!s:.60}]"
    if kind in ("tuple_type", "list_type"):
        return "a mapping; write a list, with a line that begins with `-` for each entry"
    if kind in ("model_type", "dict_type"):
        keys = _keys_at((*loc, ""), model) if kind == "model_type" else []
        right = f"with the keys {', '.join(keys)}" if keys else "of keys and values"
        return f"{f'{given!r:.60}' if _scalar(given) else 'a list'}; write a block {right}"
    return ""


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
