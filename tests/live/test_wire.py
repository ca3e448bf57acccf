"""A real client at each port meets what the model's senders meet at the same simulated moment."""

import asyncio
import errno
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.drill.services.wire import DOORS, Attempt, Door, PortAnswer
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS
from sim.live.disk.mail_folder import launch_of_a_lab
from sim.live.lab import Lab, open_lab
from sim.mail.message.receiver_draws import attempt_permille, recipient_permille
from tests.live.test_bounds import holds

DEFERRED = "451 4.3.2 temporary server error"
BUSY = "451 4.3.2 service is busy, try again later"
LOCKED = "530 5.7.57 "
TENANT_LOCKED = "550 5.7.51 "
CLOSED, SILENT, OPEN = "closed", "silent", "250"
OUTSIDE = ("MX", "MX 2", "smart host")

TABLE: dict[str, dict[Door, str]] = {
    "exchange-down": {"MX": OPEN, "mail server": CLOSED, "direct": CLOSED, "smart host": OPEN},
    "gateway-back-soon": {"MX": CLOSED, "MX 2": CLOSED, "smart host": CLOSED, "mail server": OPEN},
    "gateway-down": {"MX": CLOSED, "MX 2": CLOSED, "smart host": CLOSED, "direct": LOCKED, "backup": OPEN},
    "gateway-down-4xx": {"MX": BUSY, "MX 2": BUSY, "smart host": BUSY, "mail server": OPEN},
    "gateway-down-drops": {"MX": SILENT, "MX 2": SILENT, "smart host": SILENT, "mail server": OPEN},
    "gateway-down-long-ttl": {"MX": CLOSED, "MX 2": CLOSED, "smart host": CLOSED},
    "gateway-down-m365": {"MX": CLOSED, "MX 2": CLOSED, "direct": TENANT_LOCKED},
    "gateway-down-m365-rule": {"MX": CLOSED, "MX 2": CLOSED, "direct": OPEN},
    "gateway-grey": {"MX": OPEN, "MX 2": OPEN, "smart host": OPEN, "mail server": OPEN},
    "gateway-half": {"MX": CLOSED, "MX 2": OPEN, "mail server": OPEN},
    "gateway-slow": {"MX": OPEN, "MX 2": OPEN, "mail server": OPEN},
    "m365-access-only": {"MX": OPEN, "mail server": OPEN},
    "m365-offline": {"MX": OPEN, "mail server": DEFERRED, "smart host": OPEN},
    "mimecast-2013": {"MX": SILENT, "MX 2": SILENT, "smart host": SILENT},
    "mimecast-2013-one-smart-host": {"MX": SILENT, "MX 2": SILENT, "smart host": SILENT},
}
"""What must happen at a port two minutes after the onset: from the text of the outages, by hand."""
BEFORE_THE_END: dict[str, dict[Door, str]] = {
    **TABLE,
    "gateway-half": {"MX": CLOSED, "MX 2": OPEN, "mail server": OPEN},
    "m365-intermittent": {"MX": OPEN, "MX 2": OPEN, "smart host": OPEN},
    "m365-partial": {"MX": OPEN, "MX 2": OPEN, "smart host": OPEN},
    "ex1224375": {"MX": OPEN, "MX 2": OPEN, "smart host": OPEN},
    "mimecast-2013": {"MX": SILENT, "MX 2": OPEN, "smart host": OPEN},
    "mimecast-2013-one-smart-host": {"MX": OPEN, "MX 2": OPEN, "smart host": SILENT},
    "mimecast-2019": {"mail server": OPEN},
}
"""What must happen a minute before the end. The hosts of `mimecast-2013` come back one after another."""
AFTER_THE_END: dict[Door, str] = {"MX": OPEN, "MX 2": OPEN, "smart host": OPEN, "mail server": OPEN}
SHORTEST = {
    "gateway-back-soon": "1h",
    "gateway-down-long-ttl": "54h",
    "m365-access-only": "30m",
    "m365-offline": "30m",
    "m365-partial": "30m",
    "m365-intermittent": "2h",
    "ex1224375": "2h",
    "mimecast-2019": "1h",
}
"""Settings of outages that cannot be as short as the others, which last ten minutes here."""
IN_PART = ("ex1224375", "gateway-half", "m365-intermittent", "m365-partial", "mimecast-2019")


@cache
def shipped() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in Path("scenarios/outages").glob("*.yaml")))


