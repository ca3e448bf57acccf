"""The notations in which DNS products write their settings, read as integers and words."""

from sim.kernel.duration import LongerThanACentury, parse_duration, shortened
from sim.mail.dns.resolver_file import Number

Value = int | bool | str | frozenset[str] | tuple[int, ...]
"""The value of a setting: a time in ms, a count, a switch, a word, a set of record types or a table."""

SWITCHES = {"yes": True, "no": False, "true": True, "false": False, "on": True, "off": False}
LONGEST_TTL_MS = (2**31 - 1) * 1_000
"""The longest possible TTL: a TTL has 31 bits (RFC 2181 §8)."""
MOST = 10**9


def parse_value(number: Number, text: str) -> Value:
    """The value of `text` for `number`. A bare time is in the product's own unit, seconds or milliseconds.

    Raises ValueError with the mistake and the remedy, without the number's name.
    """
    text = text.strip()
    match number.type:
        case "seconds":
            return parse_ttl(text)
        case "milliseconds":
            return _count(text, number) if text.isdecimal() else parse_ttl(text)
        case "switch":
            return _switch(text)
        case "percent":
            return _at_most(_count(text.removesuffix("%"), number), 99)
        case "ppm":
            return _at_most(_count(text, number), 1_000_000)
        case "count":
            return _count(text, number)
        case "types":
            return frozenset(part.strip().upper() for part in text.split(",") if part.strip())
        case "window":
            return _window(text)
        case "span-or-switch":
            return _switch(text) if text in SWITCHES else parse_ttl(text)
        case "choice":
            if text not in number.choices:
                raise ValueError(f"{text!r} is not one of {', '.join(number.choices)}")
            return text
        case "table":
            return tuple(_count(part, number) for part in text.split())


def parse_ttl(text: str) -> int:
    """The time in ms that `3600`, `90s`, `1h` or `2d` means; a bare number is seconds. Raises ValueError."""
    typed = shortened(text)
    bare = text.isascii() and text.isdecimal()
    try:
        time_ms = parse_duration(f"{text}s" if bare else text)
    except LongerThanACentury:
        time_ms = LONGEST_TTL_MS + 1
    except ValueError:
        raise ValueError(f"{typed!r} is not a time; write seconds or a unit: 3600, 90s, 1h, 2d") from None
    if time_ms > LONGEST_TTL_MS:
        raise ValueError(
            f"{typed!r} is too long; the longest time is 2147483647 seconds (68 years, RFC 2181)"
        )
    return time_ms


def _switch(text: str) -> bool:
    if text.lower() not in SWITCHES:
        raise ValueError(f"{text!r} is not yes or no")
    return SWITCHES[text.lower()]


def _count(text: str, number: Number) -> int:
    if not text.isdecimal() or not text.isascii() or int(text[:10]) > MOST or len(text) > 10:
        raise ValueError(f"{text!r} is not a whole number; write one such as {number.value}")
    return int(text)


def _at_most(count: int, most: int) -> int:
    if count > most:
        raise ValueError(f"{count} is too much; the limit is {most}")
    return count


def _window(text: str) -> tuple[int, ...]:
    """BIND's `prefetch trigger [eligibility]`, in seconds; the second is at least six more."""
    words = text.replace(",", " ").split()
    if not 1 <= len(words) <= 2 or not all(word.isdecimal() and len(word) <= 6 for word in words):
        raise ValueError(f"{text!r} is not a prefetch window; write trigger and eligibility: 2 9")
    trigger = min(int(words[0]), 10)
    eligible = max(int(words[1]) if len(words) == 2 else 9, trigger + 6)
    return trigger * 1_000, eligible * 1_000
