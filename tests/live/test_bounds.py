"""What a stranger on this machine can make the lab spend: connections, memory, time of its loop."""

import asyncio
import re
import signal
import smtplib
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP
from hypothesis import given
from hypothesis import strategies as st

from sim.drill.session.journal_reading import read_journal
from sim.kernel.plain_line import on_one_line
from sim.live import bridge, gate, outgoing, ports
from sim.live.connection import Connection
from sim.live.data_phase import NO_ROOM, TOO_LARGE, Room, receive
from sim.live.listener import most_connections
from sim.live.smtp import SUBJECT_SHOWN, subject_of
from sim.live.store import STORED_LIMIT
from tests.examples import TIMES
from tests.hostile import tries
from tests.live.conftest import Program

EHLO = (b"EHLO client.example", b"MAIL FROM:<ada@partner.example>", b"RCPT TO:<bob@contoso.test>", b"DATA")


async def at_data(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection that has been asked for the content of its message."""
    reader, writer = await asyncio.open_connection(sock=await ports.connect(port))
    await reader.readline()
    for line in EHLO:
        writer.write(line + b"\r\n")
        while (await asyncio.wait_for(reader.readline(), 20))[3:4] == b"-":
            pass
    return reader, writer


async def answer_to(port: int, content: bytes) -> bytes:
    reader, writer = await at_data(port)
    writer.write(content + b"\r\n.\r\n")
    answer = await asyncio.wait_for(reader.readline(), 60)
    writer.close()
    return answer.strip()


async def holds(condition: Callable[[], bool]) -> None:
    """Return when `condition` is true, which the loop brings about in a few turns."""
    for _ in range(1_000_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("the loop has turned a million times in vain")


# The content of a message, in whatever pieces it comes


def stuffed(content: bytes) -> bytes:
    """As a client sends it: a dot before each dot at the beginning of a line, and the lone dot."""
    whole = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:]
    return whole + (b".\r\n" if not content or content.endswith(b"\r\n") else b"\r\n.\r\n")


async def received(sent: bytes, cuts: list[int], limit: int = 1 << 20, room: int = 1 << 20):
    """What `receive` makes of `sent`, cut into pieces; what stays in the reader, and the room afterwards."""
    reader, left = asyncio.StreamReader(), Room(room)
    held = left.reserve()
    task = asyncio.ensure_future(receive(reader, limit, held))
    places = sorted({0, len(sent), *(cut % (len(sent) + 1) for cut in cuts)})
    for a, b in pairwise(places):
        reader.feed_data(sent[a:b])
        await asyncio.sleep(0)
    result = await task
    assert left.free + len(result) <= room if isinstance(result, bytearray) else left.free == room
    held.give_back()
    reader.feed_eof()
    return result, await reader.read(), left.free


PIECES = st.lists(st.sampled_from([b"\r\n", b".", b"\r", b"\n", b"a", b"\x00", b"..", b".\r\n"]), max_size=12)


@pytest.mark.fuzz
@tries(100)
@given(
    content=PIECES.map(b"".join), cuts=st.lists(st.integers(0, 200), max_size=6), after=PIECES.map(b"".join)
)
def test_content_comes_through_in_any_pieces_with_what_follows_it(
    content: bytes, cuts: list[int], after: bytes
) -> None:
    result, rest, free = asyncio.run(received(stuffed(content) + after, cuts))
    whole = content if not content or content.endswith(b"\r\n") else content + b"\r\n"
    assert (result, rest, free) == (whole, after, 1 << 20)


@pytest.mark.fuzz
@tries(30)
@given(cuts=st.lists(st.integers(0, 3000), max_size=6), limit=st.integers(0, 1998))
def test_content_over_the_limit_is_refused_and_the_next_command_is_read(cuts: list[int], limit: int) -> None:
    content = b"line of\r\n" * 222 + b"\r\n"
    result, rest, free = asyncio.run(received(stuffed(content) + b"QUIT\r\n", cuts, limit=limit))
    assert (result, rest, free) == (TOO_LARGE, b"QUIT\r\n", 1 << 20)
    exact, _, _ = asyncio.run(received(stuffed(content), cuts, limit=len(content)))
    assert exact == content


def test_content_without_room_is_refused_and_gives_its_room_back() -> None:
    result, rest, free = asyncio.run(received(stuffed(b"x" * 900) + b"QUIT\r\n", [100, 200], room=500))
    assert (result, rest, free) == (NO_ROOM, b"QUIT\r\n", 500)


@pytest.mark.parametrize("cut", [False, True], ids=["the client leaves", "the server is cut"])
async def test_an_unfinished_message_leaves_nothing_in_memory(cut: bool) -> None:
    """Its task and its error refer to each other: 24 MB a connection stayed until a garbage collection, and
    500 such connections one after the other took 600 MB.
    """
    reader = asyncio.StreamReader()
    reader.feed_data(b"x" * 100_000)
    task = asyncio.ensure_future(receive(reader, 1 << 20, Room(1 << 20).reserve()))
    await asyncio.sleep(0)
    task.cancel() if cut else reader.feed_eof()
    with pytest.raises((ConnectionResetError, asyncio.CancelledError)) as error:
        await task
    kept = [
        len(value)
        for frame, _line in traceback.walk_tb(error.value.__traceback__)
        for value in frame.f_locals.values()
        if isinstance(value, bytearray)
    ]
    assert kept, "the error holds the frames that have read it"
    assert sum(kept) == 0


async def test_thousands_of_commands_in_one_write_do_not_hold_up_the_others(lab, monkeypatch) -> None:
    """The replies to all of them were one turn of the loop: 3.7 s for VRFY with nested comments."""
    carried_out = []
    noop = Connection.smtp_NOOP

    async def counted(self: Connection, arg: str) -> None:
        carried_out.append(arg)
        await noop(self, arg)

    monkeypatch.setattr(Connection, "smtp_NOOP", counted)
    many = 5_000
    for_all, flood = await asyncio.open_connection(sock=await ports.connect(lab.ports.mx))
    reader, writer = await asyncio.open_connection(sock=await ports.connect(lab.ports.mx))
    await for_all.readline()
    await reader.readline()
    flood.write(b"NOOP\r\n" * many)
    writer.write(b"RSET\r\n")
    assert (await asyncio.wait_for(reader.readline(), 20)).startswith(b"250")
    assert len(carried_out) < many / 2
    for one in (flood, writer):
        one.close()


ODD_PATHS = ("<" + "(" * 400 + ">", "<a@" + "(x)" * 130 + ">", "<" + "a(" * 200 + ">", "(" * 400)


@pytest.mark.parametrize("path", ODD_PATHS)
def test_comments_in_an_address_are_not_parsed(path: str, monkeypatch) -> None:
    def parsed(self: object, arg: str) -> tuple[None, None]:
        raise AssertionError(arg)

    monkeypatch.setattr(SMTP, "_getaddr", parsed)
    assert Connection._getaddr(object.__new__(Connection), path) == (None, None)


@pytest.mark.parametrize("box", ["mail_server", "internet"])
@pytest.mark.parametrize(
    "address", ['"a\rX-Evil: 1"@contoso.test', '"a\x00b"@contoso.test', "a b@contoso.test"]
)
async def test_an_address_adds_no_field_to_a_stored_message(lab, drill, box: str, address: str) -> None:
    drill.server_listens = True
    await lab.pump()
    reader, writer = await asyncio.open_connection(sock=await ports.connect(getattr(lab.ports, box)))
    await reader.readline()
    answers = []
    for line in (
        "HELO client",
        f"MAIL FROM:<{address}>",
        "MAIL FROM:<ada@x.example>",
        f"RCPT TO:<{address}>",
    ):
        writer.write(line.encode() + b"\r\n")
        answers.append((await asyncio.wait_for(reader.readline(), 20))[:3])
    assert answers == [b"250", b"553", b"250", b"553"]
    writer.close()


async def test_a_client_that_leaves_gives_its_room_back(lab) -> None:
    free = lab.mx.listener.room.free
    _reader, writer = await at_data(lab.ports.mx)
    writer.write(b"half of")
    await holds(lambda: lab.mx.listener.room.free == free - 7)
    writer.close()
    await holds(lambda: lab.mx.listener.room.free == free)


async def test_a_connection_that_is_lost_drops_its_task_and_with_it_the_message(lab) -> None:
    """Ten-megabyte messages whose senders left after the dot took 430 MB in twelve rounds."""
    _reader, writer = await at_data(lab.ports.mx)
    (served,) = lab.mx.listener.connections
    assert served._handler_coroutine is not None
    writer.write(b"x" * 10_000)
    await writer.drain()
    writer.transport.abort()
    await holds(lambda: served._handler_coroutine is None)


# Time of the loop


async def test_a_message_of_many_short_lines_is_read_in_few_pieces(lab, drill, monkeypatch) -> None:
    reads = 0
    for name in ("read", "readuntil"):
        real = getattr(asyncio.StreamReader, name)

        async def counted(self, *args, _real=real):
            nonlocal reads
            reads += 1
            return await _real(self, *args)

        monkeypatch.setattr(asyncio.StreamReader, name, counted)
    assert (await answer_to(lab.ports.mx, b"a\r\n" * 99_999 + b"a")).startswith(b"250 ")
    assert drill.letters[0].size == 300_000
    assert reads < 1000


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "subject",
    [
        b"a " * 2_000_000,
        b"=?utf-8?b?w6TDtsO8?= " * 100_000,
        b"=?utf-8?q?" * 200_000,
        b"\r\n a" * 1_000_000,
        b"(" * 3_000_000,
        b"=?" * 1_000_000,
    ],
)
def test_a_subject_of_megabytes_is_cut_before_it_is_decoded(subject: bytes) -> None:
    """A quarter of the first one took four seconds of the loop, and a megabyte nearly a minute."""
    shown = subject_of(b"From: a\r\nSubject: " + subject + b"\r\n\r\nbody\r\n")
    assert 0 < len(shown) <= SUBJECT_SHOWN


@pytest.mark.fuzz
@tries(100)
@given(headers=st.binary(max_size=300), subject=st.binary(max_size=300))
def test_a_subject_of_any_bytes_is_one_printable_line(headers: bytes, subject: bytes) -> None:
    for content in (headers, b"Subject:" + subject, headers + b"\r\nSubject: =?utf-8?q?" + subject):
        shown = subject_of(content)
        assert len(shown) <= SUBJECT_SHOWN
        assert shown == on_one_line(shown)


# Connections, size, memory


async def test_a_connection_too_many_is_told_to_come_again(lab) -> None:
    lab.mx.listener.most_connections = 3
    held = [await at_data(lab.ports.mx) for _ in range(3)]
    reader, writer = await asyncio.open_connection(sock=await ports.connect(lab.ports.mx))
    assert (await asyncio.wait_for(reader.read(), 20)).startswith(b"421 4.3.2 Too many connections")
    writer.close()
    first, gone = held.pop()
    gone.close()
    await asyncio.wait_for(first.read(), 20)
    await holds(lambda: len(lab.mx.listener.connections) == 2)
    held.append(await at_data(lab.ports.mx))
    for _, writer in held:
        writer.close()


def test_few_open_files_mean_few_connections(monkeypatch) -> None:
    resource = pytest.importorskip("resource")
    found = []
    for files in (64, 256, 1024, resource.RLIM_INFINITY):
        monkeypatch.setattr(resource, "getrlimit", lambda _what, files=files: (files, files))
        found.append(most_connections())
    assert found == [2, 26, 100, 100]


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit of open files")
async def test_two_hundred_connections_with_few_open_files_leave_no_traceback(tmp_path: Path) -> None:
    journal = tmp_path / "drill.jsonl"
    words = ("-m", "tui.cli", "lab", "exchange-down", "--journal", str(journal), "--set", "users=50")
    process = await asyncio.create_subprocess_exec(
        *("/bin/sh", "-c", 'ulimit -n 64; exec "$@"', "sh", sys.executable, *words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    program = Program(process)
    try:
        mx = await program.port("MX")
        held = [await asyncio.open_connection(sock=await ports.connect(mx)) for _ in range(200)]
        answers = [(await asyncio.wait_for(reader.readline(), 30))[:3] for reader, _ in held]
        assert {b"220", b"421"} == set(answers)
        for _, writer in held:
            writer.close()

        def send() -> bool:
            try:
                with smtplib.SMTP("127.0.0.1", mx, local_hostname="client.example", timeout=30) as client:
                    text = "Subject: after\r\n\r\nHi\r\n"
                    client.sendmail("ada@partner.example", ["bob@harbour.example"], text)
            except smtplib.SMTPConnectError as refused:
                return refused.smtp_code != 421
            return True

        while not await asyncio.to_thread(send):  # as a sender does, until the others are gone
            pass
        process.send_signal(signal.SIGINT)
        assert await program.end() == 130
    finally:
        await program.kill()
    assert "Traceback" not in "\n".join(program.lines)
    assert [entry["letter"]["subject"] for entry in read_journal(journal) if entry["is"] == "letter"] == [
        "after"
    ]


@pytest.mark.parametrize("port", ["mail_server", "internet"])
async def test_the_other_ports_refuse_what_is_too_large(lab, drill, port: str) -> None:
    drill.server_listens = True
    await lab.pump()
    server = getattr(lab, port)
    assert server.listener.size_limit == STORED_LIMIT
    server.listener.size_limit = 1000
    assert (await answer_to(getattr(lab.ports, port), b"x" * 2000)).startswith(b"552 5.3.4 ")
    assert not server.box.paths()


@pytest.mark.parametrize("port", ["mail_server", "internet"])
async def test_the_other_ports_refuse_the_recipient_too_many(lab, drill, port: str) -> None:
    drill.server_listens = True
    await lab.pump()
    reader, writer = await asyncio.open_connection(sock=await ports.connect(getattr(lab.ports, port)))
    for line in (*EHLO[:2], *[b"RCPT TO:<bob@contoso.test>"] * 501):
        writer.write(line + b"\r\n")
    writer.write(b"QUIT\r\n")
    answers = (await asyncio.wait_for(reader.read(), 60)).splitlines()
    writer.close()
    assert answers[-2].startswith(b"452 4.5.3 Too many recipients, 500 at most")


async def test_unfinished_messages_have_room_for_so_much_and_a_sender_comes_again(lab, drill) -> None:
    lab.mx.listener.room.free = 1000
    reader, writer = await at_data(lab.ports.mx)
    writer.write(b"x" * 900)
    await writer.drain()
    await holds(lambda: lab.mx.listener.room.free == 100)
    assert (await answer_to(lab.ports.mx, b"y" * 200)).startswith(b"452 4.3.1 Too many messages")
    writer.write(b"\r\n.\r\n")
    assert (await asyncio.wait_for(reader.readline(), 20)).startswith(b"250 ")
    assert (await answer_to(lab.ports.mx, b"y" * 200)).startswith(b"250 ")
    assert lab.mx.listener.room.free == 1000
    writer.close()


def test_contacts_are_remembered_as_hashes_and_the_oldest_is_forgotten(monkeypatch) -> None:
    monkeypatch.setattr(gate, "REMEMBERED", 2)
    kept = gate.Remembered()
    assert [kept.count("Ada@x.example", "b\udcff@y.example") for _ in range(3)] == [1, 2, 3]
    assert kept.count("ADA@x.example", "B\udcff@y.example") == 4
    assert kept.setdefault(("x.example", ""), 7) == kept.setdefault(("x.example", ""), 8) == 7
    assert kept.count("another@x.example", "") == 1
    assert kept.get(("ada@x.example", "b\udcff@y.example"), 0) == 0
    assert {len(key) for key in kept._kept} == {16}


async def test_all_servers_share_one_room_and_a_message_keeps_its_part_until_it_is_acknowledged(
    lab, drill
) -> None:
    (room,) = {id(host.listener.room): host.listener.room for host in lab.hosts}.values()
    free, seen = room.free, []
    drill.on_receive = lambda _letter: seen.append(free - room.free)
    assert (await answer_to(lab.ports.mx, b"x" * 3000)).startswith(b"250 ")
    assert seen == [3005], "content and the lone dot, while the journal is written"
    assert room.free == free


async def test_one_large_message_is_delivered_at_a_time_and_needs_no_room(lab, drill, monkeypatch) -> None:
    monkeypatch.setattr(outgoing, "LARGE", 1000)
    for text in (b"x" * 2000, b"y" * 2000, b"z"):
        assert (await answer_to(lab.ports.mx, text)).startswith(b"250 ")
    lab.mx.listener.room.free = 0
    sent, most = 0, 0
    hand_over = bridge.hand_over

    async def counted(link, message, helo):
        nonlocal sent, most
        sent += message.size > 1000
        most = max(most, sent)
        refused = await hand_over(link, message, helo)
        sent -= message.size > 1000
        return refused

    monkeypatch.setattr(bridge, "hand_over", counted)
    drill.server_listens = True
    for n in range(3):
        drill.happens("relay", n)
    drill.made[1] = replace(drill.made[1], way="smart host")  # by the other route
    await lab.pump()
    await asyncio.wait_for(lab.quiet(), 60)
    assert (sorted(drill.settlements), most) == ([0, 1, 2], 1)


LINES = [b"\n", b"\r", b"\r\n", b".", b"..", b"a", b"\r\n.", b"\n.\n"]


@pytest.mark.fuzz
@tries(50)
@given(st.lists(st.sampled_from(LINES), max_size=12).map(b"".join))
def test_content_on_the_wire_has_crlf_and_doubled_dots(content: bytes) -> None:
    wire, size = outgoing.on_wire(content)
    lines = re.split(rb"\r\n|\n|\r", content)
    lines = lines if lines[-1] else lines[:-1]
    plain = b"".join(line + b"\r\n" for line in lines or [b""])
    assert size == len(plain)
    assert wire == re.sub(rb"(?m)^\.", b"..", plain)


@pytest.mark.parametrize("line", [b"\r\n", b"\n", b".\r\n", b"\r"])
def test_a_message_of_millions_of_lines_costs_the_loop_no_second(line: bytes) -> None:
    """The regular expressions of aiosmtplib take over a second, and 50 times the memory."""
    content = line * ((12 << 20) // len(line))
    began_s = time.process_time()
    outgoing.on_wire(content)
    assert time.process_time() - began_s < 1


def peak_of(process: int) -> int:
    """The most memory that a process has had until now, MB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10


LARGE_ONES = 3 if TIMES == 1 else 24


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
@pytest.mark.timeout(600)
async def test_large_messages_at_once_need_less_than_300_mb_and_none_is_lost(mxdrill, tmp_path: Path) -> None:
    journal = tmp_path / "drill.jsonl"
    words = ("--journal", str(journal), "--set", "users=50", "--speed", "1", "--quiet")
    program = await mxdrill("lab", "exchange-down", *words)
    doors = {name: await program.port(name) for name in ("MX", "smart host", "internet")}
    await program.until("type a command")
    text = b"Subject: large\r\n\r\n" + b"x" * (24 << 20) + b"\r\n"

    def send(port: int) -> set[int]:
        """The replies until the message is accepted."""
        replies = set()
        while 250 not in replies:
            with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example", timeout=300) as client:
                client.ehlo()
                client.mail("ada@partner.example")
                client.rcpt("bob@harbour.example")
                replies.add(client.data(text)[0])
        return replies

    ports_of = [list(doors.values())[number % 3] for number in range(LARGE_ONES)]
    replies = await asyncio.gather(*(asyncio.to_thread(send, port) for port in ports_of))
    assert set().union(*replies) <= {250, 452}
    peak_mb = peak_of(program.process.pid)
    program.type("quit")
    assert await program.end() == 0
    letters = [entry for entry in read_journal(journal) if entry["is"] == "letter"]
    assert len(letters) == sum(port != doors["internet"] for port in ports_of)
    assert peak_mb < 300


# The end


async def test_a_stop_says_what_remains_and_one_at_once_loses_nothing(
    open_lab, drill, said, monkeypatch
) -> None:
    monkeypatch.setattr(bridge, "SAID_EVERY_S", 0.0)
    drill.server_listens = True
    first = await open_lab()
    for _ in range(30):
        assert (await answer_to(first.ports.mx, b"Subject: x\r\n\r\n")).startswith(b"250 ")
    for n in range(30):
        drill.happens("relay", n)
    at_once = asyncio.Event()

    def say(line: str) -> None:
        said.append(line)
        at_once.set()  # the second Ctrl-C comes when the first line has been read

    first._say = say
    await first.stop(at_once)
    assert said[0] == "delivering 30 messages first; stopping immediately loses none"
    left = 30 - len(drill.settlements)
    assert left > 0
    assert said[-1] == f"stopped immediately: {left} messages will be delivered after a resume"
    second = await open_lab()
    await asyncio.wait_for(second.quiet(), 60)
    assert drill.settlements == list(range(30))
    assert len(second.mail_server.box.paths()) == 30
