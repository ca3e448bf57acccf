"""Finds the commands that a line in a player's own words may mean, by their words and synonyms.

Deterministic: the same line gives the same proposals. A word of the line counts if a command contains it, and
counts more the fewer commands contain it. A match with the command's own words counts three times as much as
one with its summary.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from functools import cache
from itertools import product
from typing import Any

from sim.drill.commands.command import Command
from sim.drill.commands.registry import COMMANDS
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation

MOST = 3
"""Largest number of commands proposed for one line."""
_OF_COMMAND, _OF_SUMMARY = 3.0, 1.0
"""Weight of a match with a word of the command itself, and of a match with a word of its summary."""
_UNASKED = 0.75
"""Weight subtracted for each word of the command that is missing from the line."""
_BY_SYNONYM = 0.8
"""Share of the weight for which a match through a synonym counts."""
_EQUAL = 1e-9
_ENOUGH = 1.5
"""A command is proposed only if it has at least this weight."""
_HALF = 0.5
"""A command is not proposed if its weight is less than this share of the likeliest command's."""

SYNONYMS: Mapping[str, str] = {
    "outbound": "outgoing out leaving sending send",
    "inbound": "incoming in receiving arriving",
    "backup": "fallback spare reserve secondary",
    "secondary": "backup second",
    "direct": "directly straight",
    "everybody": "everyone anybody anyone",
    "users": "user staff everyone everybody employees colleagues people workforce",
    "executives": "management board ceo directors bosses leadership",
    "partners": "customers suppliers clients customer",
    "notify": "tell inform announce update message warn communicate publish",
    "phone": "call ring telephone dial hotline",
    "vendor": "provider supplier support manufacturer",
    "gateway-vendor": "vendor provider supplier support",
    "microsoft": "m365 o365 office365 exchangeonline",
    "server-team": "server exchange admins team",
    "helpdesk": "desk servicedesk",
    "pause": "stop hold halt suspend freeze",
    "resume": "restart continue restore unpause",
    "deliveries": "delivery delivering",
    "connector": "route routing reroute path relay smarthost",
    "continuity": "emergency failover portal",
    "start": "activate enable launch begin declare trigger turn",
    "end": "stop deactivate disable finish close",
    "extend": "lengthen longer prolong retention",
    "retry": "resend redeliver flush again reattempt",
    "reject": "refuse drop discard delete",
    "bounce": "return ndr",
    "queue": "queued backlog waiting",
    "status": "state health page",
    "check": "look see verify inspect",
    "show": "list see look display view read",
    "mx": "record dns zone",
    "gateway": "filter",
    "ttl": "lifetime cache",
    "set": "change switch point move put use lower raise",
    "mta-sts": "mtasts sts",
    "policy": "policies",
    "lock": "restriction bypass",
    "firewall": "port25",
    "open": "allow permit unlock",
    "close": "shut block relock",
    "approve": "approval permission authorise authorize clearance signoff",
    "exposure": "opening openings bypass",
    "prove": "proof demonstrate confirm",
    "openings": "opening register holes",
    "diagnose": "diagnosis broken cause fault failed",
    "disk": "volume space storage",
    "free": "clear truncate",
    "track": "trace find search locate follow",
    "probe": "test port smtp telnet reachable",
    "test": "try prove verify",
    "alerts": "alert alarm alarms",
    "ack": "acknowledge",
    "sms": "text texts",
    "signin": "sign login logon log",
    "break-glass": "breakglass emergency",
    "readiness": "spf dkim dmarc ready",
    "arrivals": "arriving logs log",
    "handover": "handoff relieve shift",
    "cancel": "undo withdraw abort",
    "decide": "decision decided",
    "note": "write record minute",
    "permissions": "permission apps allowed",
    "filter-rule": "spam junk rule",
    "enhanced-filtering": "skiplisting enhanced",
    "no": "not against never",
    "limit": "throttle slow",
    "estimate": "eta long when",
}  # fmt: skip
"""Synonyms for words that occur in commands."""
_COMMON_WORDS = """
a an and are as at be been but by can could do does for from get has have i if is it its let lets like ll
me mr my need now of on or our ours please s should so some that the their them then there they thing this
to up us want was we what will with would you your mail mails email emails messages traffic through via
over until back all
"""
_COMMON = frozenset(_COMMON_WORDS.split())
"""Words that do not distinguish one command from another."""
_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DURATION = re.compile(r"\b(\d{1,4})\s*(d|day|h|hour|hr|m|min|minute|s|sec|second)s?\b")
_NUMBER = re.compile(r"\b(\d{1,6})\b")
_ENDINGS = ("ing", "ed", "es", "s", "e")
_SHORTEST_STEM = 4


