"""An hour at a table as people play it: four seats in Chromium, one by OpenSSH, the facilitator in tmux.

The plot is that of `tests/hour.py`, at sixty times real time; it takes two minutes. `make test-real` installs
the programs. With `MXDRILL_PICTURES=FOLDER`, pictures of the screens are kept there.
"""

import asyncio
import json
import os
import re
import shlex
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests import hour
from tests.hour import BY_SSH, FACILITATOR, PEOPLE, check_history, check_leaks, leaks

ROOT = Path(__file__).resolve().parents[3]
PLAYWRIGHT = ROOT / ".venv" / "node"
PATIENCE_S = 60.0
SCREEN = ("160", "48")
pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed; make test-real installs it")
    return found


async def run(*words: str) -> str:
    """The output of a program that succeeds."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, (words, out)
    return out.decode()


class Tmux:
    """Terminals of a tmux server of its own."""

    def __init__(self, folder: Path) -> None:
        self._socket = str(folder / "tmux")

    async def act(self, *words: str) -> str:
        return await run(program("tmux"), "-S", self._socket, "-f", os.devnull, *words)

    async def begin(self, name: str, kept: Path | None = None) -> None:
        """A terminal with a shell; every octet that is printed there goes to the file `kept`."""
        shell = f"env PS1='ready> ' {program('bash')} --norc --noprofile"
        await self.act("new-session", "-d", "-s", name, "-x", SCREEN[0], "-y", SCREEN[1], shell)
        if kept is not None:
            await self.act("pipe-pane", "-t", name, f"cat >> {shlex.quote(str(kept))}")

    async def type(self, name: str, text: str, *, enter: bool = True) -> None:
        if text:
            await self.act("send-keys", "-t", name, "-l", text)
        if enter:
            await self.act("send-keys", "-t", name, "Enter")

    async def text(self, name: str) -> str:
        return await self.act("capture-pane", "-p", "-t", name)

    async def child(self, name: str) -> int:
        """The process that the shell of the terminal has started."""
        shell = (await self.act("display-message", "-p", "-t", name, "#{pane_pid}")).strip()
        return int(await run(program("pgrep"), "-P", shell))


class Browsers:
    """Chromium, driven by playwright-core in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._turn = asyncio.Lock()

    async def act(self, act: str, **more: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        async with self._turn:
            self._process.stdin.write(json.dumps({"act": act, **more}).encode() + b"\n")
            said = json.loads(await asyncio.wait_for(self._process.stdout.readline(), 60))
        assert "mistake" not in said, (act, more, said)
        return said["told"]


class Room:
    """A `Stage` of real programs."""

    def __init__(self, folder: Path, tmux: Tmux, browsers: Browsers) -> None:
        self._folder, self._tmux, self._browsers = folder, tmux, browsers
        self.journal = folder / "hour.jsonl"
        self.links: dict[str, str] = {}
        self.facilitator: list[str] = []
        """Screens of the facilitator, one for each step."""
        self._before: dict[str, str] = {}
        self._pictures = Path(os.environ.get("MXDRILL_PICTURES", folder))

    def bytes_of(self, seat: str) -> Path:
        return self._folder / f"{seat}.bytes"

    async def text(self, who: str) -> str:
        if who in {BY_SSH, FACILITATOR}:
            return await self._tmux.text(who)
        return str(await self._browsers.act("text", name=who))

    async def until(self, who: str, true: Callable[[str], bool], what: str) -> str:
        """The text of the screen, once it is as wanted."""
        for _ in range(round(PATIENCE_S / 0.1)):
            if true(text := await self.text(who)):
                return text
            await asyncio.sleep(0.1)  # other programs paint it
        pytest.fail(f"{who} does not show {what}:\n{text}")

    async def shows(self, seat: str, words: str) -> None:
        await self.until(seat, lambda text: words in text, words)

    async def number(self, seat: str, pattern: str) -> str:
        text = await self.until(seat, lambda text: re.search(pattern, text) is not None, pattern)
        return re.findall(pattern, text)[0]

    async def type(self, who: str, text: str, *, enter: bool = True) -> None:
        if who in {BY_SSH, FACILITATOR}:
            await self._tmux.type(who, text, enter=enter)
        else:
            await self._browsers.act("type", name=who, text=text, enter=enter)
        if who == FACILITATOR:
            await self.shows(who, text[:40])

    async def reach(self, minute: float) -> None:
        def reached(text: str) -> bool:
            found = re.search(r"T\+(\d+):(\d\d)", text)
            return found is not None and int(found[1]) * 60 + int(found[2]) >= minute

        self.facilitator.append(await self.until(FACILITATOR, reached, f"T+{minute} min"))

    async def picture(self, name: str) -> None:
        """Keep a picture of each browser, and the text of each terminal."""
        for terminal in (FACILITATOR, BY_SSH):
            text = await self.text(terminal)
            (self._pictures / f"{name}-{terminal}.txt").write_text(text, encoding="utf-8")
        for seat in (one for one in PEOPLE if one != BY_SSH):
            path = self._pictures / f"{name}-{seat}.png"
            await self._browsers.act("shot", name=seat, path=str(path))
            assert path.stat().st_size > 10_000

    # ------------------------------------------------------------ the server

    async def serve(self, *words: str) -> None:
        """Start the server in the facilitator's terminal, and read the links from its screen."""
        command = [sys.executable, "-m", "tui.cli", *words]
        await self._tmux.type(FACILITATOR, f"cd {shlex.quote(str(ROOT))} && clear && {shlex.join(command)}")
        await self.shows(FACILITATOR, "space stop/go")
        await self._tmux.type(FACILITATOR, "links")
        rows = await self.until(
            FACILITATOR, lambda text: re.search(r"(?m)^ ?JSON lines on", text) is not None, "the links"
        )
        self.links = dict(row.strip().split(": ", 1) for row in rows.splitlines() if ": " in row)
        await self._tmux.act("send-keys", "-t", FACILITATOR, "Escape")

    async def ssh(self) -> None:
        """Log on with OpenSSH, as the link says."""
        way, _, password = self.links[f"SSH {BY_SSH}"].partition("  password ")
        known = self._folder / "known_hosts"
        asked = f"-F none -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile={shlex.quote(str(known))}"
        await self._tmux.type(BY_SSH, f"clear; {program('ssh')} {asked} {way.removeprefix('ssh ')}")
        await self.shows(BY_SSH, "assword:")
        await self._tmux.type(BY_SSH, password.strip())
        await self.shows(BY_SSH, "EXERCISE")
        prints = await run(program("ssh-keygen"), "-lf", str(known))
        assert self.links["SSH host key"] in prints

    async def begin(self) -> None:
        """Open the table and have everyone take their seats."""
        scenario = self._folder / "zebra-week.yaml"
        scenario.write_text(hour.SCENARIO, encoding="utf-8")
        await self._tmux.begin(FACILITATOR)
        await self._tmux.begin(BY_SSH, self.bytes_of(BY_SSH))
        await self.serve(
            "table", str(scenario), "--seats", ",".join(PEOPLE), "--set", f"users={hour.USERS}",
            "--doors", "browser,ssh,lines", "--facilitator", "Fay", "--journal", str(self.journal),
        )  # fmt: skip
        for seat, person in PEOPLE.items():
            if seat == BY_SSH:
                await self.ssh()
            else:
                await self._browsers.act("open", name=seat, url=self.links[f"seat {seat}"])
            await self.shows(seat, "Type your name")
            await self.type(seat, person)
            await self.shows(seat, f"{person}: takes the seat {seat}" if seat == "messaging" else "you have")
            await self.type(seat, "0", enter=False)

    async def come_back(self, seat: str) -> None:
        """The window is closed, and opened again from the browser's history."""
        await self._browsers.act("close", name=seat)
        home = self.links[f"seat {seat}"].partition("/join/")[0]
        await self._browsers.act("go", name=seat, url=f"{home}/seat/{seat}/")

    async def kill_and_resume(self) -> None:
        """Kill the server; pages return by themselves, and Sid logs on again."""
        await self.picture("before-the-kill")
        os.kill(await self._tmux.child(FACILITATOR), signal.SIGKILL)
        for seat in PEOPLE:
            await self.shows(seat, "ready>" if seat == BY_SSH else "No connection to the table; trying again")
        await self.picture("killed")
        await self.shows(FACILITATOR, "ready>")
        before = self.links
        journal = self.journal.with_name("hour-branch-1.jsonl")
        await self.serve("resume", str(journal))
        assert self.links == before  # the same ports and tokens
        await self.ssh()
        for seat in PEOPLE:
            await self.until(
                seat, lambda text: "No connection" not in text and "EXERCISE" in text, "the seat"
            )
            await self.type(seat, "0", enter=False)
        await self.picture("resumed")

    async def end(self) -> None:
        """Leave the table; every page says that it is over."""
        await self.type(FACILITATOR, "quit", enter=False)
        await self._tmux.type(FACILITATOR, "")
        for seat in PEOPLE:
            await self.shows(seat, "ready>" if seat == BY_SSH else "he exercise is over")
        await self.shows(FACILITATOR, "mxdrill debrief")
        await self.picture("over")


@asynccontextmanager
async def room(folder: Path) -> AsyncIterator[tuple[Room, Browsers]]:
    for name in ("ssh", "ssh-keygen", "tmux", "bash"):
        program(name)
    words = [program("node"), str(Path(__file__).with_name("browsers.mjs")), str(PLAYWRIGHT)]
    if not (PLAYWRIGHT / "node_modules" / "playwright-core").is_dir():
        pytest.skip("playwright-core is not installed; make test-real installs it")
    pipe = asyncio.subprocess.PIPE
    node = await asyncio.create_subprocess_exec(
        *words, program("chromium"), str(folder), stdin=pipe, stdout=pipe, limit=1 << 24
    )
    tmux = Tmux(folder)
    try:
        browsers = Browsers(node)
        yield Room(folder, tmux, browsers), browsers
    finally:
        assert node.stdin is not None
        node.stdin.close()
        await node.wait()
        await tmux.act("kill-server")


@asynccontextmanager
async def another_site() -> AsyncIterator[str]:
    """A page of another origin on this machine: the same site for cookies, which know no ports."""

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>Cats</title><body>cats", content_type="text/html")

    app = web.Application()
    app.add_routes([web.get("/", page)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def test_an_hour_at_a_table_with_browsers_ssh_and_tmux() -> None:
    with tempfile.TemporaryDirectory(prefix="hour") as name:
        folder = Path(name)
        async with room(folder) as (here, browsers):
            await here.begin()
            await hour.play(here)
            home = here.links["seat lead"].partition("/join/")[0]
            async with another_site() as url:
                tried = await browsers.act("attack", name="lead", url=url, target=f"{home}/seat/lead/")
            assert tried == {"wire": "refused", "read": "refused", "framed": "closed"}
            for page, link in (("phone", here.links["phone lead"]), ("projector", here.links["projector"])):
                await browsers.act("open", name=page, url=link)
                text = await browsers.act("text", name=page)
                assert leaks("lead" if page == "phone" else "", text.encode()) == []
                await browsers.act("shot", name=page, path=str(here._pictures / f"{page}.png"))
            await here.end()
            assert await browsers.act("hosts") == [home.removeprefix("http://")]
            got = {seat: here.bytes_of(seat).read_bytes() for seat in PEOPLE}
        check_leaks(got, here.facilitator)
        branch = here.journal.with_name("hour-branch-1.jsonl")
        check_history(branch)
        assert not branch.with_suffix(".key").exists()
