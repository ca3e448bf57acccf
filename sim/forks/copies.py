"""The copies of a drill, from the side of the process that runs it: sends requests to the process that has
the copies.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from queue import SimpleQueue
from typing import Any

from sim.drill.facilitation.inputs import Input
from sim.forks.child import NoAnswer
from sim.forks.forked_drill import Kept
from sim.forks.origin import DrillOrigin, Reading
from sim.forks.pipe import PipeClosed, receive, send

AVAILABLE = sys.platform == "linux" and bool(sys.executable)
"""True if a process can be copied and its memory use is known. If not, answers come from a replay, and are
the same.
"""


class CopiesLost(Exception):
    """The process with the copies is gone or did not answer; a replay gives the answer instead."""


class DrillCopies:
    """Copies of one drill at earlier moments, in a process of their own. Every method waits for its answer.

    The methods may be called from several threads. Runs are served one at a time, or `at_once` after `share`.
    """

    def __init__(self, origin: DrillOrigin, at_once: int = 1) -> None:
        """Start the process; it is ready about a second later. Raises CopiesLost.

        `origin` is sent with the first request, because a new process does not read immediately.
        """
        self.kept = Kept(0, 0)
        pipes = [(os.pipe(), os.pipe()) for _ in range(at_once)]
        theirs = [(reads, writes) for (reads, _), (_, writes) in pipes]
        self._channels = [_Channel(to, source) for (_, to), (source, _) in pipes]
        self._channels[0].unsent.append(origin)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, *(f"{reads}:{writes}" for reads, writes in theirs[1:])],
                stdin=theirs[0][0],
                stdout=theirs[0][1],
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,  # a hang-up or Ctrl+C concerns only the console
                pass_fds=[end for one in theirs[1:] for end in one],
            )
        except OSError as why:
            for channel in self._channels:
                channel.close()
            raise CopiesLost(f"no process for copies: {why.strerror}") from None
        finally:
            for end in [end for ends in theirs for end in ends]:
                os.close(end)
        self._free: SimpleQueue[_Channel] = SimpleQueue()
        """The channels over which a run can be requested."""
        self._free.put(self._channels[0])

    @property
    def pid(self) -> int:
        """Id of the process."""
        return self._process.pid

    def follow(self, inputs: Sequence[Input], to_ms: int) -> Kept:
        """Bring the copies up to date with the drill, which has had `inputs` and is at `to_ms`. Raises
        CopiesLost.
        """
        self.kept = self._ask(self._channels[0], ("follow", tuple(inputs), to_ms))
        return self.kept

    def share(self) -> None:
        """From now on, serve `at_once` runs at a time, from the copies made by now. Raises CopiesLost."""
        self._ask(self._channels[0], ("share",))
        for one in self._channels[1:]:
            one.receive()  # the other process reports that it is running
            self._free.put(one)

    def play(self, inputs: Sequence[Input], at_ms: int, reading: Reading) -> Any:
        """Like `ReplayedDrill.play`, from the nearest copy. Raises CopiesLost."""
        channel = self._free.get()
        try:
            return self._ask(channel, ("play", tuple(inputs), at_ms, reading))
        finally:
            self._free.put(channel)

    def play_ahead(self, inputs: Sequence[Input], at_ms: int, readings: Sequence[Reading]) -> list[Any]:
        """The answers to `readings` of the drill, which has had `inputs` and is at `at_ms`. Raises
        CopiesLost.
        """
        self.follow(inputs, at_ms)
        found: list[Any] = self._ask(self._channels[0], ("ahead", tuple(readings)))
        for one in found:
            if isinstance(one, NoAnswer):
                raise CopiesLost(one.why)
        return found

    def _ask(self, channel: "_Channel", request: Any) -> Any:
        answer = channel.ask(request)
        if isinstance(answer, NoAnswer):
            raise CopiesLost(answer.why)
        return answer

    def close(self) -> None:
        """End the process and all its copies, whatever they are doing."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)  # its process group, which includes all copies
            self._process.wait()
        for one in self._channels:
            one.close()


class _Channel:
    """Requests to one process, one at a time, from any thread. Raises CopiesLost if it is gone."""

    def __init__(self, to: int, source: int) -> None:
        self._to, self._from = to, source
        self._turn = threading.Lock()
        self.unsent: list[Any] = []
        """Messages without an answer, sent before the first request."""

    def ask(self, request: Any) -> Any:
        """Send `request` and return the answer."""
        with self._turn:
            try:
                while self.unsent:
                    send(self._to, self.unsent.pop(0))
                send(self._to, request)
                return receive(self._from)
            except PipeClosed as why:
                raise CopiesLost(str(why)) from None

    def receive(self) -> Any:
        """Send a request that has no answer."""
        with self._turn:
            try:
                return receive(self._from)
            except PipeClosed as why:
                raise CopiesLost(str(why)) from None

    def close(self) -> None:
        """Close both ends; the other process has ended."""
        with self._turn:
            for end in {self._to, self._from} - {_CLOSED}:
                os.close(end)
            self._to = self._from = _CLOSED


_PROGRAM = "from sim.forks.process import main; main()"
_CLOSED = -1


def _environment() -> dict[str, str]:
    """The environment of this process, with the paths of its modules; numerical libraries must not start
    threads.
    """
    places = [place or os.getcwd() for place in sys.path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(places), "OPENBLAS_NUM_THREADS": "1"}
