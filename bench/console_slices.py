"""`python -m bench.console_slices`: the longest frames of the console at 10,000 users and x3600, in CPU time.

Each shipped outage is run from its start through its recovery with the pacer, the view and the panes of the
console, on a clock that counts the CPU time of this process, and the rest of each frame as if it slept. Other
programs therefore do not count, but on a virtual machine the time that its host takes may. Textual and the
terminal are left out: see `bench.console_keys`. A frame has two pieces, between which a key is handled: that
of the world, and the reading and drawing of it. Within the first, a key waits only for the end of a step.

    python -m bench.console_slices [--reference] [--profile MS] [--around HOURS] [SCENARIO…]

`--reference`: with the commands of the reference runbook; `--profile`: print the calls of each longer frame;
`--around`: only so long before and after the end of the outage.
"""

import argparse
import cProfile
import os
import pstats
import tempfile
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from sim.drill.scenario.runbook import reference_runbook
from sim.drill.session.load import load_scenario, shipped_scenarios
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, in_words
from tui.painting.layout import VIEWS, plan
from tui.playing.console_memory import ReadyMemory, clear, keep_freed_memory, use_small_pages
from tui.playing.control_desk import ControlDesk
from tui.playing.key_first import PressedKey
from tui.playing.open_drill import NewDrill, begin
from tui.playing.pacer import FRAME_S
from tui.playing.short_collections import ShortCollections
from tui.screens.panes import DRAWS
from tui.widgets.frame.pane import inner_size

USERS, SPEED = 10_000, 3600
WIDTH, HEIGHT = 160, 48
LONGEST_MS = 100
"""Goal for a frame."""
LINES = 55
"""Of a profile."""
OTHERS_EVERY = 20
"""The places other than the overview are drawn once in so many frames."""


class Clock:
    """CPU time of this process, plus the time in which it would have slept, s."""

    def __init__(self) -> None:
        self._slept_s = 0.0

    def __call__(self) -> float:
        return time.process_time() + self._slept_s

    def sleep_until(self, moment_s: float) -> None:
        self._slept_s += max(0.0, moment_s - self())


