"""The notations in which mail products write their settings, read as milliseconds or counts."""

import re

from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, format_duration, parse_duration
from sim.mail.platforms.platform_file import PlatformSetting
from sim.mail.platforms.retry.exim_rule import format_rules, parse_rules
from sim.mail.platforms.retry.host_clock import EximRule

Value = int | str | tuple[int, ...] | tuple[EximRule, ...]
"""The value of a setting: a duration in ms, a count, a word, a list of durations in ms, or Exim's retry
rules.
"""

_TIMESPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})")
_REPEATED = re.compile(r"(?:(\d{1,4})\*)?(\S+)")
_MOST_GAPS = 10_000


def parse_value(parameter: PlatformSetting, text: str) -> Value:
    """The value of `text` for `parameter`. A bare number is seconds. Raises ValueError with the mistake
    and the remedy, without the parameter's name.
    """
    text = text.strip()
    match parameter.type:
        case "duration":
            return parse_time(text)
        case "timespan":
            return _parse_timespan(text)
        case "durations":
            return tuple(parse_time(part) for part in re.split(r"[,:\s]+", text) if part)
        case "gaps":
            return parse_gaps(text)
        case "count":
            if not text.isdecimal() or len(text) > 9:
                raise ValueError(f"{text!r} is not a count; write a whole number such as {parameter.value}")
            return int(text)
        case "choice":
            if text not in parameter.choices:
                raise ValueError(f"{text!r} is not one of {', '.join(parameter.choices)}")
            return text
        case "exim-retry":
            return parse_rules(text)


def parse_time(text: str) -> int:
    """The duration `90s`, `1h30m`, `4d` or `1w` in milliseconds; a bare number is seconds."""
    if text.isdecimal() and len(text) <= 12:
        return int(text) * SECOND_MS
    return parse_duration(text)


def parse_gaps(text: str) -> tuple[int, ...]:
    """`1m 5m 9*1h 8h`: the gaps between attempts, in ms; the last one repeats without end."""
    gaps: list[int] = []
    for word in text.replace(",", " ").split():
        match = _REPEATED.fullmatch(word)
        times, gap = (int(match[1] or 1), parse_time(match[2])) if match else (0, 0)
        if not times or not gap:
            raise ValueError(f"{word!r} is not a gap; write gaps such as `1m 5m 9*1h 8h`, each above zero")
        gaps += [gap] * times
        if len(gaps) > _MOST_GAPS:
            raise ValueError(f"more than {_MOST_GAPS} gaps; leave out the rest, the last gap repeats")
    if not gaps:
        raise ValueError("no gaps; write gaps such as `1m 5m 9*1h 8h`")
    return tuple(gaps)


def _parse_timespan(text: str) -> int:
    """A time in Exchange's form `[days.]hh:mm:ss`, or a duration with units."""
    match = _TIMESPAN.fullmatch(text)
    if not match:
        try:
            return parse_time(text)
        except ValueError:
            raise ValueError(f"{text!r} is not a time span; write 00:15:00, 2.00:00:00 or 15m") from None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return days * DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS


def format_value(parameter: PlatformSetting, value: Value) -> str:
    """`value` in readable form; `parse_value` reads it back."""
    if isinstance(value, tuple):
        if parameter.type == "exim-retry":
            return format_rules(value)  # type: ignore[arg-type]
        if parameter.type == "gaps":
            return format_gaps(value)  # type: ignore[arg-type]
        return ", ".join(format_duration(part) for part in value if isinstance(part, int))
    if parameter.type in ("duration", "timespan") and isinstance(value, int):
        return format_duration(value)
    return str(value)


def format_gaps(gaps_ms: tuple[int, ...]) -> str:
    """Gaps in the form `1m 5m 9*1h 8h`."""
    words: list[str] = []
    index = 0
    while index < len(gaps_ms):
        run = index
        while run < len(gaps_ms) and gaps_ms[run] == gaps_ms[index]:
            run += 1
        times = run - index
        words.append(
            f"{times}*{format_duration(gaps_ms[index])}" if times > 1 else format_duration(gaps_ms[index])
        )
        index = run
    return " ".join(words)
