"""Figures that have just changed: they are marked for two seconds of wall time."""

from collections.abc import Mapping

from sim.drill.snapshot.console import Snapshot

SHOWN_S = 2.0
UP, DOWN, SAME = "▲", "▼", " "


class Marks:
    """Figures by name, and the wall time at which each last changed. Wall time is an argument and is never
    read here.
    """

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._changed: dict[str, tuple[float, str]] = {}

    def update(self, figures: Mapping[str, int], wall_s: float) -> None:
        """Add the figures at one moment; a figure that is seen for the first time counts as unchanged."""
        for name, value in figures.items():
            before = self._seen.get(name)
            if before is not None and before != value:
                self._changed[name] = (wall_s, UP if value > before else DOWN)
            self._seen[name] = value
        self._changed = {
            name: (at, glyph) for name, (at, glyph) in self._changed.items() if wall_s - at < SHOWN_S
        }

    def of(self, name: str) -> str:
        """`▲` or `▼` if the figure changed within the last two seconds, otherwise a space."""
        changed = self._changed.get(name)
        return changed[1] if changed else SAME

    @property
    def any(self) -> bool:
        """True if a mark still has to be removed."""
        return bool(self._changed)


def figures_of(snapshot: Snapshot) -> dict[str, int]:
    """The figures of a snapshot that are marked when they change, by name."""
    queue = snapshot.queue
    figures = {
        "queue": queue.depth,
        "oldest": -1 if queue.oldest_ms is None else queue.oldest_ms // 60_000,
        "users-in": snapshot.continuity.users_in,
        "calls": snapshot.helpdesk.calls,
        "last-hour": snapshot.helpdesk.last_hour,
        "pilots": snapshot.helpdesk.pilots_work,
        "going-out": snapshot.protection.connector.waiting,
    }
    for name, number in queue.bands:
        figures[f"band {name}"] = number
    for direction, accounts in snapshot.ledger:
        for account, figure in accounts:
            figures[f"{direction} {account}"] = figure.count
    return figures
