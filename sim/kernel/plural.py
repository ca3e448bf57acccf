"""Singular and plural in sentences that count things."""


def counted(number: int, thing: str) -> str:
    """`1 message`, `1,204 messages`; `thing` in the singular, with an -s in the plural."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
