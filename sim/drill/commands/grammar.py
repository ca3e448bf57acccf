r"""The one grammar for everything a person types: text to command and back.

command  = verb-words { word | key "=" value }    words first, in declared order
value    = bare | '"' { char | '\"' | '\\' } '"'
duration = number ("s"|"m"|"h"|"d") { … }
text     = the rest of the line, only for the last field
"""

import re
from collections.abc import Sequence
from dataclasses import MISSING, Field, fields
from difflib import get_close_matches
from typing import Any, TypeVar

from sim.drill.commands.command import Command, TypedLine
from sim.drill.commands.registry import COMMANDS
from sim.kernel.duration import format_duration, parse_duration
from sim.kernel.plain_line import not_plain

LONGEST_LINE = 2000

Kind = TypeVar("Kind", bound=TypedLine)

_TOKEN = re.compile(r'\s*(?:([a-z]+)=)?("(?:[^"\\]|\\.)*"|[^\s"]+(?!\S))')
_KEY = re.compile(r"\s*([a-z]+)=")
_KEY_INSIDE = re.compile(r"\s([a-z]+)=")


class BadCommand(ValueError):
    """The mistake in a typed line, and its correction, as one line."""


def parse(text: str) -> Command:
    """The command that is written as `text`. Raises BadCommand."""
    return parse_as(text, COMMANDS)


def parse_as(text: str, kinds: Sequence[type[Kind]]) -> Kind:
    """The line, of one of the given kinds, that is written as `text`. Raises BadCommand."""
    line = text.strip()
    if len(line) > LONGEST_LINE:
        raise BadCommand(f"the line is longer than {LONGEST_LINE} characters; shorten it")
    if sign := not_plain(line):
        raise BadCommand(
            f"the line contains a control or invisible character ({sign}); write plain text on one line"
        )
    command = _type_of(line, kinds)
    rest = line.split(maxsplit=len(command.words))[len(command.words) :]
    return command(**_values(command, rest[0] if rest else ""))


def format_command(command: TypedLine) -> str:
    """The text of `command`, with every key written out; `parse` turns it back into the command."""
    parts = list(command.words)
    for field in fields(command):
        value = getattr(command, field.name)
        if value in ("", None):
            continue
        written = format_duration(value) if field.metadata["kind"] == "duration" else str(value)
        key, is_text = field.metadata["key"], field.metadata["kind"] == "text"
        if (
            _needs_quotes(command, written)
            if key and is_text
            else not is_text and re.search(r'[\s"]', written)
        ):
            written = '"' + written.replace("\\", "\\\\").replace('"', '\\"') + '"'
        parts.append(f"{key}={written}" if key else written)
    return " ".join(parts)


def _needs_quotes(command: TypedLine, text: str) -> bool:
    """True if a keyed text needs quotes to be read back as it is."""
    return text.startswith('"') or _key_in(type(command), text) is not None


def _key_in(command: type[TypedLine], text: str) -> str | None:
    """The first key of `command` that stands in its free text without quotes, and so would be read as text
    instead of as a key; None if there is none.
    """
    keys = {field.metadata["key"] for field in fields(command)}
    return next((key for key in _KEY_INSIDE.findall(text) if key in keys), None)


def usage(command: type[TypedLine]) -> str:
    """The usage of a command: `continuity start [group=all] [for=8h] …`."""
    return " ".join([*command.words, *(_placeholder(field) for field in fields(command))])


def _type_of(line: str, kinds: Sequence[type[Kind]]) -> type[Kind]:
    words = tuple(line.split())
    if not words:
        raise BadCommand("the line is empty; type a command such as `continuity show`")
    best: type[Kind] | None = None
    for command in kinds:
        named = command.words
        if (
            named[0] == words[0]
            and words[: len(named)] == named
            and (best is None or len(named) > len(best.words))
        ):
            best = command
    if best is not None:
        return best
    verbs = sorted({command.words[0] for command in kinds})
    if words[0] in verbs:
        forms = [" ".join(command.words) for command in kinds if command.words[0] == words[0]]
        what = "`{}` is incomplete" if len(words) == 1 else "unknown command `{}`"
        near = get_close_matches(" ".join(words[:2]), forms, n=1, cutoff=0.8) if len(words) > 1 else []
        hint = f"did you mean `{near[0]}`?" if near else f"choose from {', '.join(forms)}"
        raise BadCommand(f"{what.format(' '.join(words[:2]))}; {hint}")
    raise BadCommand(f"unknown command `{words[0]}`; {_meant(words, verbs, kinds)}")


