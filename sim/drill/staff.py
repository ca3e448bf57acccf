"""The people who carry out commands: each does one thing at a time, in the order given."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sim.drill.staffing import Person


@dataclass(frozen=True, slots=True)
class Task:
    """A command in a person's hands over [starts_ms, done_ms)."""

    text: str
    starts_ms: int
    done_ms: int


@dataclass(slots=True)
class Desk:
    """A person and what they have been given."""

    person: Person
    tasks: list[Task] = field(default_factory=list)

    def free_at_ms(self, now_ms: int) -> int:
        return max([now_ms, *(task.done_ms for task in self.tasks[-1:])])

    def doing(self, now_ms: int) -> str:
        """The command being worked on now, empty when free."""
        return next((task.text for task in self.tasks if task.starts_ms <= now_ms < task.done_ms), "")


class Staff:
    """Everyone, found by role; the first of a role takes its commands."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.desks = [Desk(person) for person in people]

    def desk_for(self, role: str) -> Desk:
        """Who carries out commands of `role`; whoever stands first if the organisation has nobody for it."""
        return next((desk for desk in self.desks if desk.person.role == role), self.desks[0])

    def give(self, role: str, text: str, hands_on_ms: int, now_ms: int) -> tuple[Desk, Task]:
        """Put a command into the hands of `role`, after what that person has been given before."""
        desk = self.desk_for(role)
        starts_ms = desk.free_at_ms(now_ms)
        task = Task(text, starts_ms, starts_ms + hands_on_ms)
        if hands_on_ms:
            desk.tasks.append(task)
        return desk, task
