"""docs/tutorial/first-drill.md, played as it says: what it tells is what happens, with seed 1."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from sim.drill.commands.outcome import Accepted
from sim.drill.room.events import Event
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.debrief import doing_nothing
from sim.report.outcome import outcome
from tui.playing.pacer import LEAP_MS, SPEEDS

PAGE = (Path(__file__).parents[2] / "docs/tutorial/first-drill.md").read_text(encoding="utf-8")
REFUSED = ["deliveries resume inbound"]
"""What the page gives as an example of a refusal."""


def blocks() -> list[list[str]]:
    """Blocks of commands in the order of the page, without those of the shell."""
    found = [block.split("\n") for block in re.findall(r"```\n(.*?)\n```", PAGE, re.DOTALL)]
    return [block for block in found if not block[0].startswith("mxdrill")]


def number(pattern: str) -> int:
    """The figure that the page tells there."""
    told = re.search(pattern, " ".join(PAGE.split()))
    assert told is not None, pattern
    return int(told[1].replace(",", ""))


def clock(hours: int, minutes: int) -> int:
    """A time of the first day; the drill starts at eight."""
    return (hours - 8) * HOUR_MS + minutes * MINUTE_MS


def until(session: Session, kind: str, step_ms: int = MINUTE_MS // 4) -> Event:
    """Go on until an event of that kind has come that was not there before."""
    known = len(session.events())
    while True:
        session.advance(session.now_ms + step_ms)
        fresh = [event for event in session.events(known) if event.kind == kind]
        if fresh:
            return fresh[0]


@dataclass
class Reader:
    """Follows the page at the console: the keys that it names, and the lines that it shows."""

    session: Session
    refused: list[str] = field(default_factory=list)

    def leap(self, times: int = 1) -> None:
        """`>`: a quarter of an hour."""
        for _ in range(times):
            self.session.advance(self.session.now_ms + LEAP_MS)

    def minute(self, times: int) -> None:
        """`.`: one minute."""
        for _ in range(times):
            self.session.advance(self.session.now_ms + MINUTE_MS)

    def give(self, lines: list[str]) -> None:
        self.refused += [line for line in lines if not isinstance(self.session.dispatch(line), Accepted)]

    def told(self, kind: str, text: str) -> list[int]:
        """When an event of that kind with that text came."""
        return [one.t_ms for one in self.session.events() if one.kind == kind and text in one.text]


def followed() -> Reader:
    """The whole page, with what each step is said to do asserted on the way."""
    look, declare, extend, wrong, *_rest = blocks()
    session = Session(load_scenario("exchange-down"), 1, None)
    reader = Reader(session)
    # 2
    reader.leap(4)
    assert session.now_ms == clock(9, 0)
    calls = []
    for minute in (14, 15):
        session.advance(clock(9, minute))
        calls.append(session.snapshot().helpdesk.calls)
    assert calls[0] == 0 < calls[1], "users notice first, at 09:14"
    refreshed = number(r"until it refreshes at 09:(\d+)")
    session.advance(clock(9, refreshed) - 1)
    assert session.snapshot().queue.last_error == "", "the page shows what it showed before the fault"
    session.advance(clock(9, refreshed) + 1)
    assert session.snapshot().queue.last_error == "connection refused"
    monitor = until(session, "monitor")
    assert clock(9, 18) <= monitor.t_ms < clock(9, 19)
    assert session.drill.milestones["outage.start"] == clock(9, 12)
    reader.give(["alerts ack"])
    assert reader.refused.pop() == "alerts ack"
    sms = until(session, "sms")
    assert clock(9, 19) <= sms.t_ms < clock(9, 20)
    # 3
    reader.give(look)
    reader.minute(6)
    assert "connection refused" in [event.text for event in session.events() if event.kind == "report"][-1]
    assert abs(session.snapshot().queue.depth - number(r"about ([\d,]+) messages in the inbound queue")) < 100
    assert {event.source for event in session.events() if event.kind == "sms"} >= {"Service Monitor"}
    # 4
    reader.give(declare)
    reader.leap(2)
    assert session.now_ms <= clock(9, 57)
    seen = session.snapshot()
    assert abs(seen.continuity.users_in - number(r"about (\d+) of 1,000")) <= 15
    assert sum(one.state == "met" for one in seen.objectives) == 6
    (ends_ms,) = [event.end_ms for event in session.drill.continuity.events()]
    assert clock(25, 15) <= ends_ms <= clock(25, 45), "half past one at night"
    # 5
    reader.give(extend)
    reader.give(wrong)
    session.advance(clock(24 + 14, 0))
    return reader


def back_home(reader: Reader) -> int:
    """Step 6 up to the drained queue, whose moment is returned."""
    *_others, home, force, _end = blocks()
    session = reader.session
    while not reader.told("call", "Exchange is up"):
        reader.leap()
    assert session.drill.milestones["outage.end"] == clock(24 + 16, 12)
    reader.give(home)
    assert not reader.told("done", "queue and logs moved")
    reader.leap(3)
    assert reader.told("done", "queue and logs moved"), "before the attempt is forced"
    assert any(
        "until mail from outside is refused" in one.text for one in session.events() if one.kind == "report"
    )
    reader.give(force)
    reader.minute(6)
    (done,) = [
        event.text for event in session.events() if event.kind == "done" and "retry forced" in event.text
    ]
    assert "the server is accepting mail" in done
    reader.minute(20)
    before = session.snapshot().queue.depth
    reader.minute(10)
    falls = (before - session.snapshot().queue.depth) / 10
    assert abs(falls - number(r"about ([\d,]+) messages a minute")) < 100
    while session.snapshot().queue.depth > 100:
        reader.minute(1)
    return session.now_ms


def test_the_first_drill_goes_as_it_is_told() -> None:
    reader = followed()
    session = reader.session
    assert clock(24 + 21, 40) < back_home(reader) < clock(24 + 22, 0)
    reader.give(blocks()[-1])
    session.advance(session.now_ms + 8 * HOUR_MS)
    assert session.ended
    assert reader.refused == REFUSED
    assert not reader.told("failed", ""), "each command did what the page says"
    came, nothing = outcome(session), doing_nothing(session)
    spent, idle = round(came.people.user_hours_without_mail), round(nothing.people.user_hours_without_mail)
    assert abs(spent - number(r"about ([\d,]+) user-hours")) < 100
    assert idle == number(r"instead of ([\d,]+)")
    verdicts = {one.id: one.state for one in session.snapshot().objectives}
    assert verdicts["diagnosis-correct"] == verdicts["queue-drained"] == "met"
    missed = {name for name, state in verdicts.items() if state != "met"}
    assert missed == set(re.findall(r"`([a-z-]+)` is not met", PAGE))


def test_the_page_leaves_time_for_each_key() -> None:
    """At a speed of the console, at least eight seconds in which the key can be pressed."""
    assert (
        "Press space to stop the clock between two and four in the afternoon: a window of eight seconds."
        in " ".join(PAGE.split())
    )
    assert SPEEDS[SPEEDS.index(60) + 3] == 3600
    assert SPEEDS[SPEEDS.index(3600) - 1] == 900
    assert (clock(24 + 16, 0) - clock(24 + 14, 0)) / 1000 / 900 >= 8
    assert 20 <= (clock(24 + 6, 0) - clock(9, 56)) / 1000 / 3600 < 22
    assert (clock(24 + 14, 0) - clock(24 + 6, 0)) / 1000 / 3600 >= 8, "from six o'clock on it is morning"