def _meant(words: tuple[str, ...], verbs: list[str], kinds: Sequence[type[TypedLine]]) -> str:
    """A hint at the command that was probably meant: the same words in another order, a later word, a
    misspelling.
    """
    forms = [" ".join(command.words) for command in kinds if set(command.words) <= set(words)]
    forms = forms or [" ".join(command.words) for command in kinds if words[0] in command.words]
    if 0 < len(forms) <= 4:
        return f"did you mean {' or '.join(f'`{form}`' for form in forms)}?"
    near = get_close_matches(words[0], verbs, n=1)
    return f"did you mean `{near[0]}`?" if near else f"choose from {', '.join(verbs)}"


def _values(command: type[TypedLine], rest: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    waiting = [field for field in fields(command) if not field.metadata["key"]]
    keyed = {field.metadata["key"]: field for field in fields(command) if field.metadata["key"]}
    position = 0
    while position < len(rest.rstrip()):
        if waiting and waiting[0].metadata["kind"] == "text":
            values[waiting.pop(0).name] = rest[position:].strip()
            break
        named = _KEY.match(rest, position)
        text = keyed.get(named.group(1)) if named else None
        if named and text and text.metadata["kind"] == "text" and not rest.startswith('"', named.end()):
            values[keyed.pop(named.group(1)).name] = _to_the_end(command, named.group(1), rest[named.end() :])
            break
        token = _TOKEN.match(rest, position)
        if token is None:
            raise BadCommand(f"the quote in `{rest[position:].strip()[:40]}` is not closed")
        key, raw = token.group(1), token.group(2)
        if key in keyed:
            field = keyed.pop(key)
        elif key is None and waiting:
            field = waiting.pop(0)
        else:
            raise BadCommand(_surplus(command, token.group(0).strip(), key, values))
        values[field.name] = _value(field, raw)
        position = token.end()
    missing = [field for field in fields(command) if field.name not in values and field.default is MISSING]
    if missing:
        key = missing[0].metadata["key"]
        what = f"`{key}=` is missing" if key else f"`{_begun(command, values)}` is incomplete"
        raise BadCommand(f"{what}; write `{usage(command)}`")
    return values


def _to_the_end(command: type[TypedLine], name: str, text: str) -> str:
    """A keyed text without quotes. Raises BadCommand if a later key would become part of it."""
    if (key := _key_in(command, text)) is not None:
        raise BadCommand(
            f'`{key}=` is inside the text; put the text in quotes ({name}="…"), or put {key}= before the text'
        )
    return text.strip()


def _surplus(command: type[TypedLine], given: str, key: str | None, values: dict[str, Any]) -> str:
    if key is not None and any(
        field.metadata["key"] == key and field.name in values for field in fields(command)
    ):
        return f"`{key}` is given twice; give only one"
    return f"`{given[:40]}` does not belong here; write `{usage(command)}`"


def _begun(command: type[TypedLine], values: dict[str, Any]) -> str:
    """The command's words and the values that were given, with their keys: `permissions set app=mobile`."""
    given = [(field.metadata["key"], values[field.name]) for field in fields(command) if field.name in values]
    return " ".join([*command.words, *(f"{key}={value}" if key else str(value) for key, value in given)])


def _value(field: "Field[Any]", raw: str) -> Any:
    value = re.sub(r"\\(.)", r"\1", raw[1:-1]) if raw.startswith('"') else raw
    name, choices = name_of(field), field.metadata["choices"]
    if choices and value not in choices:
        near = get_close_matches(value, choices, n=1)
        hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(choices)}"
        shown = f"{field.metadata['key']}={value}" if field.metadata["key"] else value
        raise BadCommand(f"`{shown[:40]}` is not possible here; {hint}")
    if field.metadata["kind"] == "duration":
        try:
            bare = field.metadata["in_seconds"] and value.isascii() and value.isdigit()
            value_ms = parse_duration(f"{value}s" if bare else value)
        except ValueError as error:
            raise BadCommand(str(error)) from None
        if value_ms <= 0:
            raise BadCommand(f"`{name}` must be longer than 0; write a duration such as 8h")
        return value_ms
    return value


def name_of(field: "Field[Any]") -> str:
    """The field's key, or its name without the unit suffix."""
    return str(field.metadata["key"] or field.name.removesuffix("_ms"))


def _placeholder(field: "Field[Any]") -> str:
    kind, key, choices = field.metadata["kind"], field.metadata["key"], field.metadata["choices"]
    what = (
        "|".join(choices)
        if choices
        else {"duration": field.metadata["example"], "text": "TEXT"}.get(kind, field.name.upper())
    )
    what = "|".join([*field.metadata["offers"], what])
    shown = f"{key}={what}" if key else what
    return shown if field.default is MISSING else f"[{shown}]"
