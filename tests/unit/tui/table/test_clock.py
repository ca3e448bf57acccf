"""The clock of a table: the facilitator's speed and freeze, and how late the process is."""

from dataclasses import dataclass, field

from sim.drill.session.journal import DiskFull
from tests.tui.conftest import Wall
from tui.table.clock import TableClock


@dataclass
class Driven:
    now_ms: int = 0
    ended: bool = False
    frozen: bool = False
    speed: float = 60.0
    raises: Exception | None = None
    marks: list[bool] = field(default_factory=list)

    def advance(self, to_ms: int) -> None:
        self.now_ms = to_ms

    def mark(self, *, digest: bool = False) -> None:
        if self.raises is not None:
            raise self.raises
        self.marks.append(digest)


def test_it_follows_speed_and_freeze() -> None:
    wall, exercise = Wall(), Driven()
    clock = TableClock(exercise, wall, lambda line: None)
    wall.go(0.1)
    clock.frame()
    assert exercise.now_ms == 6_000
    exercise.speed = 600.0
    wall.go(0.1)
    clock.frame()
    assert exercise.now_ms == 66_000
    assert clock.pace.speed == 600
    exercise.frozen = True
    wall.go(0.1)
    clock.frame()
    assert exercise.now_ms == 66_000
    assert clock.pace.paused
    exercise.frozen = False
    wall.go(0.1)
    clock.frame()
    assert exercise.now_ms == 126_000  # the frozen time is not caught up


def test_a_full_disk_is_reported_once_and_the_exercise_goes_on() -> None:
    wall, exercise, told = Wall(), Driven(raises=DiskFull("journal: no space left")), []
    clock = TableClock(exercise, wall, told.append)
    for _ in range(5):
        wall.go(0.4)
        clock.frame()
    assert told == ["journal: no space left; the exercise continues"]
    assert exercise.now_ms > 119_000


def test_the_lag_of_the_process_is_measured_and_fades() -> None:
    wall = Wall()
    clock = TableClock(Driven(), wall, lambda line: None)
    wall.go(5)  # the doors are opened
    clock.frame()
    assert clock.late_s == 0
    wall.go(0.35)
    clock.frame()
    assert round(clock.late_s, 2) == 0.30
    for _ in range(200):
        wall.go(0.05)
        clock.frame()
    assert clock.late_s < 0.01


def test_a_great_lag_is_reported_once_a_minute() -> None:
    wall, told = Wall(), []
    clock = TableClock(Driven(), wall, told.append)
    for _ in range(5):
        wall.go(2)
        clock.frame()
    assert len(told) == 1
    assert told[0].startswith("this computer is 1.9")
    wall.go(61)
    clock.frame()
    assert len(told) == 2
