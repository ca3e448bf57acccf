"""Singular and plural in sentences that count things."""


def counted(number: int, thing: str) -> str:
    """A count with its noun: `1 message`, `1,204 messages`; `thing` is the singular, and the plural adds
    an -s.
    """
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
