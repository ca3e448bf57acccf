"""The people who carry out commands: each does one thing at a time, in the order given, in their hours."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sim.drill.organisation.staff_file import Person
from sim.drill.organisation.working_hours import next_duty_ms, on_duty, parse_hours
from sim.drill.room.delays import wait_ms


@dataclass(frozen=True, slots=True)
class Task:
    """A command in a person's hands over [starts_ms, done_ms)."""

    text: str
    starts_ms: int
    done_ms: int
    told_ms: int | None = None
    """How long it takes, as could be said beforehand; None: nobody could."""


@dataclass(slots=True)
class Desk:
    """A person and what they have been given."""

    person: Person
    tasks: list[Task] = field(default_factory=list)
    calls_out: int = 0
    """How often they have been called out of hours."""

    def free_at_ms(self, now_ms: int) -> int:
        return max([now_ms, *(task.done_ms for task in self.tasks[-1:])])

    def doing(self, now_ms: int) -> str:
        """The command being worked on now; what they are called for; empty when free."""
        ahead = next((task for task in self.tasks if now_ms < task.done_ms), None)
        if ahead is None:
            return ""
        return ahead.text if ahead.starts_ms <= now_ms else f"called for: {ahead.text}"

    def done_told_ms(self, now_ms: int) -> int | None:
        """When they are done with what they are at, as they would say now; None: nothing, or they cannot."""
        at = next((task for task in self.tasks if now_ms < task.done_ms), None)
        if at is None or at.starts_ms > now_ms or at.told_ms is None or at.starts_ms + at.told_ms <= now_ms:
            return None
        return at.starts_ms + at.told_ms

    def free_told_ms(self, now_ms: int) -> int | None:
        """When they are free again, as they would say now; None: they cannot say, or it is overdue."""
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
    """Everyone, found by role: of several people of a role, whoever can start first."""

    def __init__(
        self,
        people: Iterable[Person],
        stays_ms: int,
        seed: int = 0,
        starts_utc_ms: int = 0,
        zone: str = "UTC",
    ) -> None:
        """`stays_ms`: how long people stay at work after their last task, whatever their hours. The drill
        starts at `starts_utc_ms`; working hours are those of `zone`.
        """
        self._stays_ms = stays_ms
        self.desks = [Desk(person) for person in people]
        self._seed, self._starts_utc_ms, self._zone = seed, starts_utc_ms, zone
        self._taken_over: dict[str, Desk] = {}

    def desk_for(self, role: str, now_ms: int = 0) -> Desk:
        """Who carries out commands of `role`.

        Whoever has taken the role over; else who can start first among the people of the role, or,
        if that is sooner, among those who can stand in. Whoever stands first in the file if the
        organisation has nobody for it.
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
        return min(candidates, key=lambda desk: self.starts_ms(desk, now_ms))

    def within_reach(self, role: str, now_ms: int) -> bool:
        """Whether anybody could do what needs `role` now: at work, or on call for it."""
        return any(
            self.on_duty(desk, now_ms)
            or (desk.person.role == role and desk.person.on_call_minutes is not None)
            for desk in self.desks
            if role in (desk.person.role, *desk.person.also)
        )

    def on_duty(self, desk: Desk, moment_ms: int) -> bool:
        """Whether the person is at work at that moment: in their hours, or not long after a task."""
        if desk.person.hours is None or (desk.tasks and moment_ms < desk.free_at_ms(0) + self._stays_ms):
            return True
        return on_duty(parse_hours(desk.person.hours), self._starts_utc_ms + moment_ms, self._zone)

    def at_work(self, role: str, moment_ms: int) -> bool:
        """Whether somebody who has that role, or stands in for it, is at work at that moment."""
        able = [desk for desk in self.desks if role in (desk.person.role, *desk.person.also)]
        return any(self.on_duty(desk, moment_ms) for desk in able)

    def starts_ms(self, desk: Desk, now_ms: int) -> int:
        """When a person who is given something now starts with it.

        Out of hours that is when they have been called out, or with their next working hours.
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
        called_ms = wait_ms(
            self._seed, f"{desk.person.id} called out", desk.calls_out, desk.person.on_call_minutes
        )
        return min(now_ms + called_ms, next_ms)

    def starts_told_ms(self, desk: Desk, now_ms: int) -> int | None:
        """When they would start with something given now, as can be said; None: nobody can say."""
        if desk.free_at_ms(now_ms) > now_ms:
            return desk.free_told_ms(now_ms)
        if not self.on_duty(desk, now_ms) and desk.person.on_call_minutes is not None:
            return None
        return self.starts_ms(desk, now_ms)

    def give(
        self, role: str, text: str, hands_on_ms: int, now_ms: int, told_ms: int | None = None
    ) -> tuple[Desk, Task]:
        """Put a command into the hands of `role`, after what that person has been given before.

        What takes no time is done by whoever is there, at once. `told_ms`: how long they would say it takes.
        """
        desk = self.desk_for(role, now_ms)
        if not hands_on_ms:
            starts_ms = desk.free_at_ms(now_ms)
            return desk, Task(text, starts_ms, starts_ms)
        starts_ms = self.starts_ms(desk, now_ms)
        return desk, self.occupy(desk, text, starts_ms, starts_ms + hands_on_ms, told_ms)

    def occupy(self, desk: Desk, text: str, starts_ms: int, done_ms: int, told_ms: int | None = None) -> Task:
        """The person is busy with `text` over that time, after what they have been given before."""
        if not self.on_duty(desk, starts_ms):
            desk.calls_out += 1
        task = Task(text, max(starts_ms, desk.free_at_ms(0)), done_ms, told_ms)
        desk.tasks.append(task)
        return task

    def hand_over(self, role: str, to: Desk) -> None:
        """From now on `to` carries out the commands of `role`."""
        self._taken_over[role] = to

    def has(self, role: str, person: str) -> bool:
        """Whether commands of `role` go to that person and nobody else: taken over, or alone in the role."""
        if role in self._taken_over:
            return self._taken_over[role].person.id == person
        return [desk.person.id for desk in self.desks if desk.person.role == role] == [person]

    def named(self, person: str) -> Desk | None:
        """The desk of the person with that id."""
        return next((desk for desk in self.desks if desk.person.id == person), None)
