"""The process that holds copies ends when its asker has ended, also in the middle of a long way to go."""

import subprocess
import sys

import pytest

from sim.forks.copies import AVAILABLE

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="copies are made by fork on Linux")

FOLLOW = """
from itertools import chain, repeat
from operator import attrgetter
from sim.drill.session.load import load_scenario
from sim.forks.forked_drill import ForkedDrill
from sim.forks.origin import DrillOrigin
from sim.forks.pipe import PipeClosed
answers = chain((False, False), repeat(True))
origin = DrillOrigin(load_scenario("exchange-down", {"users": "20", "outage": "120h"}), 1)
drill = ForkedDrill(origin, abandoned=lambda: next(answers))
try:
    drill.follow((), 100 * 3_600_000)
except PipeClosed:
    print("ended", drill.play((), 3_600_000, attrgetter("now_ms")))
"""


def test_following_stops_when_the_asker_has_ended() -> None:
    words = [sys.executable, "-c", FOLLOW]
    found = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert (found.stdout, found.stderr) == ("ended 3600000\n", "")
