"""Exim's retry rules as written in its configuration: `F,2h,15m; G,16h,1h,1.5; F,4d,6h`."""

import itertools
from collections.abc import Iterable
from typing import Literal

from sim.kernel.duration import SECOND_MS, format_duration, parse_duration
from sim.mail.platforms.retry.host_clock import EximRule

_FORM = "F,<cutoff>,<interval> or G,<cutoff>,<interval>,<factor>, such as F,2h,15m; G,16h,1h,1.5; F,4d,6h"


def parse_rules(text: str) -> tuple[EximRule, ...]:
    """The rules in `text`, with ascending cutoffs (Exim's specification, chapter 32). A line of a `begin
    retry` section (`* * F,…`) is also accepted. Raises ValueError.
    """
    rules = [_parse_rule(part.strip()) for part in _without_pattern(text).split(";") if part.strip()]
    if not rules:
        raise ValueError(f"no retry rule; write {_FORM}")
    for before, after in itertools.pairwise(rules):
        if after.cutoff_s <= before.cutoff_s:
            raise ValueError(f"the cutoff of {_format(after)} is not later than that of {_format(before)}")
    return tuple(rules)


def _without_pattern(text: str) -> str:
    words = text.split()
    return " ".join(words[2:]) if len(words) > 2 and words[0] == "*" == words[1] else text


def _parse_rule(text: str) -> EximRule:
    fields = [field.strip() for field in text.split(",")]
    letter = fields[0].upper()
    if letter == "H":
        raise ValueError(f"{text!r}: H draws its gaps at random and is not modelled; write {_FORM}")
    if (letter, len(fields)) not in (("F", 3), ("G", 4)):
        raise ValueError(f"{text!r} is not a retry rule; write {_FORM}")
    cutoff_s, interval_s = _seconds(fields[1]), _seconds(fields[2])
    if not interval_s or not cutoff_s:
        raise ValueError(f"{text!r}: cutoff and interval must be above zero; write {_FORM}")
    kind: Literal["F", "G"] = "F" if letter == "F" else "G"
    return EximRule(kind, cutoff_s, interval_s, _thousandths(fields[3]) if kind == "G" else 1000)


def _seconds(text: str) -> int:
    duration_ms = int(text) * SECOND_MS if text.isdecimal() else parse_duration(text)
    if duration_ms % SECOND_MS or duration_ms > 2**31 * SECOND_MS:
        raise ValueError(f"{text!r}: Exim counts in whole seconds; write for example 15m or 90s")
    return duration_ms // SECOND_MS


def _thousandths(text: str) -> int:
    whole, _, fraction = text.partition(".")
    if not whole.isdecimal() or (fraction and not fraction.isdecimal()) or len(whole) > 3:
        raise ValueError(f"{text!r} is not a factor; use a number such as 1.5")
    factor = int(whole) * 1000 + int((fraction + "000")[:3])
    if factor < 1000:
        raise ValueError(f"the factor {text} is below 1; use a number such as 1.5")
    return factor


def format_rules(rules: Iterable[EximRule]) -> str:
    """The rules as text; `parse_rules` reads it back."""
    return "; ".join(_format(rule) for rule in rules)


def _format(rule: EximRule) -> str:
    cutoff, interval = (format_duration(seconds * SECOND_MS) for seconds in (rule.cutoff_s, rule.interval_s))
    times = f"{rule.kind},{cutoff},{interval}"
    if rule.kind == "F":
        return times
    return f"{times},{rule.factor_thousandths // 1000}.{rule.factor_thousandths % 1000:03d}".rstrip(
        "0"
    ).rstrip(".")