@asynccontextmanager
async def lab_of(
    outage: str, tmp_path: Path, length: str | None = None
) -> AsyncIterator[tuple[Session, Lab]]:
    settings = {} if length is None else {"outage": length}
    scenario = load_scenario(outage, {"users": "50", **settings})
    session = Session.start(scenario, 1, tmp_path / f"{outage}.jsonl", launch_of_a_lab())
    lab = open_lab(session, say=lambda _line: None)
    await lab.start()
    try:
        yield session, lab
    finally:
        await lab.stop()
        session.close()


def ports_of(lab: Lab) -> dict[Door, int]:
    return {host.door: host.port for host in lab.hosts}


async def meets(port: int, recipient: str, sender: str = "ada@partner.example") -> str:
    """What a client meets: `closed`, `silent`, or the reply to its RCPT."""
    with socket.socket() as link:
        link.setblocking(False)
        begun = link.connect_ex(("127.0.0.1", port))
        assert begun in {0, errno.EINPROGRESS, errno.ECONNREFUSED}
        if begun == errno.ECONNREFUSED or _state(link) == 7:
            return CLOSED
        if _state(link) == 2:
            return SILENT
        reader, writer = await asyncio.open_connection(sock=link)
        reply = (await reader.readline()).decode()
        for line in ("EHLO client.example", f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>"):
            if reply[:1] != "2":
                break
            writer.write(f"{line}\r\n".encode())
            reply = (await reader.readline()).decode()
            while reply[3:4] == "-":
                reply = (await reader.readline()).decode()
        writer.close()
        return reply.strip() or CLOSED


def _state(link: socket.socket) -> int:
    """TCP_INFO of Linux: 1 established, 2 SYN sent, 7 closed."""
    return link.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]


needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="TCP_INFO and lost packets are Linux's")


def test_every_shipped_outage_is_in_the_table() -> None:
    assert {*TABLE, *IN_PART} == set(shipped()) == set(BEFORE_THE_END)


@needs_linux
@pytest.mark.parametrize("outage", TABLE)
async def test_each_port_does_what_the_outage_says(outage: str, tmp_path: Path) -> None:
    async with lab_of(outage, tmp_path) as (session, lab):
        domain, numbers = session.scenario.organisation.domain, ports_of(lab)
        for door in ("MX", "MX 2", "smart host", "mail server"):
            assert await meets(numbers[door], f"user0001@{domain}") == "250 2.1.5 Recipient OK", door
        session.advance(session.scenario.outage_start_ms + 2 * MINUTE_MS)
        await lab.pump()
        for door, wanted in TABLE[outage].items():
            met = await meets(numbers[door], f"user0001@{domain}")
            assert met.startswith(wanted), f"{door}: {met}"


@needs_linux
@pytest.mark.parametrize("outage", shipped())
async def test_each_port_does_so_until_the_end_and_serves_everyone_afterwards(
    outage: str, tmp_path: Path
) -> None:
    async with lab_of(outage, tmp_path, SHORTEST.get(outage, "10m")) as (session, lab):
        domain, numbers, end_ms = (
            session.scenario.organisation.domain,
            ports_of(lab),
            session.scenario.outage_end_ms,
        )
        for moment_ms, row in (
            (end_ms - MINUTE_MS, BEFORE_THE_END[outage]),
            (end_ms + MINUTE_MS, AFTER_THE_END),
        ):
            session.advance(moment_ms)
            await lab.pump()
            for door, wanted in row.items():
                met = await meets(numbers[door], f"user0001@{domain}")
                assert met.startswith(wanted), f"{door}: {met}"


@needs_linux
async def test_a_closed_and_a_silent_port_come_back(tmp_path: Path) -> None:
    async with lab_of("mimecast-2013", tmp_path) as (session, lab):
        numbers, whom = ports_of(lab), f"user0001@{session.scenario.organisation.domain}"
        session.advance(session.scenario.outage_start_ms + 2 * MINUTE_MS)
        await lab.pump()
        assert await meets(numbers["MX"], whom) == SILENT
        session.advance(session.scenario.outage_start_ms + 3 * 60 * MINUTE_MS + MINUTE_MS)
        await lab.pump()
        assert [(await meets(numbers[door], whom))[:3] for door in OUTSIDE[:2]] == ["sil", "250"]


def users() -> Iterator[int]:
    yield from range(50)


async def test_the_same_users_are_deferred_as_in_the_model(tmp_path: Path) -> None:
    async with lab_of("m365-partial", tmp_path) as (session, lab):
        domain, port = session.scenario.organisation.domain, lab.ports.mail_server
        session.advance(session.scenario.outage_start_ms + 2 * MINUTE_MS)
        await lab.pump()
        replies = [await meets(port, f"user{number:04d}@{domain}") for number in users()]
        lost = session.drill.world.users.absences.lost
        assert [reply.startswith("451") for reply in replies] == lost.tolist()
        drawn = recipient_permille(session.seed, "server", np.arange(50, dtype=np.int64))
        assert (lost == (drawn < 350)).all()


