"""What a console with a lab says about its ports."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.tui.conftest import Wall, opened
from tests.tui.fake_session import FakeSession
from tui.playing.control_desk import ControlDesk
from tui.playing.protocols import RealMail


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

    async def stop(self) -> None:
        """Nothing is closed."""

    def describe(self) -> list[str]:
        return [
            "MX           127.0.0.1:2525   accepts mail for any address at harbour.example",
            "mail server  127.0.0.1:2526   refused while it is down",
            "internet     127.0.0.1:2527   takes mail to anybody",
        ]


async def test_the_port_to_send_to_is_on_top_and_the_others_say_that_they_are_not(
    session: FakeSession, wall: Wall
) -> None:
    lab: Callable[[Callable[[str], None]], RealMail] = lambda say: Described()  # noqa: E731
    desk = ControlDesk(replace(opened(session), lab=lab), wall, 60)
    await desk.start_lab()
    first, *others = [entry.event.text for entry in desk.view(0).entries if entry.event.source == "lab"]
    assert first == "SEND MAIL HERE: MX 127.0.0.1:2525 accepts mail for any address at harbour.example"
    assert [text.partition(": ")[0] for text in others] == [
        "do not send here, the drill delivers to this port"
    ] * 2
    assert "mail server 127.0.0.1:2526" in others[0]
    assert "internet 127.0.0.1:2527" in others[1]
    await desk.leave()
