"""The staff who carry out commands: one task at a time, in the order in which they were given, in working
hours.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sim.drill.organisation.working_hours import next_duty_ms, on_duty, parse_hours
from sim.drill.room.delays import wait_ms
from sim.kernel.frozen import frozen


class Employee(Protocol):
    """A person who carries out commands: from the organisation's file, or added by a plan."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def also(self) -> Sequence[str]: ...
    @property
    def hours(self) -> str | None: ...
    @property
    def on_call_minutes(self) -> Sequence[int] | None: ...


@frozen
class Newcomer:
    """A person named in a plan whose role is not in the organisation's file."""

    id: str
    name: str
    role: str
    hours: str | None = None
    also: tuple[str, ...] = ()
    on_call_minutes: tuple[int, ...] | None = None


@frozen
class Task:
    """A command on which a person works in [starts_ms, done_ms)."""

    text: str
    starts_ms: int
    done_ms: int
    told_ms: int | None = None
    """The duration of the task as known in advance; None if it is unknown."""


@dataclass(slots=True)
class Desk:
    """A person and their tasks."""

    person: Employee
    tasks: list[Task] = field(default_factory=list)
    calls_out: int = 0
    """The number of times that the person was called out of hours."""

    def free_at_ms(self, now_ms: int) -> int:
        return max([now_ms, *(task.done_ms for task in self.tasks[-1:])])

    def doing(self, now_ms: int) -> str:
        """The person's current task, or the task for which they have been called out; empty when free."""
        ahead = next((task for task in self.tasks if now_ms < task.done_ms), None)
        if ahead is None:
            return ""
        return ahead.text if ahead.starts_ms <= now_ms else f"called for: {ahead.text}"

    def done_told_ms(self, now_ms: int) -> int | None:
        """The end of the current task as known now; None if there is no task, or if its end is unknown."""
        at = next((task for task in self.tasks if now_ms < task.done_ms), None)
        if at is None or at.starts_ms > now_ms or at.told_ms is None or at.starts_ms + at.told_ms <= now_ms:
            return None
        return at.starts_ms + at.told_ms

    def free_told_ms(self, now_ms: int) -> int | None:
        """The time at which the person will be free, as known now; None if it is unknown, or overdue."""
        ahead = [task for task in self.tasks if now_ms < task.done_ms]
        if not ahead:
            return now_ms
        if ahead[0].starts_ms > now_ms:
            return None
        spans = [task.told_ms for task in ahead]
        known = [span for span in spans if span is not None]
        end_ms = ahead[0].starts_ms + sum(known)
        overdue = spans[0] is not None and ahead[0].starts_ms + spans[0] <= now_ms
        return None if overdue or len(known) < len(spans) else end_ms