@pytest.mark.parametrize("outage", ["m365-intermittent", "ex1224375"])
async def test_a_share_of_attempts_is_drawn_as_in_the_model_and_a_retry_gets_through(
    outage: str, tmp_path: Path
) -> None:
    async with lab_of(outage, tmp_path) as (session, lab):
        domain, port = session.scenario.organisation.domain, lab.ports.mail_server
        session.advance(session.scenario.outage_start_ms + 2 * MINUTE_MS)
        await lab.pump()
        met = session.meets("mail server")
        for number in range(8):
            whom, tries = f"user{number:04d}@{domain}", 0
            while (await meets(port, whom)).startswith("451"):
                tries += 1
                assert session.hits(met, Attempt(tries, "ada@partner.example", whom))
            assert not session.hits(met, Attempt(tries + 1, "ada@partner.example", whom))
        hit = sum(session.hits(met, Attempt(n, "a@b.example", f"user0001@{domain}")) for n in range(4000))
        assert 2880 < hit < 3120  # 75 % of 4,000: four standard deviations are 110
        assert met.host == session.drill.world.queue._host.name
        assert met.per_mille == session.drill.world.queue.condition.per_mille == 750
        assert attempt_permille(1, met.host, np.array([5]), 1)[0] < 1000


async def test_half_a_gateway_defers_three_in_four_at_the_smart_host(tmp_path: Path) -> None:
    async with lab_of("gateway-half", tmp_path) as (session, lab):
        session.advance(session.scenario.outage_start_ms + 2 * MINUTE_MS)
        await lab.pump()
        numbers, whom = ports_of(lab), f"user0001@{session.scenario.organisation.domain}"
        assert session.meets("MX").port == "closed"
        assert (await meets(numbers["MX 2"], whom)).startswith("250")
        replies = [await meets(numbers["smart host"], f"u{n}@partner.example") for n in range(40)]
        assert 20 <= sum(reply.startswith(BUSY) for reply in replies) <= 38
        assert all(reply[:3] in {"250", "451"} for reply in replies)


@needs_linux
async def test_lost_connections_never_get_a_banner_and_the_others_do(tmp_path: Path) -> None:
    async with lab_of("mimecast-2019", tmp_path) as (session, lab):
        session.advance(session.scenario.outage_start_ms + 30 * MINUTE_MS)
        await lab.pump()
        met, links = session.meets("MX"), []
        assert (met.answer, met.step, met.per_mille) == ("timeout", "connect", 800)
        lost = [session.hits(met, Attempt(number)) for number in range(1, 31)]
        assert 15 < sum(lost) < 30
        for gone in lost:
            reader, writer = await asyncio.open_connection("127.0.0.1", lab.ports.mx)
            links.append(writer)
            if not gone:
                assert (await reader.readline()).startswith(b"220 ")
            else:
                writer.write(b"EHLO client.example\r\n")
        silent = [link for link in lab.mx.listener.connections if type(link).__name__ == "MuteConnection"]
        assert len(silent) == sum(lost)
        for writer in links:
            writer.close()


