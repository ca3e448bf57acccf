"""docs/tutorial/first-drill.md, played as it says: what it tells is what happens, with seed 1."""

import re
from pathlib import Path

from sim.drill.room.events import Event
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.debrief import doing_nothing
from sim.report.outcome import outcome

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


def test_the_first_drill_goes_as_it_is_told() -> None:
    look, declare, extend, wrong, home, end = blocks()
    session = Session(load_scenario("exchange-down"), 1, None)
    refused: list[str] = []

    def give(lines: list[str]) -> None:
        refused.extend(line for line in lines if not hasattr(session.dispatch(line), "effective_ms"))

    session.advance(clock(9, 11))
    monitor = until(session, "monitor")
    assert clock(9, 18) <= monitor.t_ms < clock(9, 19)
    give(["alerts ack"])
    assert refused.pop() == "alerts ack"
    sms = until(session, "sms")
    assert clock(9, 19) <= sms.t_ms < clock(9, 20)
    give(look)
    session.advance(session.now_ms + 6 * MINUTE_MS)
    report = [event.text for event in session.events() if event.kind == "report"][-1]
    assert "connection refused" in report
    assert abs(session.snapshot().queue.depth - number(r"some ([\d,]+) messages in the inbound queue")) < 100
    give(declare)
    session.advance(clock(9, 56))
    seen = session.snapshot()
    assert abs(seen.continuity.users_in - number(r"about (\d+) of 1,000")) <= 15
    assert sum(one.state == "met" for one in seen.objectives) == 6
    give(extend)
    give(wrong)
    session.advance(clock(24 + 14, 0))
    while until(session, "call").ref != "server-back":
        pass  # the server team also calls with what it expects
    give(home)
    session.advance(session.now_ms + 20 * MINUTE_MS)
    before = session.snapshot().queue.depth
    session.advance(session.now_ms + 10 * MINUTE_MS)
    falls = (before - session.snapshot().queue.depth) / 10
    assert abs(falls - number(r"some ([\d,]+) a minute")) < 100
    while session.snapshot().queue.depth > 100:
        session.advance(session.now_ms + MINUTE_MS)
    assert clock(24 + 21, 40) < session.now_ms < clock(24 + 22, 0)
    give(end)
    session.advance(session.now_ms + 8 * HOUR_MS)
    assert session.ended
    assert refused == REFUSED
    came, nothing = outcome(session), doing_nothing(session)
    spent, idle = round(came.people.user_hours_without_mail), round(nothing.people.user_hours_without_mail)
    assert abs(spent - number(r"some ([\d,]+) user-hours")) < 100
    assert idle == number(r"instead of ([\d,]+)")
    verdicts = {one.id: one.state for one in session.snapshot().objectives}
    assert verdicts["diagnosis-correct"] == verdicts["queue-drained"] == "met"
    missed = {name for name, state in verdicts.items() if state != "met"}
    assert missed == set(re.findall(r"`([a-z-]+)` is not met", PAGE))
