"""A key comes before the world and its frames; nothing in the loop takes long, counted in operations."""

import gc
from collections.abc import Callable, Iterator

import pytest
from textual import events

from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from tests.tui.conftest import Console, Wall
from tests.tui.fake_session import HOUR, FakeSession
from tui.app import DrillApp
from tui.playing.key_first import CALM_S, LONGEST_S, PressedKey
from tui.playing.pacer import BUDGET_S, Pacer
from tui.playing.short_collections import FEW, MANY, ShortCollections


class Pressed(FakeSession):
    """A drill with a change each second, which costs 1 ms of wall time; at some change a key is pressed."""

    wall: Wall
    key: PressedKey
    press_at_ms = -1

    def advance(self, to_ms: int, stop: Callable[[], bool] = lambda: False) -> None:  # type: ignore[override]
        from_ms = self.now_ms
        while self.now_ms < to_ms and not stop():
            self.wall.go(0.001)
            self.now_ms = min(self.now_ms + 1000, to_ms)
            if from_ms < self.press_at_ms <= self.now_ms:
                self.press_at_ms = -1
                self.key.pressed()
        self.advances.append((from_ms, self.now_ms))


@pytest.fixture
def pressed(wall: Wall) -> Pressed:
    session = Pressed()
    session.wall, session.key = wall, PressedKey(wall)
    return session


def test_a_key_ends_the_slice_and_what_is_left_of_it_comes_in_the_next_frame(
    wall: Wall, pressed: Pressed
) -> None:
    pacer = Pacer(pressed, wall, 300, key=pressed.key)
    wall.go(0.05)
    pacer.frame()
    assert pressed.now_ms == pytest.approx(15_000, abs=2)
    pressed.press_at_ms = 18_000
    wall.go(0.05 - 0.015)
    pacer.frame()
    assert 18_000 <= pressed.now_ms < 19_000, "no change after that of the key"
    pressed.key.arrived()
    pressed.key.painted()
    wall.go(0.05 - 0.004)
    pacer.frame()
    assert pressed.now_ms == pytest.approx(45_000, abs=2), "no time is lost"


def test_a_held_key_does_not_stop_the_clock(wall: Wall, pressed: Pressed) -> None:
    pacer = Pacer(pressed, wall, 300, key=pressed.key)
    for _ in range(100):
        pressed.key.pressed()  # never painted
        wall.go(0.05)
        pacer.frame()
    assert pressed.now_ms > 0.8 * 100 * 15_000


def test_a_key_waits_until_it_is_painted_and_no_longer_than_it_is_patient(wall: Wall) -> None:
    key, waits = PressedKey(wall), list[bool]()
    key.pressed()
    key.painted()
    waits.append(key.waits)  # what was painted before it arrived is not its effect
    key.arrived()
    key.painted()
    waits.append(key.waits)
    key.pressed()
    wall.go(LONGEST_S * 0.6)
    key.pressed()
    waits.append(key.waits)
    wall.go(LONGEST_S * 0.6)  # keys that follow each other do not keep the frames waiting
    waits.append(key.waits)
    assert waits == [True, False, True, False]


def test_no_digest_is_taken_while_somebody_types(wall: Wall, session: FakeSession) -> None:
    """At 10,000 users it takes 0.1 s and more, and a pause is the moment at which a command is typed."""
    key = PressedKey(wall)
    pacer = Pacer(session, wall, 60, key=key)
    wall.go(1)
    pacer.frame()
    key.pressed()
    pacer.toggle()
    for _ in range(50):
        wall.go(CALM_S / 3)
        pacer.frame()
        key.pressed()
    assert session.digests == []
    wall.go(CALM_S)
    pacer.frame()
    assert session.digests == [session.now_ms]


async def test_a_frame_is_not_begun_before_a_key_is_painted(
    console: Console, session: FakeSession, wall: Wall
) -> None:
    """The key is handled between two parts of a frame, and its paint is awaited."""
    async with console() as pilot:
        app = pilot.app
        assert isinstance(app, DrillApp)
        order = list[str]()
        desk = app.desk
        assert desk is not None
        advance, display = desk.pacer.frame, app.post_display_hook

        def frame() -> bool:
            order.append("frame, key waits" if app.key.waits else "frame")
            return advance()

        def painted() -> None:
            if app.key.waits:
                order.append("painted")
            display()

        desk.pacer.frame = frame  # type: ignore[method-assign]
        app.post_display_hook = painted  # type: ignore[method-assign]
        app.key.pressed()
        app.post_message(events.Key("n", "n"))
        await pilot.pause(0.3)
        assert order[0] == "painted"
        assert "frame" in order, "frames go on afterwards"
        assert not app.key.waits


