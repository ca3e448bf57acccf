"""A console on a drill of arithmetic, a wall clock that stands still, and pictures to compare with."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual._compositor import Compositor
from textual.pilot import Pilot

from sim.drill.organisation.house_rules import read_house_rules
from tests.shipped import FILES
from tests.tui.fake_session import STARTS_UTC_MS, ZONE, FakeSession
from tui.app import DrillApp
from tui.painting.local_time import LocalTime
from tui.painting.pace import Mode
from tui.playing.drill_language import DrillLanguage
from tui.playing.opened import Opened

LOCAL = LocalTime(STARTS_UTC_MS, ZONE)
LANGUAGE = DrillLanguage(read_house_rules(FILES))


class Wall:
    """Wall time in seconds; it goes only when told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s

    def go(self, by_s: float) -> None:
        self.now_s += by_s


class SvgExtension(SingleFileSnapshotExtension):
    """One SVG file a picture."""

    file_extension = "svg"
    _write_mode = WriteMode.TEXT


def opened(session: FakeSession, mode: Mode = "guided") -> Opened:
    """`session` as the console is given a drill."""
    return Opened(
        drill=session,
        language=LANGUAGE,
        local=LOCAL,
        mode=mode,
        briefing="It is Monday morning.\n\nSomething is going to break.",
        nothing=lambda: pytest.fail("no debrief was asked for"),
        debrief=lambda nothing: pytest.fail("no debrief was asked for"),
    )


Console = Callable[..., AbstractAsyncContextManager[Pilot[int]]]


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture(autouse=True)
def quick(soon_idle: None) -> None:
    """Every console here is soon idle."""


_render_update = Compositor.render_update


def only_whole_frames(compositor: Compositor, full: bool = False, **how: Any) -> Any:
    """In place of `render_update`: draws if the whole frame is asked for, as for a picture."""
    if full:
        return _render_update(compositor, full=True, **how)
    compositor._dirty_regions.clear()
    return None


@pytest.fixture
def whole_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """A console's frames are not drawn, for tests that read what its panes are told to show."""
    monkeypatch.setattr(Compositor, "render_update", only_whole_frames)


@pytest.fixture
def console(wall: Wall, session: FakeSession, monkeypatch: pytest.MonkeyPatch) -> Console:
    """`async with console(120, 36) as pilot`: the console, opened and paused.

    Only its last frame is drawn, and each that a test takes as a picture; `draws=True`: every frame.
    Without a terminal, frames are thrown away, and drawing them took half of the time.
    """

    @asynccontextmanager
    async def run(
        width: int = 120, height: int = 36, mode: Mode = "guided", *, draws: bool = False
    ) -> AsyncIterator[Pilot[int]]:
        app = DrillApp(lambda: opened(session, mode), 60, wall)
        if not draws:
            monkeypatch.setattr(Compositor, "render_update", only_whole_frames)
        async with app.run_test(size=(width, height)) as pilot:
            while app.desk is None:
                assert app.failure is None
                await pilot.pause()
            app.desk.pacer.toggle()
            app.screen.paint()  # type: ignore[attr-defined]
            yield pilot
            if app.is_running:
                app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)

    return run


@pytest.fixture
def screen_svg(snapshot: SnapshotAssertion) -> Callable[[Pilot[int]], None]:
    """Compare the whole screen with the stored picture of this test.

    The number of rows of the help is left out: it depends on the text of every command.
    """

    def compare(pilot: Pilot[int], name: str | None = None) -> None:
        svg = re.sub(r"terminal-\d+-", "terminal-0-", pilot.app.export_screenshot(title="mxdrill"))
        svg = re.sub(r"(\d-\d+&#160;of&#160;)\d+", r"\g<1>###", svg)
        assert svg == snapshot(extension_class=SvgExtension, name=name)

    return compare
