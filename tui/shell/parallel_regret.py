"""The runs of a regret study on all cores: in processes that hold no journal and print nothing."""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.study.cost import RunCost
    from sim.study.regret import Runs, Subject, Variation


@contextmanager
def on_all_cores(subject: "Subject") -> "Iterator[Runs]":
    """Runs of `subject` spread over the machine's cores, with their number on a terminal's standard error.

    Processes are spawned, never forked: a fork would copy threads of numerical libraries half-way.
    """
    with ProcessPoolExecutor(os.cpu_count() or 1, get_context("spawn")) as pool:

        def runs(variations: "Sequence[Variation]") -> "list[RunCost]":
            found = []
            for number, cost in enumerate(pool.map(subject.cost, variations), 1):
                found.append(cost)
                _progress(number, len(variations))
            return found

        yield runs


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\rregret: {done} of {of} runs", end="\n" if done == of else "", file=sys.stderr, flush=True)
