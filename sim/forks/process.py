"""The process that holds a drill and its copies; it has no threads, terminal, sockets or journal.

The process reads requests from its standard input and answers each on its standard output, until its input
ends. Its arguments are further channels, `READS:WRITES`: on request, a fork of it serves each of them.
"""

import os
import signal
import sys
from functools import partial
from typing import Any, Literal

from sim.drill.facilitation.inputs import Input
from sim.forks.forked_drill import ForkedDrill
from sim.forks.origin import DrillOrigin, Reading
from sim.forks.pipe import PipeClosed, is_abandoned, receive, send

MOST_BYTES = 8 << 30
"""Maximum address space of each process, so that a faulty run does not exhaust the machine's memory."""

LESS_URGENT = 10
"""Number added to the nice value of processes that hold copies: on a busy machine, the screen takes
precedence over them.
"""

Request = (
    tuple[Literal["follow"], tuple[Input, ...], int]
    | tuple[Literal["play"], tuple[Input, ...], int, Reading]
    | tuple[Literal["ahead"], tuple[Reading, ...]]
    | tuple[Literal["share"]]
)
Ends = tuple[int, int]
"""File descriptors of a channel: requests are read from the first and answered on the second."""


def main() -> None:
    """Serve one drill, whose start is the first message."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(LESS_URGENT)
    _bound_memory()
    channels = [_own_pipes(), *map(_ends, sys.argv[1:])]
    reads, writes = channels[0]
    try:
        origin = receive(reads)
        if not isinstance(origin, DrillOrigin):
            return
        files = [end for one in channels for end in one]
        drill = ForkedDrill(origin, files, partial(is_abandoned, writes), sets=len(channels))
        while True:
            request = receive(reads)
            if request == ("share",):
                reads, writes = _shared(drill, channels)
            send(writes, _reply(drill, request))
    except PipeClosed:
        return  # the asking process has ended; the copies end because their pipes close


def _ends(argument: str) -> Ends:
    reads, _, writes = argument.partition(":")
    return int(reads), int(writes)


def _shared(drill: ForkedDrill, channels: list[Ends]) -> Ends:
    """Fork a process for each channel except the first; each keeps only its own channel."""
    own = next((number for number in range(1, len(channels)) if os.fork() == 0), 0)
    for number, ends in enumerate(channels):
        if number != own:
            os.close(ends[0])
            os.close(ends[1])
    drill.answers_from(own)
    channels[:] = [channels[own]]
    return channels[0]


def _reply(drill: ForkedDrill, request: Request) -> Any:
    match request:
        case ("share",):
            return drill.kept()
        case ("follow", inputs, to_ms):
            return drill.follow(inputs, to_ms)
        case ("play", inputs, at_ms, reading):
            return drill.play(inputs, at_ms, reading)
        case ("ahead", readings):
            return drill.play_ahead(readings)


def _own_pipes() -> tuple[int, int]:
    """Standard input and output under other numbers: no other code in the process may use them."""
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
