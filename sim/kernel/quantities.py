"""Counts and sizes in words, for people."""

KB, MB, GB = 10**3, 10**6, 10**9
"""Decimal: a kilobyte has 1,000 bytes."""


def counted(number: int, thing: str) -> str:
    """A count with its noun: `1 message`, `1,204 messages`; `thing` is the singular, and the plural adds
    an -s.
    """
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def size_in_words(size_bytes: int) -> str:
    """A size as a console shows it, with at least two digits: `3.9 GB`, `240 MB`, `8 kB`."""
    for unit, name in ((GB, "GB"), (MB, "MB"), (KB, "kB")):
        if size_bytes >= unit:
            tenths = (10 * size_bytes + unit // 2) // unit
            return (
                f"{tenths // 10}.{tenths % 10} {name}"
                if tenths < 100
                else f"{(size_bytes + unit // 2) // unit:,} {name}"
            )
    return f"{size_bytes} B"
