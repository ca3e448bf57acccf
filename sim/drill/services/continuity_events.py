"""Continuity events in a drill: their start, extension, end and expiry, and the updates that explain them to
users.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.drill.room.delays import cause_key
from sim.drill.room.events import EventKind
from sim.drill.scenario.build_users import channels_of
from sim.drill.scenario.milestones import Milestone
from sim.drill.scenario.scenario import Scenario
from sim.drill.services.helpdesk import Helpdesk
from sim.kernel.duration import NEVER_MS
from sim.kernel.quantities import counted
from sim.mail.users.membership import ContinuityEvent
from sim.mail.users.users import Users
from sim.mail.world import World

ALL = "all"


class Surroundings(Protocol):
    """The parts of a drill on which continuity depends."""

    @property
    def now_ms(self) -> int:
        """The current time of the drill."""

    @property
    def scenario(self) -> Scenario: ...

    @property
    def world(self) -> World: ...

    @property
    def helpdesk(self) -> Helpdesk: ...

    def at(self, moment_ms: int, act: Callable[[], None]) -> None:
        """Do `act` at `moment_ms`, which must not be in the past."""

    def say(self, kind: EventKind, source: str, text: str) -> None:
        """Record an event that has happened now."""

    def reach(self, milestone: Milestone) -> None:
        """Record that a milestone has been reached."""

    def event_over(self) -> None:
        """Called when a continuity event has just ended or expired."""


class Continuity:
    """Continuity events as people start, extend and end them, at the drill's current time."""

    def __init__(self, drill: Surroundings) -> None:
        self._drill = drill
        self._channels = channels_of(drill.scenario)
        self._settings = drill.scenario.organisation.gateway.continuity_events
        self._groups = [group.group for group in drill.scenario.organisation.groups]
        self.texts_users = self._settings.texts_users
        """True if the SMS service notifies the users of an event when it starts."""
        self.numbers_done = False
        """True if the users' numbers have been corrected."""
        self._cloud_until_ms = 0
        """The time until which apps accept passwords that do not need the directory."""
        self._names: list[tuple[str, str]] = []
        """For each event, its group and the person who started it."""

    # What people do

    @property
    def _users(self) -> Users:
        return self._drill.world.users

    def start(
        self, for_ms: int, group: str = ALL, at_ms: int | None = None, by: str = "", key: int | None = None
    ) -> ContinuityEvent:
        """Start an event for `group` that lasts `for_ms`, from `at_ms` (None: now). `key`: key of its draws;
        None: its number.
        """
        drill, begins_ms = self._drill, self._drill.now_ms if at_ms is None else at_ms
        drill.helpdesk.count(drill.now_ms)
        members = self.members(group)
        event = self._users.start_event(drill.now_ms, begins_ms + for_ms, begins_ms, members, key)
        self._names.append((group, by))
        drill.world.users_changed()
        self._lapse_at(event)
        if begins_ms == drill.now_ms:
            self._begins(event)
        else:
            drill.at(begins_ms, lambda: self._begins(event))
        return event

    def _begins(self, event: ContinuityEvent) -> None:
        if event.over:
            return
        if self.texts_users and "sms" in self._channels:
            self._text_users(event, event.key)
        if self._covers_most():
            self._drill.reach(Milestone.CONTINUITY_ACTIVE)

    def _text_users(self, event: ContinuityEvent, key: int | None) -> None:
        """Have the SMS service notify the event's users. Like any update, this counts if it reaches more
        than half of all users. `key`: see `tell`.
        """
        drill = self._drill
        drill.helpdesk.count(drill.now_ms)
        sms, until_ms = self._channels["sms"], self.word_until()
        reached = self._users.tell(drill.now_ms, sms, until_ms, event.who, key=key)
        drill.world.users_changed()
        text = f"{counted(reached, 'user')} notified by text message which app to use{self._whose(event)}"
        drill.say("monitor", "SMS service", text)
        if reached > self._users.count // 2:
            drill.reach(Milestone.USERS_TOLD)

    def _whose(self, event: ContinuityEvent) -> str:
        """The colleague who started the event, for a message about it; empty if the event was started by a
        command in this drill.
        """
        by = self.started_by(event)
        return f"; {by} started this event" if by else ""

    def _covers_most(self) -> bool:
        """True if the events in force cover at least 90 % of the users who cannot reach the mail server."""
        users, now_ms = self._users, self._drill.now_ms
        covered = np.zeros(users.count, dtype=np.bool_)
        for event in self.events():
            if event.start_ms <= now_ms:
                covered |= event.who
        concerned = (
            users.absences.lost if users.absences.anyone_lost else np.ones(users.count, dtype=np.bool_)
        )
        return int((covered & concerned).sum()) * 10 >= int(concerned.sum()) * 9

    def extend(self, by_ms: int, event: ContinuityEvent) -> int:
        """Add `by_ms` to the event's remaining time; returns the new end."""
        event.end_ms += by_ms
        self._drill.world.users_changed()
        self._lapse_at(event)
        return event.end_ms

    def end(self, how: str, event: ContinuityEvent) -> None:
        drill = self._drill
        drill.helpdesk.count(drill.now_ms)
        self._users.end_event(drill.now_ms, event)
        drill.world.users_changed()
        drill.event_over()
        if not self.in_force():
            drill.reach(Milestone.CONTINUITY_ENDED)
        if how == "lapsed":
            which = (
                "the continuity event" if len(self._names) == 1 else f"continuity event {event.number + 1}"
            )
            drill.say("monitor", "Continuity Portal", f"{which} has lapsed{self._whose(event)}")

    def _lapse_at(self, event: ContinuityEvent) -> None:
        def lapse() -> None:
            if event.end_ms == self._drill.now_ms and not event.over:
                self.end("lapsed", event)

        self._drill.at(event.end_ms, lapse)

    def tell(
        self, via: str, until_ms: int | None = None, *, advises: bool = False, key: int | None = None
    ) -> int:
        """Notify all users over a channel; returns the number of users reached.

        `until_ms`: the time up to which that update keeps them from calling (None: for as long as updates
        do). `advises`: the update asks users not to send anything again. `key`: key of the update's draws;
        None: the number of updates so far.
        """
        drill = self._drill
        drill.helpdesk.count(drill.now_ms)
        holds_ms = self.word_until() if until_ms is None else until_ms
        channel = self._channels[via]
        reached = self._users.tell(drill.now_ms, channel, holds_ms, advises=advises, key=key)
        drill.world.users_changed()
        return reached

    def permit(self, app: str, group: str, from_ms: int) -> None:
        """Permit `app` for `group` (or for all users) from then on."""
        number = [one.app for one in self._drill.scenario.organisation.apps].index(app)
        some = (
            range(len(self._users.membership.ways.permitted_ms))
            if group == ALL
            else (self._groups.index(group),)
        )
        for one in some:
            self._users.membership.ways.permit(one, number, from_ms)
        self._users.ways_changed(self._drill.now_ms)
        self._drill.world.users_changed()

    def subscribe_users(self, key: int | None = None) -> None:
        """Have the SMS service notify users from now on, and the users of events in force at once.

        `key`: key of the command's draws; None: the number of updates so far.
        """
        self.texts_users = True
        for event in self.events():
            if event.start_ms <= self._drill.now_ms:
                own = None if key is None else cause_key(f"subscribed by {key}", event.draws)
                self._text_users(event, own)

    @property
    def sms_percent(self) -> int:
        """Share of users with a number that the SMS service can use; 0 without the channel."""
        return self._channels["sms"].reaches_percent if "sms" in self._channels else 0

    def numbers_corrected(self, percent: int) -> None:
        """Add this further share of users to those with a number that the SMS service can use, from now
        on.
        """
        sms = self._channels["sms"]
        most = min(100, sms.reaches_percent + percent)
        self._channels = {**self._channels, "sms": replace(sms, reaches_percent=most)}
        self.numbers_done = True

    def take_cloud_passwords(self, from_ms: int) -> None:
        """Let apps accept passwords that do not need the directory, from then on."""
        self._users.membership.ways.take_cloud_passwords(from_ms)
        self._cloud_until_ms = NEVER_MS
        self._users.ways_changed(self._drill.now_ms)
        self._drill.world.users_changed()

    def ask_directory(self, from_ms: int) -> None:
        """Let apps use the directory again from `from_ms` on. The directory answers now, so no user loses
        an event.
        """
        self._users.membership.ways.ask_directory()
        self._cloud_until_ms = from_ms

    @property
    def cloud_passwords_work(self) -> bool:
        """True if the apps accept passwords that do not need the directory, now or soon."""
        return self._drill.now_ms < self._cloud_until_ms

    # Facts that people can find out

    def groups(self) -> list[str]:
        """Names that commands take for a group."""
        return [ALL, *self._groups]

    def members(self, group: str) -> NDArray[np.bool_]:
        """The users in `group`."""
        if group == ALL:
            return np.ones(self._users.count, dtype=np.bool_)
        inside: NDArray[np.bool_] = self._users.membership.ways.group == self._groups.index(group)
        return inside

    def events(self) -> list[ContinuityEvent]:
        """Events in force or planned, oldest first."""
        now_ms = self._drill.now_ms
        return [event for event in self._users.membership.events if not event.over and now_ms < event.end_ms]

    def in_force(self) -> ContinuityEvent | None:
        """The newest event in force."""
        now_ms = self._drill.now_ms
        return next((event for event in reversed(self.events()) if event.start_ms <= now_ms), None)

    def found(self, which: str) -> ContinuityEvent | None:
        """The event that `newest` or a number refers to in a command; None if there is no such event."""
        if which == "newest":
            return next(iter(reversed(self.events())), None)
        return next((event for event in self.events() if str(event.number + 1) == which), None)

    def group_of(self, event: ContinuityEvent) -> str:
        return self._names[event.number][0]

    def started_by(self, event: ContinuityEvent) -> str:
        """The colleague who started the event; empty if it was started in this drill."""
        return self._names[event.number][1]

    def users_in(self, event: ContinuityEvent | None = None) -> int:
        """Users whose apps are now connected to that event, or to any event."""
        now_ms = self._drill.now_ms
        if event is not None:
            return int(((event.since_ms <= now_ms) & (event.start_ms <= now_ms)).sum())
        return int(self._users.membership.in_continuity(np.arange(self._users.count), np.int64(now_ms)).sum())

    def word_until(self) -> int:
        """The time until which an update sent now keeps users from calling if it does not promise a
        next one.
        """
        holds_ms = self._drill.scenario.organisation.calls.word_holds_ms
        return NEVER_MS if holds_ms is None else self._drill.now_ms + holds_ms
