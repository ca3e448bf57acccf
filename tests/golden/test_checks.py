"""The stored checks of the shipped plans are what `mxdrill check` prints: `make test` compares two runs
of each, `make test-long` the whole document.
"""

import pytest

from sim.drill.organisation.shipped_files import shipped_names
from sim.drill.session.load_plan import load_plan
from sim.study.one_run import Study, run_of
from tests.examples import TIMES
from tests.golden.make_checks import RUNS, made, stored

NAMES = shipped_names("plans")
AGAIN = "after a meant change: python -m tests.golden.make_checks"


def test_each_shipped_plan_has_a_stored_check() -> None:
    assert list(RUNS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_check_is_that_of_the_plan(name: str) -> None:
    if TIMES > 1:
        assert made(name) == stored(name), AGAIN
    study, document = Study(load_plan(name), 1), stored(name)
    assert run_of(study, 1).digest == document["digests"]["first"], AGAIN
    assert run_of(study, document["runs"]).digest == document["digests"]["last"], AGAIN
    for one, kept in zip(study.loaded.plan.assumptions, document["assumptions"], strict=True):
        assert (one.id, one.says) == (kept["id"], kept["says"]), AGAIN
        assert one.within_ms == 1000 * kept["target_s"], AGAIN
        assert one.sure == 100 * int(kept["wanted"].rstrip("%")), AGAIN
