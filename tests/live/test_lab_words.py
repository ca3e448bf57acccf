"""What a lab prints and understands: EXERCISE, truth on request, its clock, its check, and quiet."""

import asyncio
import re
from pathlib import Path

import pytest

from sim.drill.room.events import Event
from sim.drill.services.wire import PortAnswer
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.tui.conftest import Wall
from tui.cli import main
from tui.shell.lab.clock import LabClock
from tui.shell.lab.options import LabOptions, shown
from tui.shell.lab.port_checks import check_names, check_port

SMALL = ("--set", "users=50")


async def test_a_lab_hides_the_truth_and_knows_its_words(mxdrill, tmp_path: Path) -> None:
    words = ("--speed", "60", "--journal", str(tmp_path / "drill.jsonl"), *SMALL)
    program = await mxdrill("lab", "exchange-down", *words)
    await program.port("internet")
    assert program.lines[0].startswith("EXERCISE: ")
    program.type("pause")
    assert "clock stopped" in await program.until("clock stopped")
    program.type("step 5h")
    stepped = await program.until("clock stopped")
    assert stepped.startswith("T+05:00:")
    program.type("step 0s")
    assert (await program.until("clock stopped")).split()[0] == stepped.split()[0], "it stands still"
    program.type("speed 0")
    await program.until("give a number above 0")
    program.type("authority")
    await program.until("write `authority off|on`")
    program.type("authority off")
    assert "the resolvers get no answer; simulated senders are not" in await program.until("authority off")
    program.type("authority on")
    await program.until("authority on")
    program.type("?")
    await program.until("deliveries pause")
    program.type("note seen")
    program.type("quit")
    assert await program.end() == 0
    told = "\n".join(program.lines)
    assert "monitor" in told
    assert "refuses:" not in told, "the fault itself is hidden from trainees"
    assert "to continue: mxdrill resume" in program.lines[-2]


def test_truth_is_shown_on_request_and_quiet_shows_real_mail() -> None:
    kinds = ("fault", "milestone", "monitor", "call", "mail", "done", "end")
    events = [Event(0, 0, kind, "somewhere", "something") for kind in kinds]

    def lines(**options: bool) -> list[str]:
        return [event.kind for event in events if shown(event, LabOptions(60, **options))]

    assert lines() == ["monitor", "call", "mail", "done", "end"]
    assert lines(truth=True) == ["fault", "monitor", "call", "mail", "done", "end"]
    assert lines(quiet=True) == ["mail", "done", "end"]


def test_the_clock_follows_the_wall_stops_and_jumps() -> None:
    session, wall = Session(load_scenario("exchange-down", {"users": "50"}), 1, None), Wall()
    clock = LabClock(session, wall, 3600)

    def frame(passed_s: float = 0.05) -> int:
        wall.now_s += passed_s
        clock.frame(lambda: False)
        return session.now_ms

    assert frame(0.5) == HOUR_MS // 2
    clock.pause()
    assert frame(0.5) == HOUR_MS // 2
    clock.go()
    assert frame(0.5) == HOUR_MS, "the pause is not made up for"
    clock.step(10 * MINUTE_MS, lambda: False)
    assert frame(0.5) == HOUR_MS + 10 * MINUTE_MS
    clock.jump("event")
    frame()
    assert clock.stopped
    assert clock.paused
    limited = LabClock(session, wall, 3600, session.now_ms + 1000)
    wall.now_s += 0.5
    limited.frame(lambda: False)
    assert limited.over


def test_check_compares_each_port_with_the_drill(capsys) -> None:
    assert main(["lab", "gateway-down", "--check", "--until", "6h", *SMALL]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("EXERCISE: ")
    assert all(line.startswith("ok ") for line in lines[1:]), lines
    assert [line.split()[-1] for line in lines[1:3]] == ["closed", "closed"]
    assert "mx-a.gateway.example." in next(line for line in lines if "authority" in line)


@pytest.mark.parametrize(
    ("met", "good"),
    [(PortAnswer(), True), (PortAnswer("defer", "451 4.3.2 busy"), True), (None, False)],
)
async def test_a_port_that_does_something_else_fails_the_check(
    lab, drill, met: PortAnswer | None, good: bool
) -> None:
    async def drive() -> None:
        await lab.pump()

    direct = next(host for host in lab.hosts if host.door == "direct")
    if met is None:  # the port is closed, and the drill says nothing of it
        await direct.listener.close()

        async def drive() -> None:
            """It stays closed."""
    else:
        drill.met["direct"] = met
    assert (await check_port(lab, direct, drive)).good is good
    assert all(report.good for report in await check_names(lab))


async def test_a_monitoring_system_reads_the_figures_of_the_console(mxdrill, tmp_path: Path) -> None:
    words = ("--metrics-port", "0", "--speed", "3600", "--journal", str(tmp_path / "drill.jsonl"), *SMALL)
    program = await mxdrill("lab", "exchange-down", *words)
    port = await program.port("metrics")
    program.type("step 8h")
    await program.until("clock stopped")

    async def get(path: str) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        reply = (await reader.read()).decode()
        writer.close()
        return reply

    page = await get("/metrics")
    figures = dict(re.findall(r"^(mxdrill_\S+) (\S+)$", page, re.MULTILINE))
    assert figures["mxdrill_exercise"] == "1.0"
    assert float(figures['mxdrill_gateway_queue_messages{direction="inbound"}']) > 10
    assert float(figures["mxdrill_simulated_seconds"]) >= 8 * 3600
    assert figures['mxdrill_smtp_connections{port="MX"}'] == "0.0"
    assert "fault" not in page
    assert (await get("/")).startswith("HTTP/1.1 404")
