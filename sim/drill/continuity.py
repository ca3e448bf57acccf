"""Continuity events in a drill: started, extended, ended, lapsed; and telling users how to get in."""

from typing import TYPE_CHECKING

import numpy as np

from sim.drill.build import channels_of
from sim.mail.users import ContinuityEvent

if TYPE_CHECKING:
    from sim.drill.drill import Drill


class Continuity:
    """What people do about continuity, at the drill's now."""

    def __init__(self, drill: "Drill") -> None:
        self._drill, self._users = drill, drill.world.users
        self._channels = channels_of(drill.scenario)

    def start(self, for_ms: int) -> None:
        drill = self._drill
        drill.helpdesk.count(drill.now_ms)
        self._users.start_event(drill.now_ms, drill.now_ms + for_ms)
        drill.world.users_changed()
        self._lapse_at(drill.now_ms + for_ms)
        drill.reach("continuity.active")

    def extend(self, by_ms: int) -> int:
        """Add `by_ms` to the event in force; returns when it ends now."""
        event = self._users.events[-1]
        event.end_ms += by_ms
        self._drill.world.users_changed()
        self._lapse_at(event.end_ms)
        return event.end_ms

    def end(self, how: str) -> None:
        drill = self._drill
        drill.helpdesk.count(drill.now_ms)
        self._users.end_event(drill.now_ms)
        drill.world.users_changed()
        drill.reach("continuity.ended")
        if how == "lapsed":
            drill.say("monitor", "Continuity Portal", "the continuity event has lapsed")

    def _lapse_at(self, moment_ms: int) -> None:
        event = self._users.events[-1]

        def lapse() -> None:
            if event.end_ms == self._drill.now_ms and not event.over:
                self.end("lapsed")

        self._drill.at(moment_ms, lapse)

    def tell(self, via: str) -> int:
        """Tell all users over a channel; returns how many it reaches."""
        drill = self._drill
        drill.helpdesk.count(drill.now_ms)
        reached = self._users.tell(drill.now_ms, self._channels[via])
        drill.world.users_changed()
        return reached

    # What people can find out

    def in_force(self) -> ContinuityEvent | None:
        events = self._users.events
        return events[-1] if events and self._drill.now_ms < events[-1].end_ms else None

    def users_in(self) -> int:
        """Users whose apps are in an event now."""
        return int(
            self._users.in_continuity(np.arange(self._users.count), np.int64(self._drill.now_ms)).sum()
        )
