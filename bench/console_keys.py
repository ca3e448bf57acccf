"""`python -m bench.console_keys`: the time from a key to its paint, on a pty, at 10,000 users and x3600.

A drill is played headless up to an hour before the outage's end, then resumed in the console; keys are typed
through the rest of the outage and the recovery. Linux only.

    python -m bench.console_keys [SCENARIO…]
"""

import fcntl
import os
import pty
import select
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

from sim.drill.session.load import load_scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS

MXDRILL = Path(sys.executable).with_name("mxdrill")
SCENARIOS = ("exchange-down", "gateway-down", "m365-offline")
USERS, SPEED = 10_000, 3600
APART_S = 0.1
LONGEST_S = 30
"""Of typing: more than a day of the drill."""
P95_MS, LONGEST_MS = 50, 100
"""Goals."""


def journal_before_the_end(name: str) -> tuple[Path, float]:
    """The journal of a drill without commands, an hour before its outage ends; and the seconds that the rest
    takes at full speed.
    """
    path = Path(tempfile.mkdtemp()) / "bench.jsonl"
    scenario = load_scenario(name, {"users": str(USERS)})
    session = Session.start(scenario, 1, path, {"mode": "guided", "speed": SPEED})
    session.advance(scenario.outage_end_ms - HOUR_MS)
    session.close()
    at_ms = session.now_ms
    play(session, None)
    return path, (session.now_ms - at_ms) / 1000 / SPEED


class Console:
    """`mxdrill resume` on a pty."""

    def __init__(self, journal: Path) -> None:
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(MXDRILL, [str(MXDRILL), "resume", str(journal), "--speed", str(SPEED)])
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 48, 160, 0, 0))

    def read_until(self, sign: bytes, within_s: float) -> bool:
        """True if `sign` has been painted within that time."""
        seen, until_s = b"", time.perf_counter() + within_s
        while (left_s := until_s - time.perf_counter()) > 0:
            if select.select([self._terminal], [], [], left_s)[0]:
                seen += os.read(self._terminal, 1 << 16)
                if sign in seen:
                    return True
        return False

    def key_ms(self, key: bytes) -> float:
        """Type a letter that is nowhere else on the screen; the time until it is painted."""
        began_s = time.perf_counter()
        os.write(self._terminal, key)
        if not self.read_until(key, 10):
            raise RuntimeError(f"the key {key!r} was not painted within 10 s")
        return (time.perf_counter() - began_s) * 1000

    def rest(self, for_s: float) -> None:
        """Take what is painted meanwhile."""
        self.read_until(b"\0never painted", for_s)

    def write(self, keys: bytes) -> None:
        os.write(self._terminal, keys)

    def leave(self) -> None:
        self.write(b"\x11")
        try:
            while os.read(self._terminal, 1 << 16):
                pass
        except OSError:  # it has closed its side
            pass
        os.waitpid(self.pid, 0)
        os.close(self._terminal)


LETTERS = ("ж", "ю", "ф", "щ", "э", "ы")
"""Typed in turn: no pane shows them."""


def keys_ms(name: str) -> list[float]:
    """The time of each key, until shortly before the drill is over and takes no more commands."""
    journal, lasts_s = journal_before_the_end(name)
    console = Console(journal)
    if not console.read_until(b"Internet", 120):
        raise RuntimeError("the console did not open the drill")
    console.rest(1)
    console.write(b" ")  # a resumed drill is paused
    found: list[float] = []
    until_s = time.perf_counter() + min(LONGEST_S, 0.9 * lasts_s)
    while time.perf_counter() < until_s:
        found.append(console.key_ms(LETTERS[len(found) % len(LETTERS)].encode()))
        console.rest(APART_S)
    console.leave()
    return found


def main() -> None:
    """Print median, 95th percentile and longest."""
    for name in sys.argv[1:] or SCENARIOS:
        taken = sorted(keys_ms(name))
        p95 = taken[len(taken) * 95 // 100]
        figures = f"p50 {statistics.median(taken):5.0f}   p95 {p95:5.0f}   longest {taken[-1]:5.0f}"
        missed = "  missed" if p95 > P95_MS or taken[-1] > LONGEST_MS else ""
        print(f"{name:20} key to paint, ms: {figures}   goals: {P95_MS} and {LONGEST_MS}{missed}")


if __name__ == "__main__":
    main()
