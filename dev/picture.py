"""The picture in the README: the real console in the real `exchange-down`, at half past eleven.

`make picture` runs it; the same seed and the same commands make the same picture.
"""

import asyncio
import re
import sys
import tempfile
from pathlib import Path

from sim.kernel.duration import parse_duration
from tui.app import DrillApp
from tui.playing.open_drill import NewDrill, begin

SIZE = (120, 36)
SEED = 7
PLAYED = (
    ("1h20m30s", "alerts ack"),
    ("1h22m", "continuity start for=8h via=sms"),
    ("1h28m", "alerts ack"),
    ("1h30m", "status check gateway"),
    ("1h38m", "notify users via=sms text=Use the portal; do not resend"),
    ("1h46m", "notify executives via=phone state=down"),
    ("2h20m", "notify partners via=phone state=down"),
    ("3h28m", "notify users via=sms text=Next update at one o'clock"),
)
UNTIL = "3h31m10s"
TYPED = "continuity extend 8h"


async def picture() -> str:
    """The SVG."""
    wall_s = 0.0
    with tempfile.TemporaryDirectory() as folder:
        wanted = NewDrill("exchange-down", SEED, Path(folder) / "picture.jsonl", speed=60)
        app = DrillApp(lambda: begin(wanted), 60, wall=lambda: wall_s)
        async with app.run_test(size=SIZE) as pilot:
            while app.desk is None:
                if app.failure is not None:
                    raise app.failure
                await pilot.pause()
            for when, command in PLAYED:
                app.desk.opened.drill.advance(parse_duration(when))
                reply = app.desk.give(command)
                if not reply.accepted:
                    raise SystemExit(f"picture: {command}: {reply.text}")
            app.desk.opened.drill.advance(parse_duration(UNTIL) - 1500)
            app.desk.frame()
            app.desk.view(0)
            wall_s += 0.025
            app.desk.frame()
            await pilot.press(*("space" if char == " " else char for char in TYPED))
            await pilot.pause()
            svg = app.export_screenshot(title="mxdrill")
            await pilot.press("ctrl+q")
            await pilot.pause()
    return re.sub(r"terminal-\d+-", "terminal-mxdrill-", svg)


def main() -> int:
    """Write the picture to the path given."""
    path = Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(asyncio.run(picture()), encoding="utf-8")
    print(f"picture: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
