"""The summary of skipped time: its length, its events, and the figures that changed."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sim.drill.room.events import EVENT_NAMES, HIDDEN_FROM_TRAINEE, Event
from sim.kernel.duration import in_words
from sim.kernel.quantities import counted

_FIGURES = (("queue", "queue"), ("calls", "helpdesk calls"), ("inbound bounced", "bounced"))
"""Names of figures, each with its name in a summary."""


def meanwhile(
    span_ms: int, events: Sequence[Event], before: Mapping[str, int], after: Mapping[str, int]
) -> str:
    """The summary in one line: `33 min passed: 3 tickets, 1 call; queue 0 → 51`, or `nothing reached you` if
    there were no events.

    `before`, `after`: figures by name, as `figures_of` gives them.
    """
    seen = Counter(one.kind for one in events if one.kind not in HIDDEN_FROM_TRAINEE)
    told = [counted(seen[kind], name) for kind, name in EVENT_NAMES.items() if seen[kind]]
    moved = [
        f"{called} {before.get(name, 0):,} → {after.get(name, 0):,}"
        for name, called in _FIGURES
        if before.get(name, 0) != after.get(name, 0)
    ]
    parts = [", ".join(told) or "nothing reached you", *([", ".join(moved)] if moved else [])]
    return f"{in_words(span_ms // 1000 * 1000) or '0 s'} passed: {'; '.join(parts)}"
