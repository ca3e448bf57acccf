"""The process that holds a drill and its copies: without threads, terminal, sockets or journal.

It reads requests from its standard input and answers each on its standard output, until its input ends.
"""

import os
import signal
from functools import partial
from typing import Any, Literal

from sim.drill.facilitation.inputs import Input
from sim.forks.forked_drill import ForkedDrill
from sim.forks.origin import DrillOrigin, Reading
from sim.forks.pipe import PipeClosed, is_abandoned, receive, send

MOST_BYTES = 8 << 30
"""Address space of each process, so that a run that goes wrong does not exhaust the machine."""

LESS_URGENT = 10
"""Added to the nice value: on a busy machine, the screen comes before the copies that follow it."""

Request = (
    tuple[Literal["follow"], tuple[Input, ...], int]
    | tuple[Literal["play"], tuple[Input, ...], int, Reading]
    | tuple[Literal["ahead"], tuple[Reading, ...]]
)


def main() -> None:
    """Serve one drill, whose start is the first message."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(LESS_URGENT)
    _bound_memory()
    reads, writes = _own_pipes()
    try:
        origin = receive(reads)
        if not isinstance(origin, DrillOrigin):
            return
        drill = ForkedDrill(origin, (reads, writes), partial(is_abandoned, writes))
        while True:
            send(writes, _reply(drill, receive(reads)))
    except PipeClosed:
        return  # the process that asks has ended; the copies end with this one's pipes


def _reply(drill: ForkedDrill, request: Request) -> Any:
    match request:
        case ("follow", inputs, to_ms):
            return drill.follow(inputs, to_ms)
        case ("play", inputs, at_ms, reading):
            return drill.play(inputs, at_ms, reading)
        case ("ahead", readings):
            return drill.play_ahead(readings)


def _own_pipes() -> tuple[int, int]:
    """Standard input and output under other numbers: nothing else in the process may write there."""
    reads, writes = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return reads, writes


def _bound_memory() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
