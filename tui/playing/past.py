"""An earlier moment of the drill on the console: replayed in a thread, to view or to branch from."""

import asyncio
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from sim.drill.room.events import HIDDEN_FROM_TRAINEE, Event
from sim.kernel.duration import drill_time, in_words
from tui.painting.grouped_events import GroupedEvents
from tui.painting.rows import Row
from tui.painting.view import Samples
from tui.playing.opened import Opened
from tui.playing.protocols import Marked, Replay, RunningDrill

if TYPE_CHECKING:  # loads the whole world, which the first paint does not need
    from sim.drill.session.earlier import DrillMoment

THERE = "this is an earlier moment: Esc goes back to the present, Enter on an empty line begins a branch here"
PATIENCE_S = 0.4
"""Length of a replay from which its progress is shown."""


class EarlierMoment:
    """An earlier moment of `drill`, with the parts that a view needs."""

    def __init__(self, moment: "DrillMoment", drill: RunningDrill, briefing: Event) -> None:
        self.snapshot, self.steps = moment.snapshot, moment.steps
        self.entries = GroupedEvents()
        events = drill.events()[: moment.events]
        seen = (event for event in events if event.kind not in HIDDEN_FROM_TRAINEE)
        self.entries.add([briefing, *seen])
        self.samples: Samples = lru_cache(maxsize=16)(partial(drill.series, plotted_ms=moment.plotted_ms))


class Past:
    """The moment that the console shows: the present (`moment` is None) or an earlier one."""

    def __init__(self, opened: Opened, briefing: Event, wall: Callable[[], float]) -> None:
        self._opened, self._briefing, self._wall = opened, briefing, wall
        self.moment: EarlierMoment | None = None
        self.aim_ms = 0
        """The moment that is shown, or that is being replayed."""
        self._replay: Replay | None = None
        self._began_s = 0.0
        self._marked: Sequence[Marked] = ()

    @property
    def shown(self) -> bool:
        """True while the console shows an earlier moment, or is replaying one."""
        return self.moment is not None or self._replay is not None

    @property
    def under_way(self) -> bool:
        """True while a moment is being replayed."""
        return self._replay is not None

    def refusal(self) -> str:
        """The reason why the drill cannot be rewound; empty if it can."""
        if self._opened.earlier is None:
            return "this drill cannot be rewound"
        if self._opened.mode == "exam" and not self._opened.drill.ended:
            return "exam: rewinding is off until the end of the drill"
        return ""

    def aim(self, t_ms: int) -> None:
        """Set that time as the target, or the nearest one that the drill has had."""
        if not self.shown:
            self._marked = self._opened.bookmarks()
        self.aim_ms = min(max(0, t_ms), self._opened.drill.now_ms)
        self._opened.follow()

    def near(self, by: int) -> int:
        """The bookmark before (-1) or after (1) the target; if there is none, the first or the last one."""
        moments = [one.t_ms for one in self._marked]
        if by < 0:
            return max((one for one in moments if one < self.aim_ms), default=0)
        return min((one for one in moments if one > self.aim_ms), default=self._opened.drill.now_ms)

    async def play(self) -> None:
        """Replay the drill up to the target, and show it."""
        if self._opened.earlier is None:
            return
        replay = self._opened.earlier(self.aim_ms)
        self._replay, self._began_s = replay, self._wall()
        try:
            moment = await asyncio.to_thread(replay.run)
        finally:
            replay.stop()  # if a newer target has cancelled this replay, its thread ends soon
            if self._replay is replay:
                self._replay = None
        if moment is not None:
            self.moment = EarlierMoment(moment, self._opened.drill, self._briefing)

    def leave(self) -> None:
        """Return to the present."""
        if self._replay is not None:
            self._replay.stop()
        self.moment, self._replay = None, None

    def rows(self, width: int) -> list[Row]:
        """The time shown, the bar with its bookmarks, and the keys."""
        now_ms, local = self._opened.drill.now_ms, self._opened.local
        where = local.day_clock(self.aim_ms, now_ms)
        back = in_words((now_ms - self.aim_ms) // 1000 * 1000) or "0 s"
        text = f"{where}, {back} ago{self._name()}"
        if self._replay is not None and self._wall() - self._began_s > PATIENCE_S:
            text = f"{where}: replaying … {self._replay.reached_ms * 100 // max(1, self.aim_ms)} %"
        keys = "Enter branch here · Esc present · , < . > move · [ ] bookmarks"
        kept = self._opened.kept_moments()
        room = width - 3 - len(text) - len(kept) - 2
        return [
            ((" ◀ ", "warn"), (text, "warn"), (f"{' ' * room}{kept} " if kept and room > 0 else "", "dim")),
            self._bar(width),
            ((" ", ""), (keys, "dim")),
        ]

    def _name(self) -> str:
        names = [one.name for one in self._marked if one.t_ms == self.aim_ms]
        return f" · {'; '.join(names)}" if names else ""

    def _bar(self, width: int) -> Row:
        """The bar from the start to the present: `◆` is a bookmark, `●` the time shown."""
        now_ms = max(1, self._opened.drill.now_ms)
        start, end = " T+0 ", f" now {drill_time(now_ms, seconds=False)}"
        cells = max(10, width - len(start) - len(end) - 1)
        line = ["─"] * cells
        for one in self._marked:
            line[min(cells - 1, one.t_ms * cells // now_ms)] = "◆"
        at = min(cells - 1, self.aim_ms * cells // now_ms)
        return (
            (start, "dim"),
            ("".join(line[:at]), "dim"),
            ("●", "warn"),
            ("".join(line[at + 1 :]), "dim"),
            (end, "dim"),
        )
