"""A pipe says when no process reads from it any more."""

import os

import pytest

from sim.forks.copies import AVAILABLE
from sim.forks.pipe import is_abandoned

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="copies are made by fork on Linux")


def test_a_pipe_is_abandoned_once_no_process_can_read_from_it() -> None:
    reads, writes = os.pipe()
    assert not is_abandoned(writes)
    os.close(reads)
    assert is_abandoned(writes)
    os.close(writes)
