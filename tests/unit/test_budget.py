"""What a run may cost, in operations: seconds depend on the machine, these do not."""

import pytest

from sim.drill.player import play
from sim.drill.scenario_file import load_scenario
from sim.drill.session import Session
from sim.kernel.growing import Columns
from sim.mail.rows import Rows
from sim.mail.slots import Slots


class Counter:
    def __init__(self) -> None:
        self.rows = 0


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Rows whose attempts are counted, and rows that are moved into a column, in all."""
    counter = Counter()
    used, append = Slots.used, Columns.append

    def counting_used(self: Slots, rows: Rows, to_ms: int) -> object:
        counter.rows += len(rows)
        return used(self, rows, to_ms)

    def counting_append(self: Columns, columns: list[object]) -> None:
        counter.rows += len(columns[0])  # type: ignore[arg-type]
        append(self, columns)  # type: ignore[arg-type]

    monkeypatch.setattr(Slots, "used", counting_used)
    monkeypatch.setattr(Columns, "append", counting_append)
    return counter


def cost_of(outage: str, users: int, counted: Counter) -> tuple[float, int]:
    """Rows touched a message that was generated, and changes, of an outage in which nobody acts."""
    counted.rows = 0
    session = Session(load_scenario("exchange-down", {"users": str(users), "outage": outage}), 1, None)
    play(session, None)
    return counted.rows / sum(session.drill.world.generated()), session.drill.changes


def test_a_message_is_touched_a_few_times_however_often_it_is_retried(counted: Counter) -> None:
    short, _ = cost_of("31h", 200, counted)
    long, _ = cost_of("96h", 200, counted)
    assert short < 8
    assert long < 1.5 * short, "waiting costs nothing"


def test_what_conducts_does_not_grow_with_the_organisation(counted: Counter) -> None:
    _, few = cost_of("31h", 50, counted)
    _, many = cost_of("31h", 1000, counted)
    assert many < 600
    assert many < few + 50, "alerts, calls and injects only: no monitor's sample is a change"