class Staff:
    """All staff, found by role; among several people with a role, the first who can start."""

    def __init__(
        self,
        people: Iterable[Employee],
        stays_ms: int,
        seed: int = 0,
        starts_utc_ms: int = 0,
        zone: str = "UTC",
    ) -> None:
        """`stays_ms`: how long people stay at work after their last task, regardless of their hours. The
        drill starts at `starts_utc_ms`; working hours are in the time zone `zone`.
        """
        self._stays_ms = stays_ms
        self.desks = [Desk(person) for person in people]
        self._seed, self._starts_utc_ms, self._zone = seed, starts_utc_ms, zone
        self._taken_over: dict[str, Desk] = {}

    def desk_for(
        self, role: str, now_ms: int = 0, starts_ms: Callable[[Desk, int], int] | None = None
    ) -> Desk:
        """The person who carries out commands of `role`. `starts_ms`: the start of a task given at that time
        to a person; None: as in `starts_ms` of this class.

        The commands go to the person to whom the role was handed over, if there is one. Otherwise they go to
        the first person with the role who can start; while no one with the role is on duty, stand-ins on duty
        count as well. If the organisation does not have anyone for the role, they go to the first person in
        its file.
        """
        if role in self._taken_over:
            return self._taken_over[role]
        own = [desk for desk in self.desks if desk.person.role == role]
        stand_ins = [desk for desk in self.desks if role in desk.person.also]
        candidates = [*own, *(desk for desk in stand_ins if self.on_duty(desk, now_ms))]
        if not candidates:
            return (stand_ins or self.desks)[0]
        if any(self.on_duty(desk, now_ms) for desk in own):
            candidates = own
        could_start_ms = starts_ms or self.starts_ms
        return min(candidates, key=lambda desk: could_start_ms(desk, now_ms))

    def keyed(self, key: int | None) -> Callable[[Desk, int], int]:
        """`starts_ms`, with the draws of that key."""
        return lambda desk, now_ms: self.starts_ms(desk, now_ms, key)

    def join(self, people: Iterable[Employee]) -> None:
        """From now on, these people work here too."""
        self.desks += [Desk(person) for person in people]

    def anyone(self, role: str, now_ms: int) -> Desk:
        """The person for `role` if they can start now; otherwise the first person on duty who is free."""
        desk = self.desk_for(role, now_ms)
        if self.starts_ms(desk, now_ms) == now_ms:
            return desk
        idle = (one for one in self.desks if one.free_at_ms(now_ms) == now_ms and self.on_duty(one, now_ms))
        return next(idle, desk)

    def within_reach(self, role: str, now_ms: int) -> bool:
        """True if the work of `role` can be done now: by a person on duty, or on call for it."""
        return any(
            self.on_duty(desk, now_ms)
            or (desk.person.role == role and desk.person.on_call_minutes is not None)
            for desk in self.desks
            if role in (desk.person.role, *desk.person.also)
        )

    def on_duty(self, desk: Desk, moment_ms: int) -> bool:
        """True if the person is at work at that moment: in their hours, or shortly after a task."""
        if desk.person.hours is None or (desk.tasks and moment_ms < desk.free_at_ms(0) + self._stays_ms):
            return True
        return on_duty(parse_hours(desk.person.hours), self._starts_utc_ms + moment_ms, self._zone)

    def at_work(self, role: str, moment_ms: int) -> bool:
        """True if a person with that role, or a stand-in, is at work at that moment."""
        able = [desk for desk in self.desks if role in (desk.person.role, *desk.person.also)]
        return any(self.on_duty(desk, moment_ms) for desk in able)

    def starts_ms(self, desk: Desk, now_ms: int, key: int | None = None) -> int:
        """The start of a task given now to that person.

        Outside their hours, they start after an on-call request, or when their next working hours begin.
        `key`: key of the draw of the time after a request; None: the number of earlier on-call requests.
        """
        free_ms = desk.free_at_ms(now_ms)
        if free_ms > now_ms or self.on_duty(desk, now_ms) or desk.person.hours is None:
            return free_ms
        next_ms = (
            next_duty_ms(parse_hours(desk.person.hours), self._starts_utc_ms + now_ms, self._zone)
            - self._starts_utc_ms
        )
        if desk.person.on_call_minutes is None:
            return next_ms
        key = desk.calls_out if key is None else key
        called_ms = wait_ms(self._seed, f"{desk.person.id} called out", key, desk.person.on_call_minutes)
        return min(now_ms + called_ms, next_ms)

    def starts_told_ms(self, desk: Desk, now_ms: int) -> int | None:
        """The start of a task given now, as known in advance; None if it is unknown."""
        if desk.free_at_ms(now_ms) > now_ms:
            return desk.free_told_ms(now_ms)
        if not self.on_duty(desk, now_ms) and desk.person.on_call_minutes is not None:
            return None
        return self.starts_ms(desk, now_ms)

    def give(
        self,
        role: str,
        text: str,
        hands_on_ms: int,
        now_ms: int,
        told_ms: int | None = None,
        *,
        anyone: bool = False,
        called_out: Callable[[int], int] = int,
    ) -> tuple[Desk, Task]:
        """Give a command to the person for `role`, after their earlier tasks; `anyone`: see `anyone`.

        A command without hands-on time does not need a call-out and does not wait. `told_ms`: the duration of
        the command as known in advance. `called_out`: for the number of earlier on-call requests, the key of
        the draw of the time after this one.
        """
        desk = self.anyone(role, now_ms) if anyone else self.desk_for(role, now_ms)
        if not hands_on_ms:
            return desk, Task(text, now_ms, now_ms)
        starts_ms = self.starts_ms(desk, now_ms, called_out(desk.calls_out))
        return desk, self.occupy(desk, text, starts_ms, starts_ms + hands_on_ms, told_ms)

    def occupy(self, desk: Desk, text: str, starts_ms: int, done_ms: int, told_ms: int | None = None) -> Task:
        """Occupy the person with `text` over that time, after their earlier tasks."""
        if not self.on_duty(desk, starts_ms):
            desk.calls_out += 1
        task = Task(text, max(starts_ms, desk.free_at_ms(0)), done_ms, told_ms)
        desk.tasks.append(task)
        return task

    def hand_over(self, role: str, to: Desk) -> None:
        """Have `to` carry out the commands of `role` from now on."""
        self._taken_over[role] = to

    def has(self, role: str, person: str) -> bool:
        """True if commands of `role` go only to that person: after a handover, or as the only holder of
        the role.
        """
        if role in self._taken_over:
            return self._taken_over[role].person.id == person
        return [desk.person.id for desk in self.desks if desk.person.role == role] == [person]

    def named(self, person: str) -> Desk | None:
        """The desk of the person with that id."""
        return next((desk for desk in self.desks if desk.person.id == person), None)
