"""How `make test` deals out the files, and what holds for every property."""

from collections import OrderedDict
from typing import Any

import pytest
from hypothesis import settings

from tests.dealt import SHARED, ByWaiting, waits
from tests.examples import TIMES, examples

TREE = ["drills/a", "drills/b", "live/a", "live/b", "live/c", "tui/a", "unit/a"]
FILES = [f"tests/{name}.py" for name in TREE]


class Worker:
    """A worker that only notes what it is to run."""

    def __init__(self) -> None:
        self.files: list[str] = []

    def send_runtest_some(self, numbers: list[int]) -> None:
        self.files += [FILES[number] for number in numbers]


class Dealing(ByWaiting):
    """Deals out `FILES`, each with one test, to workers that have nothing yet."""

    def __init__(self, workers: list[Worker]) -> None:
        self.workqueue = OrderedDict((name, {name: False}) for name in FILES)
        self.assigned_work: dict[Any, dict[str, dict[str, bool]]] = {worker: {} for worker in workers}
        self.registered_collections = dict.fromkeys(workers, FILES)

    def deal(self, worker: Worker) -> str:
        """The file that the worker gets once it has run all that it had."""
        for tests in self.assigned_work[worker].values():
            tests.update(dict.fromkeys(tests, True))
        self._assign_work_unit(worker)  # type: ignore[arg-type]
        return worker.files[-1].removeprefix("tests/").removesuffix(".py")


def test_one_worker_at_a_time_has_files_that_wait() -> None:
    first, second = Worker(), Worker()
    dealing = Dealing([first, second])
    assert [dealing.deal(first), dealing.deal(second)] == ["live/a", "drills/a"]
    assert [dealing.deal(second), dealing.deal(first)] == ["drills/b", "live/b"]
    assert [dealing.deal(first), dealing.deal(second)] == ["live/c", "unit/a"]


def test_the_last_files_go_to_whoever_is_free() -> None:
    first, second = Worker(), Worker()
    dealing = Dealing([first, second])
    assert dealing.deal(first) == "live/a"
    rest = [dealing.deal(second) for _ in FILES[1:]]
    assert rest == [
        "drills/a",
        "drills/b",
        "unit/a",
        "live/b",
        "live/c",
        "tui/a",
    ]


def test_files_that_read_the_same_drills_go_to_one_worker() -> None:
    scope = ByWaiting._split_scope
    dealing = Dealing([])
    assert scope(dealing, "tests/drills/test_figures_add_up.py::test_a[x]") == SHARED
    assert scope(dealing, "tests/drills/test_lengths.py::test_a[x]") == "tests/drills/test_lengths.py"
    assert not waits(SHARED)


@pytest.mark.parametrize("of", [settings(), examples(3)], ids=["no settings", "examples"])
def test_no_property_depends_on_the_speed_of_the_machine_or_on_chance(of: settings) -> None:
    assert of.deadline is None
    assert of.derandomize == (TIMES == 1)
    assert "too_slow" in {check.name for check in of.suppress_health_check}
