"""The copies of a drill, seen from the process that plays it: requests to the process that holds them."""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

from sim.drill.facilitation.inputs import Input
from sim.forks.child import NoAnswer
from sim.forks.forked_drill import Kept
from sim.forks.origin import DrillOrigin, Reading
from sim.forks.pipe import PipeClosed, receive, send

AVAILABLE = sys.platform == "linux" and bool(sys.executable)
"""True if a process can be copied and its memory is known. Without that, a replay gives the same answers."""


class CopiesLost(Exception):
    """The process that holds the copies is gone or gave no answer; a replay gives it instead."""


class DrillCopies:
    """Copies of one drill at earlier moments, in a process of their own. Its methods wait for the answer.

    They may be called from several threads; one request is served at a time.
    """

    def __init__(self, origin: DrillOrigin) -> None:
        """Start the process; it is ready about a second later. Raises CopiesLost.

        `origin` is sent with the first request, since a new process does not read at once.
        """
        self.kept = Kept(0, 0)
        self._unsent: DrillOrigin | None = origin
        self._turn = threading.Lock()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from sim.forks.process import main; main()"],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,  # a closed terminal or Ctrl+C is for the console
            )
        except OSError as why:
            raise CopiesLost(f"no process for copies: {why.strerror}") from None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout

    @property
    def pid(self) -> int:
        """Id of the process."""
        return self._process.pid

    def follow(self, inputs: Sequence[Input], to_ms: int) -> Kept:
        """Bring them up to the drill, which has had `inputs` and is at `to_ms`. Raises CopiesLost."""
        self.kept = self._ask(("follow", tuple(inputs), to_ms))
        return self.kept

    def play(self, inputs: Sequence[Input], at_ms: int, reading: Reading) -> Any:
        """As `ReplayedDrill.play`, from the nearest copy. Raises CopiesLost."""
        return self._ask(("play", tuple(inputs), at_ms, reading))

    def play_ahead(self, inputs: Sequence[Input], at_ms: int, readings: Sequence[Reading]) -> list[Any]:
        """Each of `readings` of the drill, which has had `inputs` and is at `at_ms`. Raises CopiesLost."""
        self.follow(inputs, at_ms)
        found: list[Any] = self._ask(("ahead", tuple(readings)))
        for one in found:
            if isinstance(one, NoAnswer):
                raise CopiesLost(one.why)
        return found

    def _ask(self, request: Any) -> Any:
        with self._turn:
            try:
                if self._unsent is not None:
                    send(self._to.fileno(), self._unsent)
                    self._unsent = None
                send(self._to.fileno(), request)
                answer = receive(self._from.fileno())
            except (PipeClosed, ValueError) as why:  # ValueError: closed by this side
                raise CopiesLost(str(why)) from None
        if isinstance(answer, NoAnswer):
            raise CopiesLost(answer.why)
        return answer

    def close(self) -> None:
        """End the process and all its copies, whatever they are doing."""
        self._process.kill()
        self._process.wait()
        with self._turn:
            for end in (self._to, self._from):
                with contextlib.suppress(OSError):
                    end.close()


def _environment() -> dict[str, str]:
    """The environment of this process, with the places of its modules; numerical libraries must not start
    threads.
    """
    places = [place or os.getcwd() for place in sys.path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(places), "OPENBLAS_NUM_THREADS": "1"}