def meant(text: str, organisation: Organisation, rules: HouseRules, most: int = MOST) -> tuple[str, ...]:
    """Up to `most` commands that `text` may mean here, the likeliest first; empty if nothing fits."""
    said = {_stem(word) for word in _WORD.findall(text.lower()) if word not in _COMMON}
    said |= {_stem(part) for word in said if "-" in word for part in word.split("-")}
    found: list[tuple[float, int, str]] = []
    for place, kind in enumerate(COMMANDS):
        if kind.not_here(organisation, rules) is None and (best := _best(kind, said, text)) is not None:
            found.append((-best[0], place, best[1]))
    found.sort()
    enough = max(_ENOUGH, -found[0][0] * _HALF) if found else 0.0
    return tuple(command for weight, _place, command in found[:most] if -weight >= enough)


def _best(kind: type[Command], said: set[str], text: str) -> tuple[float, str] | None:
    """The likeliest command of that kind, with its weight; None if the line lacks something that the
    command needs.
    """
    best: tuple[float, str] | None = None
    for parts in product(*(_values(field, text) for field in fields(kind))):
        chosen = [(field, value) for field, value in zip(fields(kind), parts, strict=True) if value]
        words = [*kind.words, *(word for one in chosen for word in _words(*one))]
        weight = _weight(kind, words, said)
        written = [f"{key}={value}" if (key := field.metadata["key"]) else value for field, value in chosen]
        if best is None or weight > best[0] + _EQUAL:
            best = weight, " ".join([*kind.words, *written])
    return best


def _weight(kind: type[Command], words: list[str], said: set[str]) -> float:
    """The weight of a command with those words; each word of the line counts once."""
    used: set[str] = set()
    weight = 0.0
    for word in words:
        hit = _hit(word, said)
        used |= hit
        full = _OF_COMMAND * _rarity(_stem(word))
        weight += (full if _stem(word) in hit else full * _BY_SYNONYM) if hit else -_UNASKED
    return weight + sum(_OF_SUMMARY * _rarity(stem) for stem in said & _summary(kind) - used)


def _words(field: "Field[Any]", value: str) -> list[str]:
    """Words to look for in the line as a field's value; none for a duration or a text, which are taken
    from the line itself.
    """
    return value.split("+") if field.metadata["choices"] else []


def _values(field: "Field[Any]", text: str) -> list[str]:
    """Values of the field that the line may mean. An empty value: the field is left out. No values: the
    field cannot be filled in.
    """
    left_out = [] if field.default is MISSING else [""]
    if field.metadata["choices"]:
        return [*left_out, *field.metadata["choices"]]
    if field.metadata["kind"] == "duration":
        if found := _DURATION.search(text.lower()):
            return [f"{found[1]}{found[2][0]}"]
        if field.metadata["in_seconds"] and (found := _NUMBER.search(text)):
            return [found[1]]
    if field.metadata["kind"] == "text" and not left_out:
        return [text]
    return left_out


def _hit(word: str, said: set[str]) -> set[str]:
    """The words of the line that stand for a word of a command: the word itself, all its parts, or a
    synonym.
    """
    own, parts, synonyms = _stems(word)
    if found := own & said:
        return found
    return set(parts) if parts and parts <= said else synonyms & said


@cache
def _stems(word: str) -> tuple[set[str], set[str], set[str]]:
    """Stems for a word of a command: those of the word itself, of its parts, and of its synonyms."""
    parts = set(map(_stem, word.split("-"))) if "-" in word else set[str]()
    return {_stem(word)}, parts, set(map(_stem, SYNONYMS.get(word, "").split()))


def _summary(kind: type[Command]) -> frozenset[str]:
    """Stems of the command's summary."""
    return _stems_of(kind.__doc__ or "")


@cache
def _stems_of(doc: str) -> frozenset[str]:
    told = doc.partition("\n")[0].lower()
    return frozenset(_stem(word) for word in _WORD.findall(told) if word not in _COMMON)


@cache
def _counts() -> Counter[str]:
    """The number of kinds of commands that contain each stem."""
    return Counter(stem for kind in COMMANDS for stem in set(_vocabulary(kind)))


def _vocabulary(kind: type[Command]) -> Iterator[str]:
    yield from (_stem(word) for word in kind.words)
    yield from _summary(kind)
    for field in fields(kind):
        yield from (_stem(word) for choice in field.metadata["choices"] for word in choice.split("+"))


@cache
def _rarity(stem: str) -> float:
    """The rarity of a stem: from 0 for a word of every command to 1 for a word of only one."""
    return 1.0 - math.log(max(1, _counts()[stem])) / math.log(len(COMMANDS) + 1)


def _stem(word: str) -> str:
    """The word without its ending."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word.removesuffix(ending)
    return word
