"""`python -m bench.where [FILE.svg]`: where the CPU time of a run goes, as a table and as a figure.

Some functions are wrapped; each second counts for the innermost wrapped function that is running.
"""

import functools
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.measure import MXDRILL, once
from bench.world import FILE, SEED, scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.conductor import _Foreseen
from sim.kernel.digest import Fingerprint
from sim.kernel.duration import DAY_MS
from sim.mail.accounts.ledger import Ledger
from sim.mail.message.traffic import Stream
from sim.mail.queue.delivery_queue import DeliveryQueue
from sim.mail.user_mail import Writers
from sim.mail.users.mail_clients import MailClients
from sim.mail.world import World
from sim.report.document.run_document import document

STAGES: dict[str, tuple[tuple[type, str], ...]] = {
    "mail is drawn": ((Stream, "_make"), (Stream, "count"), (World, "_fresh")),
    "queue, line": tuple(
        (DeliveryQueue, name) for name in ("advance", "look_ahead", "meet", "on_retry", "emptied_of")
    ),
    "Outboxes": ((Writers, "advance"), (Writers, "reach"), (MailClients, "to_gateway")),
    "monitors": ((_Foreseen, "ask"), (DeliveryQueue, "failed_windows")),
    "digest, ledger": ((Fingerprint, "rows"), (Ledger, "leave"), (Ledger, "leave_own"), (Ledger, "_waited")),
}
REST, START = "everything else", "start"
COLOURS = ("#9aa5b1", "#3b7dd8", "#1f9d8b", "#8a63c9", "#d98a2b", "#c8506a", "#c9ced6")
WIDTH, LEFT, BAR, GAP = 760, 190, 26, 14


class Clock:
    """CPU seconds by stage; a stage that calls another one does not count meanwhile."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._at_work = [REST]
        self._since_s = time.process_time()

    def enter(self, stage: str) -> None:
        self._note()
        self._at_work.append(stage)

    def leave(self) -> None:
        self._note()
        self._at_work.pop()

    def _note(self) -> None:
        now_s = time.process_time()
        self.seconds[self._at_work[-1]] += now_s - self._since_s
        self._since_s = now_s


def wrapped(clock: Clock, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def timed(*args: Any, **named: Any) -> Any:
        clock.enter(stage)
        try:
            return function(*args, **named)
        finally:
            clock.leave()

    return timed


def started_s(users: int) -> float:
    """CPU seconds of starting the program."""
    quiet = ["run", FILE, "--set", f"users={users}", "--until", "1m", "--json"]
    return min(once([MXDRILL, *quiet])[0].cpu_s for _ in range(3))


def stages(users: int, outage: str, until_ms: int = 5 * DAY_MS) -> dict[str, float]:
    """CPU seconds of a run, by stage."""
    kept = [(owner, name, getattr(owner, name)) for parts in STAGES.values() for owner, name in parts]
    clock = Clock()
    for stage, parts in STAGES.items():
        for owner, name in parts:
            setattr(owner, name, wrapped(clock, stage, getattr(owner, name)))
    try:
        session = Session(scenario(users, outage), SEED, None)
        clock.seconds.clear()
        play(session, None, until_ms)
        document(session, "none", 1.0)
    finally:
        for owner, name, function in kept:
            setattr(owner, name, function)
    clock.enter(REST)
    return {stage: clock.seconds[stage] for stage in (*STAGES, REST)}


def figure(rows: dict[str, dict[str, float]]) -> Iterator[str]:
    """SVG lines: one bar for each run, its stages one after the other."""
    longest = max(sum(parts.values()) for parts in rows.values())
    scale = (WIDTH - LEFT - 70) / longest
    height = len(rows) * (BAR + GAP) + 90
    yield f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}"'
    yield ' font-family="sans-serif" font-size="13"><title>CPU of five days, by stage</title>'
    yield '<rect width="100%" height="100%" fill="#ffffff"/>'
    for number, (name, parts) in enumerate(rows.items()):
        y, x = GAP + number * (BAR + GAP), float(LEFT)
        yield f'<text x="{LEFT - 10}" y="{y + 18}" text-anchor="end" fill="#222">{name}</text>'
        for colour, seconds in zip(COLOURS, parts.values(), strict=True):
            yield f'<rect x="{x:.1f}" y="{y}" width="{seconds * scale:.1f}" height="{BAR}" fill="{colour}"/>'
            x += seconds * scale
        yield f'<text x="{x + 8:.1f}" y="{y + 18}" fill="#222">{sum(parts.values()):.1f} s</text>'
    for number, (colour, stage) in enumerate(zip(COLOURS, next(iter(rows.values())), strict=True)):
        x, y = 20 + number % 4 * 185, len(rows) * (BAR + GAP) + 30 + number // 4 * 24
        yield f'<rect x="{x}" y="{y}" width="14" height="14" fill="{colour}"/>'
        yield f'<text x="{x + 20}" y="{y + 12}" fill="#222">{stage}</text>'
    yield "</svg>"


def main() -> int:
    runs = ((1_000, "31h"), (1_000, "72h"), (10_000, "31h"), (10_000, "72h"))
    rows = {
        f"{users:,} users, {outage}": {START: started_s(users), **stages(users, outage)}
        for users, outage in runs
    }
    print(f"{'CPU s':20}" + "".join(f"{stage:>17}" for stage in next(iter(rows.values()))))
    for name, parts in rows.items():
        print(f"{name:20}" + "".join(f"{seconds:17.2f}" for seconds in parts.values()))
    if sys.argv[1:]:
        Path(sys.argv[1]).write_text("\n".join(figure(rows)) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
