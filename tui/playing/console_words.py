"""Commands of the console itself, which affect the clock and the screen, not the world."""

from dataclasses import dataclass

WORDS: dict[str, tuple[str, str]] = {
    "jump event": ("jump('event')", "advance to the next event (at most 12 h ahead), then pause"),
    "jump decision": ("jump('decision')", "advance to the next decision that is due, then pause"),
    "jump end": ("jump('end')", "advance to the end of the drill"),
    "stop-at alert": ("stop_at('alert')", "pause at the first alert, call or ticket; again: turn this off"),
    "stop-at objective": ("stop_at('objective')", "pause when an objective is not met; again: turn this off"),
    "stop-at free": ("stop_at('free')", "pause when a person is free again; again: turn this off"),
    "rewind": (
        "rewind(-15)",
        "show the drill as it was 15 min ago; also `rewind 2h`, `rewind T+3:10`",
    ),
    "bookmark": ("bookmark", "bookmark this moment; a name can follow"),
    "ports": ("ports", "show the ports for real mail and DNS, if the drill has a lab"),
    "end now": ("app.end_now", "end the drill permanently, and open the debrief"),
}
"""For each word, the console's action and its effect."""

_WITH_MORE = {
    "rewind": ("rewind_to", "show the drill as it was then"),
    "bookmark": ("bookmark", "bookmark this moment under that name"),
}
"""Words that take an argument, with the action that receives it."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A word of the console, with its action."""

    words: str
    action: str
    does: str


def meant(text: str) -> Meant | None:
    """The word of the console that equals `text`; None if there is none."""
    typed = " ".join(text.split())
    first, _, rest = typed.partition(" ")
    if rest and first in _WITH_MORE:
        action, does = _WITH_MORE[first]
        return Meant(typed, f"{action}({rest!r})", does)
    return Meant(typed, *WORDS[typed]) if typed in WORDS else None


def complete(text: str) -> list[str]:
    """Lines that complete `text` by one word."""
    found = []
    for words in WORDS:
        if words.startswith(text) and words != text:
            rest = words[len(text) :]
            found.append(text + rest[: rest.index(" ", 1)] if " " in rest[1:] else words)
    return list(dict.fromkeys(found))


def begun(text: str) -> list[str]:
    """The console's commands that begin with the first word of `text`, for a hint; empty if there are
    none.
    """
    first = text.split()[:1]
    return [words for words in WORDS if words.split()[:1] == first]
