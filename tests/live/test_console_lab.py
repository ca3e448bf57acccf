"""`mxdrill play --lab`: the same lab inside the console's own event loop."""

import asyncio
import html
import mailbox
import smtplib
from pathlib import Path

import pytest

from tui.app import DrillApp
from tui.playing.open_drill import NewDrill, begin

HOUR = 3_600_000


class Wall:
    """Wall time in seconds that goes only when told to."""

    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def send(port: int, subject: str) -> None:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example", timeout=30) as client:
        client.sendmail(
            "ada@partner.example", ["bob@harbour.example"], f"Subject: {subject}\r\n\r\nHello\r\n"
        )


@pytest.mark.timeout(240)
async def test_a_message_is_on_the_screen_and_then_in_the_mailbox(tmp_path: Path) -> None:
    journal, wall = tmp_path / "drill.jsonl", Wall()
    wanted = NewDrill("exchange-down", 1, journal, lab=True, settings=("users=50", "outage=6h"))
    app = DrillApp(lambda: begin(wanted), 3600, wall)

    async def go_until(condition) -> None:
        """Let the clock go at ×3600 until `condition` holds."""
        async with asyncio.timeout(100):
            while not condition():
                wall.now_s += 0.05
                await pilot.pause(0.001)

    async with app.run_test(size=(120, 36)) as pilot:
        async with asyncio.timeout(60):
            while app.desk is None:
                assert app.failure is None
                await pilot.pause(0.01)
        drill, ports = app.desk.opened.drill, app.desk._lab.ports
        assert f"127.0.0.1:{ports.mx}" in app.desk._lab.describe()[0]
        await go_until(lambda: drill.now_ms > 1.5 * HOUR)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", ports.mail_server)
        await asyncio.to_thread(send, ports.mx, "Offer-17")
        await go_until(lambda: any(mail.real for mail in drill.snapshot().mail))
        await pilot.press("f5", "2")
        await pilot.pause()
        screen = html.unescape(app.export_screenshot())
        assert "✉" in screen
        assert "Offer-17" in screen
        await pilot.press("f5")
        await go_until(lambda: drill.settled)
        await pilot.press("ctrl+q")
    (message,) = mailbox.Maildir(tmp_path / "drill.mail" / "mailserver", create=False)
    assert message["Subject"] == "Offer-17"
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", ports.mx)