@pytest.mark.parametrize("outage", shipped())
def test_every_port_agrees_with_its_host_of_the_model_all_along(outage: str) -> None:
    short = {"users": "20", "outage": SHORTEST.get(outage, "20m")}
    session = Session(load_scenario(outage, short), 1, None)
    start_ms, end_ms = session.scenario.outage_start_ms, session.scenario.outage_end_ms
    onset = (start_ms - 1, start_ms + 1, start_ms + 5 * MINUTE_MS)
    for moment_ms in (*onset, (start_ms + end_ms) // 2, end_ms - 1, end_ms + 1, end_ms + 3_600_000):
        session.advance(moment_ms)
        world, met = session.drill.world, {door: session.meets(door) for door in DOORS}
        for door, name in (("MX", "gateway-1"), ("MX 2", "gateway-2"), ("backup", "backup")):
            assert met[door].answer == world.inbound.hosts[name].at(world.now_ms).answer
        assert met["direct"].answer == world.inbound.hosts["server"].at(world.now_ms).answer
        assert met["mail server"].answer == world.queue.condition.answer
        outbound = world.writers.outbound.hosts["gateway"].at(world.now_ms)
        assert (met["smart host"].answer, met["smart host"].per_mille) == (
            outbound.answer,
            outbound.per_mille,
        )
        for one in met.values():
            assert bool(one.reply) == (one.answer in {"defer", "reject"}), one
            assert not one.reply or one.reply[4] == one.reply[0], "an enhanced code of the same class"


async def test_a_greylisting_backup_defers_first_contacts_for_its_time(lab, drill) -> None:
    drill.met["backup"] = PortAnswer(greylist_ms=5 * MINUTE_MS, by_pair=True)
    port = lab.ports.backup
    assert (await meets(port, "bob@contoso.test")).startswith("451 4.7.1")
    drill.now_ms = 5 * MINUTE_MS - 1
    assert (await meets(port, "bob@contoso.test")).startswith("451 4.7.1")
    drill.now_ms += 1
    assert (await meets(port, "bob@contoso.test")).startswith("250")
    assert (await meets(port, "eve@contoso.test")).startswith("451 4.7.1"), "a contact of its own"


async def test_a_slow_server_lets_two_clients_in_at_a_time_by_the_simulated_clock(lab, drill) -> None:
    drill.met["direct"] = PortAnswer(servers=2, per_message_ms=1000)
    clients = [await _at_data(lab.ports.direct) for _ in range(3)]
    asked = [asyncio.ensure_future(reader.readline()) for reader, _ in clients]
    await holds(lambda: len(lab.hosts[4]._gate._waiting) == 3)
    drill.now_ms = 999
    await lab.pump()
    assert not any(one.done() for one in asked)
    drill.now_ms = 1000
    await lab.pump()
    done, waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.wait([one for one in asked[:2] if one not in done] or done)
    assert [one.result()[:3] for one in asked[:2]] == [b"354", b"354"]
    assert asked[2] in waiting
    drill.now_ms = 2000
    await lab.pump()
    assert (await asked[2])[:3] == b"354"
    for _, writer in clients:
        writer.close()


async def _at_data(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()
    for line in (b"HELO client.example", b"MAIL FROM:<a@b.example>", b"RCPT TO:<bob@contoso.test>"):
        writer.write(line + b"\r\n")
        assert (await reader.readline())[:3] == b"250"
    writer.write(b"DATA\r\n")
    return reader, writer


@pytest.mark.parametrize("step", ["connect", "mail", "rcpt"])
@pytest.mark.parametrize(
    ("answer", "reply"), [("defer", "451 4.3.2 Service is busy"), ("reject", "554 5.7.1 Not from here")]
)
async def test_a_reply_comes_at_the_step_of_the_model(lab, drill, step: str, answer: str, reply: str) -> None:
    drill.met["direct"] = PortAnswer(answer, reply, step=step)
    reader, writer = await asyncio.open_connection("127.0.0.1", lab.ports.direct)
    codes = [(await reader.readline())[:3]]
    for line in (b"HELO client.example", b"MAIL FROM:<a@b.example>", b"RCPT TO:<bob@contoso.test>"):
        if codes[-1][:1] == b"2":
            writer.write(line + b"\r\n")
            codes.append((await reader.readline())[:3])
    writer.close()
    assert len(codes) == {"connect": 1, "mail": 3, "rcpt": 4}[step]
    assert codes[-1] == reply[:3].encode()


async def test_back_pressure_defers_at_mail_and_a_421_closes_the_connection(lab, drill) -> None:
    drill.met["direct"] = PortAnswer("defer", "452 4.3.1 Insufficient system resources", step="mail")
    assert await meets(lab.ports.direct, "bob@contoso.test") == "452 4.3.1 Insufficient system resources"
    drill.met["MX"] = PortAnswer("defer", "421 4.3.1 queue is full")
    reader, writer = await asyncio.open_connection("127.0.0.1", lab.ports.mx)
    await reader.readline()
    for line in (b"HELO client.example", b"MAIL FROM:<a@b.example>", b"RCPT TO:<bob@contoso.test>"):
        writer.write(line + b"\r\n")
        reply = await reader.readline()
    assert reply == b"421 4.3.1 queue is full\r\n"
    assert await reader.read() == b""
    writer.close()


async def test_bridge_delivers_to_a_server_that_defers_everybody_else(lab, drill) -> None:
    reader, writer = await _at_data(lab.ports.mx)
    assert (await reader.readline())[:3] == b"354"
    writer.write(b"Subject: hello\r\n\r\nHello\r\n.\r\n")
    assert (await reader.readline())[:3] == b"250"
    writer.close()
    drill.server_listens = True
    drill.met["mail server"] = PortAnswer("defer", "451 4.3.2 temporary server error")
    drill.happens("relay", 0)
    await lab.pump()
    await drill.settles([0])
    assert (await meets(lab.ports.mail_server, "bob@contoso.test")).startswith("451")
