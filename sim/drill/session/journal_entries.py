"""The forms of a journal's entries, which are checked before a replay; entries in an older form are
upgraded.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

_MARK = re.compile(r"[0-9a-z-]{1,64}")
_CHAIN = re.compile(r"[0-9a-f]{32}")

LATEST_MS = 1 << 40
"""34 years after the start of a drill, in ms. A later time is a mistake, and is beyond the calendar."""

_Check = Callable[[Any], bool]


def upgraded(entry: dict[str, Any], form: int) -> dict[str, Any]:
    """`entry` of a journal of format `form`, in today's form; an entry that already has it is not changed.

    A journal of an older format continues in today's form after `resume`, so it has entries of both.
    """
    for older, upgrade in UPGRADES.items():
        if form <= older:
            entry = upgrade(entry)
    return entry


def _from_format_1(entry: dict[str, Any]) -> dict[str, Any]:
    """Upgrade an entry of format 1: a header without a model is of model 1; a message without a `way` came
    in at the gateway.
    """
    match entry:
        case {"is": "header"} if "model" not in entry:
            return {**entry, "model": 1}
        case {"is": "letter", "letter": dict(letter)} if "way" not in letter:
            return {**entry, "letter": {**letter, "way": "gateway"}}
        case _:
            return entry


UPGRADES: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _from_format_1}
"""For each format, a function that upgrades an entry to the next format. A new format needs a new
function. A new model does not: the history that a model gives cannot be upgraded.
"""


def is_entry(entry: dict[str, Any]) -> bool:
    """True if `entry`, which is not a header, has the keys and types that a drill writes.

    An entry of an unknown kind needs only a time: a later version may have written it.
    """
    shape = _SHAPES.get(entry["is"], {}) if isinstance(entry.get("is"), str) else None
    if shape is not None and "seat" in entry:
        shape = {**shape, **_AT_TABLE, **({"wall": _is_text} if "wall" in entry else {})}
    if shape is not None and "to" in entry:
        shape = {**shape, "to": _is_assignment}
    return shape is not None and _has({"t": _is_time, **shape}, entry) and _is_text(entry.get("digest", ""))


def ends(entry: Mapping[str, Any]) -> bool:
    """True if the drill is over with `entry`."""
    return entry.get("is") == "end" or bool(entry.get("over"))


def is_launch(launch: Any) -> bool:
    """True if `launch`, a part of the header, has the types that `play`, `run` and `lab` write."""
    return isinstance(launch, dict) and all(
        check(launch[key]) for key, check in _LAUNCH.items() if key in launch
    )


def is_parent(parent: Any) -> bool:
    """True if `parent`, a part of the header, has the keys and types that a branch writes."""
    return isinstance(parent, dict) and _has(_PARENT, parent)


def _has(shape: dict[str, _Check], entry: dict[str, Any]) -> bool:
    return all(key in entry and check(entry[key]) for key, check in shape.items())


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1 << 63


def _is_port(value: Any) -> bool:
    return _is_count(value) and value <= 65_535


def _is_time(value: Any) -> bool:
    return _is_count(value) and value <= LATEST_MS


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    """A list, or a tuple that will be written as one."""
    return isinstance(value, list | tuple) and all(isinstance(text, str) for text in value)


def _is_letter(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    return value.keys() == _LETTER.keys() and _has(_LETTER, value) and bool(value["recipients"])


def _is_assignment(value: Any) -> bool:
    """True for the person and the times that a plan sets for a command; all but three keys may be missing."""
    return (
        isinstance(value, dict)
        and _ASSIGNMENT.keys() - _MAY_BE_MISSING <= value.keys() <= _ASSIGNMENT.keys()
        and all(_ASSIGNMENT[key](part) for key, part in value.items())
    )


def _is_time_or_none(value: Any) -> bool:
    return value is None or _is_time(value)


def _is_count_or_none(value: Any) -> bool:
    return value is None or _is_count(value)


def _is_speed(value: Any) -> bool:
    return type(value) in {int, float} and 0 < value <= 1_000_000


def _is_mark(value: Any) -> bool:
    return isinstance(value, str) and _MARK.fullmatch(value) is not None


def _is_chain(value: Any) -> bool:
    return isinstance(value, str) and _CHAIN.fullmatch(value) is not None


def _is_way(value: Any) -> bool:
    # not imported before the first paint, which does not need it
    from sim.mail.message.real_arrivals import WAYS

    return value in WAYS


_LETTER: dict[str, _Check] = {
    "envelope_from": _is_text,
    "recipients": _is_texts,
    "subject": _is_text,
    "size": _is_count,
    "spool": _is_text,
    "way": _is_way,
}
_ASSIGNMENT: dict[str, _Check] = {
    "role": _is_text,
    "starts_ms": _is_time,
    "takes_ms": _is_time,
    "answers_ms": _is_time_or_none,
    "draws": _is_count_or_none,
    "approver": _is_text,
    "person": _is_text,
    "unless": _is_texts,
}
_MAY_BE_MISSING = {"answers_ms", "draws", "approver", "person", "unless"}
_AT_TABLE: dict[str, _Check] = {"seat": _is_text, "person": _is_text}
_SHAPES: dict[str, dict[str, _Check]] = {
    "command": {"text": _is_text},
    "table": {"text": _is_text, **_AT_TABLE},
    "letter": {"letter": _is_letter},
    "bookmark": {"text": _is_text},
    "look": {"text": _is_text},
    "stop-at": {"text": _is_text},
    "settled": {"effect": _is_count},
}
_LAUNCH: dict[str, _Check] = {
    "lab": _is_mark,
    "mode": _is_text,
    "speed": _is_speed,
    "smtp_port": _is_port,
    "mail_server_port": _is_port,
    "console": lambda value: isinstance(value, bool),
    "runbook": _is_text,
    "plan": lambda value: isinstance(value, dict),
    "run": _is_count,
    "table": _is_texts,
}
_PARENT: dict[str, _Check] = {"drill": _is_text, "header": _is_chain, "entry": _is_chain, "t": _is_time}