class Steps(PressedKey):
    """A key that is never pressed; it measures the CPU time between two chances for a key."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._longest_s = self._step_s = 0.0

    def begin(self) -> None:
        """A frame begins."""
        self._longest_s, self._step_s = 0.0, time.process_time()

    @property
    def waits(self) -> bool:
        now_s = time.process_time()
        self._longest_s, self._step_s = max(self._longest_s, now_s - self._step_s), now_s
        return False

    def longest_ms(self) -> float:
        """The longest step of this frame, which ends now."""
        assert not self.waits
        return self._longest_s * 1000


@dataclass(frozen=True, slots=True)
class Frame:
    """CPU time of the world in a frame, of its longest step that no key can end, and of the whole frame, ms;
    and its moment in the drill.
    """

    world_ms: float
    step_ms: float
    whole_ms: float
    at_ms: int

    @property
    def piece_ms(self) -> float:
        """The longer of its two pieces."""
        return max(self.world_ms, self.whole_ms - self.world_ms)


def reference_of(name: str) -> deque[tuple[int, str]]:
    """The commands of the reference runbook, each with its time."""
    session = Session.start(load_scenario(name, {"users": "200"}), 1, None)
    play(session, reference_runbook(session.scenario))
    return deque(session.commands)


def draw(desk: ControlDesk, place: str) -> None:
    slots = plan(WIDTH, HEIGHT, place, coach=True)
    view = desk.view(0, next((slot.height for slot in slots if slot.pane == "mail"), 0))
    for slot in slots:
        DRAWS[slot.pane](view, *inner_size(slot.width, slot.height, True))


class Console:
    """A drill in the console, from `around_ms` before the outage's end; `given`: commands, each with its
    moment.
    """

    def __init__(self, name: str, given: deque[tuple[int, str]], around_ms: int) -> None:
        keep_freed_memory()
        use_small_pages()
        settings = {"users": str(USERS)}
        self.end_ms = load_scenario(name, settings).outage_end_ms
        self.until_ms, from_ms = self.end_ms + around_ms, self.end_ms - around_ms
        journal = Path(tempfile.mkdtemp()) / "bench.jsonl"
        wanted = [f"{key}={value}" for key, value in settings.items()]
        opened = begin(NewDrill(name, 1, journal, settings=wanted, speed=SPEED))
        opened.prepare()
        self.clock, self.drill, self._given = Clock(), opened.drill, given
        self._steps = Steps(self.clock)
        self.desk = ControlDesk(opened, self.clock, SPEED, key=self._steps)
        while given and given[0][0] < from_ms:
            self.drill.advance(given[0][0])
            self._give()
        self.drill.advance(max(from_ms, 0))
        ShortCollections().begin()
        self.desk.toggle()

    def _give(self) -> None:
        while self._given and self._given[0][0] <= self.drill.now_ms:
            self.desk.give(self._given.popleft()[1])

    @property
    def over(self) -> bool:
        return self.drill.ended or self.drill.now_ms >= self.until_ms

    def frame(self, profile_ms: float) -> Frame:
        self._give()
        at_ms, from_s, began_s = self.drill.now_ms, time.process_time(), self.clock()
        profile = cProfile.Profile(time.process_time)
        if profile_ms:
            profile.enable()
        self._steps.begin()
        self.desk.frame()
        step_ms = self._steps.longest_ms()
        profile.disable()
        world_ms = (time.process_time() - from_s) * 1000
        draw(self.desk, "Overview")
        whole_ms = (time.process_time() - from_s) * 1000
        if profile_ms and world_ms > profile_ms:
            print(f"--- {in_words(at_ms)} to {in_words(self.drill.now_ms)}: {world_ms:.0f} ms")
            pstats.Stats(profile).sort_stats("cumulative").print_stats(LINES)
        self.clock.sleep_until(began_s + FRAME_S)
        return Frame(world_ms, step_ms, whole_ms, at_ms)


def drawing_ms(desk: ControlDesk, place: str) -> float:
    from_s = time.process_time()
    draw(desk, place)
    return (time.process_time() - from_s) * 1000


def frames_of(name: str, given: deque[tuple[int, str]], profile_ms: float, around_ms: int) -> None:
    """Print the longest frames of a drill, and the longest drawing of each place."""
    console = Console(name, given, around_ms)
    began_ms, began_s, cpu_s = console.drill.now_ms, time.perf_counter(), time.process_time()
    frames: list[Frame] = []
    memory = ReadyMemory(USERS)
    drawn = dict.fromkeys(VIEWS, 0.0)
    while not console.over:
        frames.append(console.frame(profile_ms))
        if len(frames) % OTHERS_EVERY == 0:
            clear(memory.blocks())  # the console does it in another thread
            drawn |= {place: max(ms, drawing_ms(console.desk, place)) for place, ms in drawn.items()}
    speed = (console.drill.now_ms - began_ms) / 1000 / (len(frames) * FRAME_S)
    console.desk.opened.close()
    whole, pieces = sorted(frame.whole_ms for frame in frames), sorted(frame.piece_ms for frame in frames)
    p50, p95 = whole[len(whole) // 2], whole[len(whole) * 95 // 100]
    over = sum(ms > LONGEST_MS for ms in whole)
    share = (time.process_time() - cpu_s) / (time.perf_counter() - began_s)
    print(
        f"{name:30} frames {len(frames):5}  x{speed:5.0f}  CPU ms of a frame: p50 {p50:4.0f}  "
        f"p95 {p95:4.0f}  longest {whole[-1]:4.0f}  over {LONGEST_MS}: {over}  "
        f"of a piece: p95 {pieces[len(pieces) * 95 // 100]:4.0f}  longest {pieces[-1]:4.0f}  "
        f"longest step {max(frame.step_ms for frame in frames):4.0f}  "
        f"({share:.0%} of a core, load {os.getloadavg()[0]:.1f})"
    )
    for frame in sorted(frames, key=lambda frame: -frame.piece_ms)[:4]:
        parts = f"step {frame.step_ms:5.0f}  world {frame.world_ms:5.0f}  whole {frame.whole_ms:5.0f}"
        print(f"    {parts}  at {in_words(frame.at_ms)}")
    print("    drawing: " + "  ".join(f"{place} {ms:.0f}" for place, ms in drawn.items()), flush=True)


def main() -> None:
    """Print the frames of the named scenarios, or of all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--reference", action="store_true", help="give the reference runbook's commands")
    parser.add_argument("--profile", type=float, default=0.0, metavar="MS")
    parser.add_argument("--around", type=float, default=1000.0, metavar="HOURS")
    parser.add_argument("scenario", nargs="*")
    args = parser.parse_args()
    for name in args.scenario or shipped_scenarios():
        given = reference_of(name) if args.reference else deque[tuple[int, str]]()
        frames_of(name, given, args.profile, int(args.around * HOUR_MS))


if __name__ == "__main__":
    main()
