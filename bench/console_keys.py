"""`python -m bench.console_keys`: the time from a key to its paint, on a pty, at 10,000 users and x3600.

A drill is played headless up to an hour before the outage's end, then resumed in the console; keys are typed
through the rest of the outage and the recovery. Linux only.

    python -m bench.console_keys [--reference] [SCENARIO…]

`--reference`: the commands of the reference runbook are given before, and typed between the keys.

Other programs make each key wait for a core. The times are therefore also given without that wait, as Linux
counts it for each thread of the console and for this program, next to the shares of the machine.
"""

import argparse
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
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.console_slices import reference_of
from sim.drill.session.load import load_scenario, shipped_scenarios
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS

MXDRILL = Path(sys.executable).with_name("mxdrill")
USERS, SPEED = 10_000, 3600
APART_S = 0.1
PASTED_S = 0.5
"""Pause after a command, because no one types its hundred letters within a frame."""
OPENS_S = 600
"""Time allowed to a console for opening a drill, which it replays."""
LONGEST_S = 30
"""Duration of the typing: more than a day of the drill."""
P95_MS, LONGEST_MS = 50, 100
"""Goals."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The journal of a drill up to an hour before its outage ends; the seconds that the rest takes at full
    speed; and the commands still to be given, each with its second.
    """

    journal: Path
    lasts_s: float
    commands: deque[tuple[float, str]]


def begun(name: str, given: deque[tuple[int, str]]) -> Begun:
    """`given`: the commands, each with its moment in ms."""
    path = Path(tempfile.mkdtemp()) / "bench.jsonl"
    scenario = load_scenario(name, {"users": str(USERS)})
    at_ms = scenario.outage_end_ms - HOUR_MS
    session = Session.start(scenario, 1, path, {"mode": "guided", "speed": SPEED})
    play_until(session, at_ms, [one for one in given if one[0] < at_ms])
    session.close()
    whole = Session.start(scenario, 1, None)
    play_until(whole, at_ms + 2 * LONGEST_S * SPEED * 1000, given)
    later = deque(
        ((moment_ms - at_ms) / 1000 / SPEED, text) for moment_ms, text in given if moment_ms >= at_ms
    )
    return Begun(path, (whole.now_ms - at_ms) / 1000 / SPEED, later)


def play_until(session: Session, until_ms: int, given: Iterable[tuple[int, str]]) -> None:
    """Give the commands, and advance to that moment or to the end of the drill."""
    for moment_ms, text in given:
        session.advance(moment_ms)
        if not session.ended:
            session.dispatch(text)
    session.advance(until_ms)


@dataclass(frozen=True, slots=True)
class Key:
    """The time from a key to its paint, and the part of it in which a thread waited for a core, ms."""

    whole_ms: float
    waited_ms: float

    @property
    def alone_ms(self) -> float:
        """As on a machine without other programs; two threads may wait at the same time."""
        return max(0.0, self.whole_ms - self.waited_ms)


