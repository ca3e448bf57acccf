"""What a console with a lab says about its ports."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.tui.conftest import Wall, opened
from tests.tui.fake_session import FakeSession
from tests.tui.test_console_keys import said
from tui.app import DrillApp
from tui.painting.rows import text_of
from tui.playing.control_desk import ControlDesk
from tui.playing.protocols import RealMail
from tui.screens.ports import PortsScreen
from tui.shell import exit_status


@dataclass(frozen=True)
class Ports:
    mx: int = 2525


class Described:
    """A lab as far as its ports are described."""

    ports = Ports()

    async def start(self) -> None:
        """Nothing is opened."""

    async def pump(self) -> None:
        """Nothing moves."""

    async def stop(self, at_once: object = None) -> None:
        """Nothing is closed."""

    def describe(self) -> list[str]:
        return [
            "MX           127.0.0.1:2525   accepts mail for any address at harbour.example",
            "mail server  127.0.0.1:2526   refuses connections while it is down",
            "internet     127.0.0.1:2527   accepts mail to any address",
        ]


async def test_the_feed_names_the_port_to_send_to_and_all_ports_have_a_screen(
    session: FakeSession, wall: Wall
) -> None:
    lab: Callable[[Callable[[str], None]], RealMail] = lambda say: Described()  # noqa: E731
    desk = ControlDesk(replace(opened(session), lab=lab), wall, 60)
    await desk.start_lab()
    (line,) = [entry.event.text for entry in desk.view(0).entries if entry.event.source == "lab"]
    assert line.startswith("SEND MAIL HERE: MX 127.0.0.1:2525 accepts mail for any address at harbour")
    assert [one.partition(" 127")[0] for one in desk.ports] == ["MX", "mail server", "internet"]
    shown = [text_of(row) for row in PortsScreen(desk.ports).rows(110)]
    assert any("mail server 127.0.0.1:2526" in row for row in shown)
    await desk.leave()


class Delivering(Described):
    """A lab that delivers until it is asked to stop at once."""

    def __init__(self) -> None:
        self.stopping = asyncio.Event()
        self.say: Callable[[str], None] = print

    def saying(self, say: Callable[[str], None]) -> RealMail:
        """The lab, with the function that shows its lines."""
        self.say = say
        return self

    async def stop(self, at_once: asyncio.Event | None = None) -> None:
        self.say("delivering 7 messages first; stopping immediately loses none")
        self.stopping.set()
        assert at_once is not None
        await at_once.wait()


async def test_ctrl_c_while_the_console_leaves_stops_delivering(session: FakeSession, wall: Wall) -> None:
    lab = Delivering()
    app = DrillApp(lambda: replace(opened(session), lab=lab.saying), 60, wall)
    async with app.run_test(size=(120, 36)) as pilot:
        while app.desk is None:
            await pilot.pause()
        app.hurry()  # the first Ctrl+C, as the driver passes it on: the console does not leave yet
        leaving = asyncio.create_task(pilot.press("ctrl+c"))
        await asyncio.wait_for(lab.stopping.wait(), 20)
        assert "delivering 7 messages first" in said(pilot, "hint")
        app.hurry()
        await asyncio.wait_for(leaving, 20)
    assert app.return_value == exit_status.INTERRUPTED