def test_the_budget_of_a_frame_holds_without_a_key(wall: Wall, pressed: Pressed) -> None:
    pacer = Pacer(pressed, wall, 3600, key=pressed.key)
    for _ in range(50):
        wall.go(0.05)
        began_s = wall()
        pacer.frame()
        assert wall() - began_s < BUDGET_S + 0.002


class Expensive(FakeSession):
    """A drill with a change at 3 s that costs 80 ms; bringing mail up to date then costs as much again."""

    wall: Wall
    lags = False

    def advance(self, to_ms: int, stop: Callable[[], bool] = lambda: False) -> None:  # type: ignore[override]
        if self.now_ms < 3_000 <= to_ms:
            self.wall.go(0.08)
            self.now_ms, self.lags = 3_000, True
        else:
            self.now_ms = to_ms

    def catch_up(self) -> None:
        self.wall.go(0.08 if self.lags else 0)
        self.lags = False


def test_after_an_expensive_change_mail_is_brought_up_to_date_in_a_piece_of_its_own(wall: Wall) -> None:
    session = Expensive()
    session.wall = wall
    pacer = Pacer(session, wall, 300)
    wall.go(0.05)
    began_s = wall()
    pacer.frame()
    assert session.now_ms == 3_000
    assert wall() - began_s < 0.1
    assert session.lags, "the paint does it, after a key that waits"
    wall.go(0.05)
    pacer.frame()
    assert not session.lags, "at the latest the next frame"


@pytest.fixture
def looked() -> Iterator[list[int]]:
    """The number of objects at which each collection looks, with the thresholds of the console."""
    before, found = gc.get_threshold(), list[int]()

    def look(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            found.append(sum(len(gc.get_objects(one)) for one in range(info["generation"] + 1)))

    ShortCollections().begin()
    gc.callbacks.append(look)
    yield found
    gc.callbacks.remove(look)
    gc.set_threshold(*before)


class Filling(FakeSession):
    """A drill that makes records which stay: 1,000 a minute."""

    kept: list[list[int]]

    def advance(self, to_ms: int, stop: object = None) -> None:
        self.kept += [[number] for number in range(self.now_ms // 60, to_ms // 60)]
        super().advance(to_ms)


def test_no_collection_looks_at_the_records_of_the_world(looked: list[int], wall: Wall) -> None:
    """With the thresholds of the headless run, one took 0.16 s in the middle of a frame at 10,000 users."""
    session = Filling()
    session.kept = []
    pacer = Pacer(session, wall, 3600)
    for _ in range(200):
        wall.go(0.05)
        pacer.frame()
        _make_cycles()
    assert len(session.kept) > 20 * MANY
    assert looked, "the screen's cycles are collected"
    assert max(looked) < 2 * MANY


def _make_cycles() -> None:
    """Some hundred, as the screen makes them for each frame."""
    for _ in range(2 * FEW):
        ring: list[object] = []
        ring.append(ring)


def test_no_frame_does_more_single_steps_than_it_has_time_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """At 10,000 users 13,000 messages are retried within two minutes: 0.2 s, which were done at once.

    Each step of a sender costs a millisecond here; the wall clock goes by nothing else.
    """
    few = 5
    monkeypatch.setattr("sim.mail.senders.machines.agenda.AT_ONCE", few)
    scenario = load_scenario("gateway-down-4xx", {"users": "100"})
    session, whole = Session(scenario, 1, None), Session(scenario, 1, None)
    from_ms, until_ms = scenario.outage_end_ms - HOUR, scenario.outage_end_ms + HOUR // 4
    session.advance(from_ms)
    session.catch_up()
    idle_s = 0.0

    def steps() -> int:
        hops = session.drill.world.inbound.hop, session.drill.world.writers.outbound.hop
        return sum(hop._agenda.steps for hop in hops if hop is not None)

    pacer = Pacer(session, lambda: idle_s + steps() / 1000, 300)
    frames = list[int]()
    while session.now_ms < until_ms:
        before, idle_s = steps(), idle_s + 0.05
        pacer.frame()
        frames.append(steps() - before)
    assert sum(frames) > 2_000
    whole.advance(session.now_ms)
    assert session.digest() == whole.digest()
    assert max(frames) <= BUDGET_S * 1000 + 2 * few
