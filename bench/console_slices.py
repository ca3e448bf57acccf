"""`python -m bench.console_slices`: the longest frames of the console at 10,000 users and x3600, in CPU time.

Each shipped outage is run from its start through its recovery with the pacer, the view and the panes of the
console, on a clock that counts the CPU time of this process, and the rest of each frame as if it slept. Other
load on the machine therefore does not count. Textual and the terminal are left out: see `bench.console_keys`.

    python -m bench.console_slices [--reference] [--profile MS] [SCENARIO…]
"""

import argparse
import cProfile
import gc
import pstats
import tempfile
import time
from collections import deque
from pathlib import Path

from sim.drill.scenario.runbook import reference_runbook
from sim.drill.session.load import load_scenario, shipped_scenarios
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import in_words
from tui.cli import RARELY
from tui.painting.layout import VIEWS, plan
from tui.playing.control_desk import ControlDesk
from tui.playing.open_drill import NewDrill, begin
from tui.playing.pacer import FRAME_S
from tui.screens.panes import DRAWS
from tui.widgets.frame.pane import inner_size

USERS, SPEED = 10_000, 3600
WIDTH, HEIGHT = 160, 48
LONGEST_MS = 100
"""Goal for a frame."""
OTHERS_EVERY = 20
"""The places other than the overview are drawn once in so many frames."""


class Clock:
    """CPU time of this process, plus the time in which it would have slept."""

    def __init__(self) -> None:
        self._slept_s = 0.0

    def __call__(self) -> float:
        return time.process_time() + self._slept_s

    def sleep_until(self, moment_s: float) -> None:
        self._slept_s += max(0.0, moment_s - self())


def reference_of(name: str) -> deque[tuple[int, str]]:
    """The commands of the reference runbook, each with its moment."""
    session = Session.start(load_scenario(name, {"users": "200"}), 1, None)
    play(session, reference_runbook(session.scenario))
    return deque(session.commands)


def draw(desk: ControlDesk, place: str) -> None:
    slots = plan(WIDTH, HEIGHT, place, coach=True)
    view = desk.view(0, next((slot.height for slot in slots if slot.pane == "mail"), 0))
    for slot in slots:
        DRAWS[slot.pane](view, *inner_size(slot.width, slot.height, True))


def frames_of(name: str, given: deque[tuple[int, str]], profile_ms: float) -> None:
    """Print the longest frame of a drill: its world, and its whole; and the longest drawing of each place."""
    journal = Path(tempfile.mkdtemp()) / "bench.jsonl"
    opened = begin(NewDrill(name, 1, journal, settings=(f"users={USERS}",), speed=SPEED))
    opened.prepare()
    clock = Clock()
    desk = ControlDesk(opened, clock, SPEED)
    session = opened.drill
    began_ms = session.now_ms
    desk.toggle()
    frames: list[tuple[float, float, int]] = []
    drawn = dict.fromkeys(VIEWS, 0.0)
    while not session.ended:
        while given and given[0][0] <= session.now_ms:
            desk.give(given.popleft()[1])
        from_ms, from_s = session.now_ms, time.process_time()
        profile = cProfile.Profile(time.process_time) if profile_ms else None
        began_s = clock()
        if profile:
            profile.enable()
        desk.frame()
        if profile:
            profile.disable()
        world_s = time.process_time() - from_s
        draw(desk, "Overview")
        whole_s = time.process_time() - from_s
        frames.append((world_s * 1000, whole_s * 1000, from_ms))
        if profile and world_s * 1000 > profile_ms:
            print(f"--- {name} at {in_words(from_ms)}: {world_s * 1000:.0f} ms, to {in_words(session.now_ms)}")
            pstats.Stats(profile).sort_stats("cumulative").print_stats(55)
        if len(frames) % OTHERS_EVERY == 0:
            for place in VIEWS:
                from_s = time.process_time()
                draw(desk, place)
                drawn[place] = max(drawn[place], (time.process_time() - from_s) * 1000)
        clock.sleep_until(began_s + FRAME_S)
    taken_s = len(frames) * FRAME_S
    desk.opened.close()
    whole = sorted(whole for _, whole, _ in frames)
    print(
        f"{name:30} frames {len(frames):5}  reached x{(session.now_ms - began_ms) / 1000 / taken_s:5.0f}"
        f"  world and overview, ms: p50 {whole[len(whole) // 2]:4.0f}  p95 {whole[len(whole) * 95 // 100]:4.0f}"
        f"  over 60: {sum(ms > 60 for ms in whole):3}  over 100: {sum(ms > LONGEST_MS for ms in whole):3}"
    )
    for world_ms, whole_ms, at_ms in sorted(frames, reverse=True)[:4]:
        print(f"    world {world_ms:5.0f}  whole {whole_ms:5.0f}  at {in_words(at_ms)}")
    print("    drawing: " + "  ".join(f"{place} {ms:.0f}" for place, ms in drawn.items()), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--reference", action="store_true", help="give the reference runbook's commands")
    parser.add_argument("--profile", type=float, default=0.0, metavar="MS")
    parser.add_argument("scenario", nargs="*")
    args = parser.parse_args()
    gc.set_threshold(*RARELY)
    for name in args.scenario or shipped_scenarios():
        frames_of(name, reference_of(name) if args.reference else deque(), args.profile)


if __name__ == "__main__":
    main()