def waited_ms(pid: int) -> float:
    """Time that the threads of a process have waited for a core so far."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[1]) for task in tasks) / 1e6


def cpu_s(pid: int) -> float:
    """CPU time of a process and of its children that run: the console keeps copies of the drill in one."""
    found = 0.0
    for task in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = task.read_text().rpartition(")")[2].split()
        except OSError:  # the process has ended
            continue
        if pid in (int(task.parent.name), int(words[1])):
            found += (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return found


def busy_s() -> float:
    """CPU time of all programs since the machine started."""
    words = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return (sum(words) - words[3] - words[4]) / os.sysconf("SC_CLK_TCK")


_SCREEN = 1 << 16
"""Octets that a painted screen takes at most."""
_DEBRIEF = b"Debrief"


class Console:
    """`mxdrill resume` on a pty."""

    def __init__(self, journal: Path) -> None:
        self.pid, self._terminal = pty.fork()
        self._seen = b""
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(MXDRILL, [str(MXDRILL), "resume", str(journal), "--speed", str(SPEED)])
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 48, 160, 0, 0))

    def read_until(self, sign: bytes, within_s: float) -> bool:
        """True if `sign` has been painted within that time."""
        seen, until_s = b"", time.perf_counter() + within_s
        while (left_s := until_s - time.perf_counter()) > 0:
            if select.select([self._terminal], [], [], left_s)[0]:
                more = os.read(self._terminal, 1 << 16)
                seen, self._seen = seen + more, (self._seen + more)[-_SCREEN:]
                if sign in seen:
                    return True
        return False

    def key(self, key: bytes) -> Key | None:
        """Type a letter that is nowhere else on the screen, and wait until it is painted. None if the drill
        is over, and its debrief is shown instead.
        """
        waited, began_s = waited_ms(self.pid) + waited_ms(os.getpid()), time.perf_counter()
        os.write(self._terminal, key)
        if not self.read_until(key, 10):
            if _DEBRIEF in self._seen:
                return None
            raise RuntimeError(f"the key {key!r} was not painted within 10 s")
        whole_ms = (time.perf_counter() - began_s) * 1000
        return Key(whole_ms, waited_ms(self.pid) + waited_ms(os.getpid()) - waited)

    def rest(self, for_s: float) -> None:
        """Read everything that is painted in the meantime."""
        self.read_until(b"\0never painted", for_s)

    def write(self, keys: bytes) -> None:
        os.write(self._terminal, keys)

    def give(self, command: str) -> None:
        """Type a command in place of the letters on the command line."""
        self.write(b"\x15" + command.encode() + b"\r")

    def leave(self) -> None:
        self.write(b"\x11")
        try:
            while os.read(self._terminal, 1 << 16):
                pass
        except OSError:  # the console has closed its side
            pass
        os.waitpid(self.pid, 0)
        os.close(self._terminal)


LETTERS = ("ж", "ю", "ф", "щ", "э", "ы")
"""Typed in turn: no pane shows them."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The keys of a drill, and the share of one core that the console and all programs used meanwhile."""

    keys: list[Key]
    commands: int
    console: float
    machine: float


def typed(name: str, given: deque[tuple[int, str]]) -> Typed:
    """Type until shortly before the drill is over and takes no more commands."""
    drill = begun(name, given)
    console = Console(drill.journal)
    if not console.read_until(b"Internet", OPENS_S):
        raise RuntimeError("the console did not open the drill")
    console.rest(1)
    console.write(b" ")  # a resumed drill is paused; space starts it
    found: list[Key] = []
    began_s, own_s, all_s = time.perf_counter(), cpu_s(console.pid), busy_s()
    until_s, commands = began_s + min(LONGEST_S, 0.9 * drill.lasts_s), 0
    while time.perf_counter() < until_s:
        if drill.commands and time.perf_counter() - began_s >= drill.commands[0][0]:
            console.give(drill.commands.popleft()[1])
            console.rest(PASTED_S)
            commands += 1
        key = console.key(LETTERS[len(found) % len(LETTERS)].encode())
        if key is None:
            break
        found.append(key)
        console.rest(APART_S)
    took_s = time.perf_counter() - began_s
    shares = [(cpu_s(console.pid) - own_s) / took_s, (busy_s() - all_s) / took_s]
    console.leave()
    return Typed(found, commands, *shares)


def p95_and_longest(taken_ms: list[float]) -> tuple[float, float]:
    """The 95th percentile and the longest."""
    ordered = sorted(taken_ms)
    return ordered[len(ordered) * 95 // 100], ordered[-1]


def main() -> None:
    """Print median, 95th percentile and longest of the named scenarios, or of all."""
    print(f"key to paint, ms; goals: p95 {P95_MS}, longest {LONGEST_MS}; {os.cpu_count()} cores")
    parser = argparse.ArgumentParser()
    parser.add_argument("--reference", action="store_true", help="give the reference runbook's commands")
    parser.add_argument("scenario", nargs="*")
    args = parser.parse_args()
    for name in args.scenario or shipped_scenarios():
        of = typed(name, reference_of(name) if args.reference else deque())
        whole = [key.whole_ms for key in of.keys]
        p95, longest = p95_and_longest(whole)
        p95_alone, longest_alone = p95_and_longest([key.alone_ms for key in of.keys])
        missed = "  missed" if p95 > P95_MS or longest > LONGEST_MS else ""
        print(
            f"{name:30} commands {of.commands:2}  keys {len(whole):4}  "
            f"p50 {statistics.median(whole):4.0f}  p95 {p95:4.0f}  longest {longest:4.0f}  "
            f"without waits for a core: p95 {p95_alone:4.0f}  "
            f"longest {longest_alone:4.0f}  cores: console {of.console:.2f}, all {of.machine:.2f}, "
            f"load {os.getloadavg()[0]:.1f}{missed}",
            flush=True,
        )


if __name__ == "__main__":
    main()
