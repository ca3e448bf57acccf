"""Effects of the world over real SMTP: each once, in order, whatever happens to the other side."""

import asyncio
import email
import errno
import mailbox
from pathlib import Path

import aiosmtplib
import flufl.bounce
import pytest

from sim.drill.services.wire import PortAnswer
from sim.live import bridge, ports
from sim.live.disk.mail_folder import ForeignMail, mail_folder
from sim.live.disk.mailbox import Mailbox
from sim.live.lab import Lab

LIMIT_S = 20


async def send(lab: Lab, subject: str, sender: str = "ada@partner.example") -> None:
    client = aiosmtplib.SMTP(
        sock=await ports.connect(lab.ports.mx), local_hostname="client.example", start_tls=False
    )
    async with client:
        await client.sendmail(sender, ["bob@contoso.test"], f"Subject: {subject}\r\n\r\nHello\r\n".encode())


def subjects(box: Mailbox) -> list[str]:
    return [str(email.message_from_bytes(path.read_bytes())["Subject"]) for path in box.paths()]


async def carried_out(lab: Lab) -> None:
    await lab.pump()
    await asyncio.wait_for(lab.quiet(), LIMIT_S)


@pytest.fixture
def at_once(monkeypatch) -> None:
    """Destinations that do not answer are tried again without a pause."""
    monkeypatch.setattr(bridge, "BACKOFF_S", (0.0,))


async def test_relayed_in_order_and_settled(lab, drill) -> None:
    for n in range(20):
        await send(lab, f"letter {n}")
    drill.server_listens = True
    for n in reversed(range(20)):
        drill.happens("relay", n)
    await carried_out(lab)
    assert subjects(lab.mail_server.box) == [f"letter {n}" for n in reversed(range(20))]
    assert drill.settlements == list(range(20))
    assert not lab.internet.box.paths()


async def test_mailbox_opens_in_any_mail_reader(lab, drill, tmp_path: Path) -> None:
    await send(lab, "hello")
    drill.server_listens = True
    drill.happens("relay", 0)
    await carried_out(lab)
    (message,) = mailbox.Maildir(tmp_path / "drill.mail" / "mailserver", create=False)
    assert message["Return-Path"] == "<ada@partner.example>"
    assert message["Delivered-To"] == "bob@contoso.test"
    assert len(message.get_all("Received")) == 2
    assert message.get_payload() == "Hello\n"


async def test_bounce_comes_back_with_a_null_sender(lab, drill) -> None:
    await send(lab, "too late")
    drill.now_ms = 96 * 3_600_000
    drill.happens("bounce", 0)
    await carried_out(lab)
    (path,) = lab.internet.box.paths()
    bounced = email.message_from_bytes(path.read_bytes())
    assert bounced["Return-Path"] == "<>"
    assert bounced["Delivered-To"] == "ada@partner.example"
    assert flufl.bounce.all_failures(bounced)[1] == {b"bob@contoso.test"}
    assert "Subject: too late" in bounced.get_payload()[2].get_payload()
    assert not lab.mail_server.box.paths()


async def test_null_sender_is_never_bounced(lab, drill) -> None:
    await send(lab, "a bounce of somebody else", sender="")
    await send(lab, "a letter")
    drill.happens("bounce", 0)
    drill.happens("bounce", 1)
    await carried_out(lab)
    (path,) = lab.internet.box.paths()
    assert b"Subject: a letter" in path.read_bytes()


async def test_port_follows_the_world_and_keeps_its_number(lab, drill) -> None:
    port = lab.ports.mail_server
    for _ in range(3):
        drill.server_listens = False
        await lab.pump()
        with pytest.raises(ConnectionRefusedError):
            await ports.connect(port)
        drill.server_listens = True
        await lab.pump()
        (await ports.connect(port)).close()


async def test_dead_destination_is_shown_retried_and_holds_up_no_other(lab, drill, said, at_once) -> None:
    await send(lab, "one")
    await send(lab, "two")
    drill.met["internet"] = PortAnswer("refused", step="connect")
    drill.server_listens = True
    drill.happens("bounce", 0)
    drill.happens("relay", 1)
    drill.happens("bounce", 1)
    await carried_out(lab)
    await drill.settles([1])
    port = lab.ports.internet
    assert said == [f"internet on port {port}: connection refused; 2 messages waiting, retrying"]
    drill.met.clear()
    await lab.pump()
    await drill.settles([1, 0, 2])
    assert said[1:] == [f"internet on port {port} accepts mail again"]


async def test_mail_for_a_server_that_is_down_waits_for_its_port(lab, drill, monkeypatch) -> None:
    monkeypatch.setattr(bridge, "BACKOFF_S", (3600.0,))
    await send(lab, "early")
    drill.happens("relay", 0)
    await carried_out(lab)
    assert not drill.settlements
    drill.server_listens = True
    await lab.pump()
    await drill.settles([0])
    assert subjects(lab.mail_server.box) == ["early"]


async def test_stored_but_not_settled_is_not_stored_again(open_lab, drill) -> None:
    drill.server_listens = True
    first = await open_lab()
    await send(first, "once")
    drill.happens("relay", 0)
    drill.happens("bounce", 0)
    await carried_out(first)
    await first.stop()
    drill.settlements.clear()  # killed after both servers had stored it, before the journal knew
    second = await open_lab()
    await carried_out(second)
    assert drill.settlements == [0, 1]
    assert subjects(second.mail_server.box) == ["once"]
    assert len(second.internet.box.paths()) == 1


async def test_a_stamped_message_that_comes_twice_is_stored_once_and_without_its_stamp(lab, drill) -> None:
    drill.server_listens = True
    await send(lab, "once")
    drill.happens("relay", 0)
    await lab.pump()
    stamped = lab._inside._write(drill.made[0]).wire
    await drill.settles([0])
    await straight_to(lab.ports.mail_server, stamped)
    (path,) = lab.mail_server.box.paths()
    assert b"X-Mxdrill" not in path.read_bytes()


async def test_a_forged_stamp_settles_nothing_and_is_stored_as_it_is(lab, drill) -> None:
    drill.server_listens = True
    await send(lab, "real")
    await lab.pump()
    signature = b"0" * 64
    for line in (b"X-Mxdrill-Effect: drill-1/0", b"X-Mxdrill-Effect: 0 " + signature):
        await straight_to(lab.ports.mail_server, line + b"\r\nSubject: forged\r\n\r\nx\r\n")
    drill.happens("relay", 0)
    await carried_out(lab)
    assert drill.settlements == [0]
    assert subjects(lab.mail_server.box) == ["real", "forged", "forged"]
    assert all(b"X-Mxdrill-Effect" in path.read_bytes() for path in lab.mail_server.box.paths()[1:])


async def test_a_stamp_that_was_seen_once_stands_for_no_other_effect(lab, drill) -> None:
    drill.server_listens = True
    await send(lab, "one")
    await send(lab, "two")
    drill.happens("relay", 0)
    await carried_out(lab)
    seen = lab._inside._write(drill.made[0]).wire
    await straight_to(lab.ports.mail_server, seen.replace(b"Effect: 0 ", b"Effect: 1 "))
    drill.happens("relay", 1)
    await carried_out(lab)
    assert drill.settlements == [0, 1]
    assert subjects(lab.mail_server.box).count("two") == 1


async def straight_to(port: int, content: bytes) -> None:
    client = aiosmtplib.SMTP(sock=await ports.connect(port), local_hostname="client.example", start_tls=False)
    async with client:
        await client.sendmail("ada@partner.example", ["bob@contoso.test"], content)


async def test_settled_effects_are_never_sent_again(open_lab, drill) -> None:
    drill.server_listens = True
    first = await open_lab()
    await send(first, "once")
    drill.happens("relay", 0)
    await carried_out(first)
    await first.stop()
    for path in first.mail_server.box.paths():
        path.unlink()  # read and deleted
    second = await open_lab()
    await carried_out(second)
    assert not second.mail_server.box.paths()


async def test_a_bounce_is_not_taken_for_done_because_the_next_message_was_relayed(open_lab, drill) -> None:
    drill.server_listens = True
    first = await open_lab()
    for kind in ("relay", "bounce", "relay", "relay", "relay"):
        await send(first, kind)
        drill.happens(kind, len(drill.made))
    drill.settlements += [0, 2, 3, 4]  # as after a kill: a bounce's number plus 3 is that of another relay
    await first.stop()
    assert drill.settlements == [0, 2, 3, 4, 1]
    assert len(first.internet.box.paths()) == 1


async def test_full_disk_of_the_mail_server_delays_and_loses_nothing(
    lab, drill, said, at_once, monkeypatch
) -> None:
    drill.server_listens = True
    await send(lab, "patience")
    drill.happens("relay", 0)

    def full(*_args: object) -> bool:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Mailbox, "store", full)
        await carried_out(lab)
        assert not drill.settlements
        assert said[:2] == [
            "mail.contoso.test: a message could not be stored: No space left on device",
            f"mail server on port {lab.ports.mail_server}: 452 4.3.1 Insufficient system storage,"
            " try again later; 1 message waiting, retrying",
        ]
    await drill.settles([0])
    assert subjects(lab.mail_server.box) == ["patience"]


async def test_full_disk_of_the_journal_sends_nothing_that_is_not_journaled(lab, drill, said) -> None:
    drill.server_listens = True
    await send(lab, "later")
    drill.happens("relay", 0)
    drill.full = "the disk is full"
    await carried_out(lab)
    await carried_out(lab)
    assert not lab.mail_server.box.paths()
    assert said == ["the disk is full; outgoing mail waits"]
    drill.full = ""
    await carried_out(lab)
    assert drill.settlements == [0]


async def test_moment_is_journaled_before_anything_is_sent(lab, drill) -> None:
    drill.server_listens = True
    await send(lab, "one")
    drill.now_ms = 5000
    drill.happens("relay", 0)
    sent_at = []
    drill.on_mark = lambda: sent_at.append(len(lab.mail_server.box.paths()))
    await carried_out(lab)
    assert (drill.marks, sent_at) == ([5000], [0])
    await carried_out(lab)
    assert drill.marks == [5000], "nothing new, nothing to journal"


async def test_disk_full_between_storing_and_settling_stores_once(
    lab, drill, said, at_once, monkeypatch
) -> None:
    drill.server_listens = True
    await send(lab, "once")
    drill.happens("relay", 0)
    store = Mailbox.store

    def store_then_full(box: Mailbox, content: bytes, effect: int | None) -> bool:
        drill.full = "the disk is full"
        return store(box, content, effect)

    monkeypatch.setattr(Mailbox, "store", store_then_full)
    await carried_out(lab)
    assert said == [
        f"mail server on port {lab.ports.mail_server}: the disk is full; 1 message waiting, retrying"
    ]
    drill.full = ""
    await drill.settles([0])
    assert len(lab.mail_server.box.paths()) == 1


async def test_lost_letter_is_said_and_holds_up_nothing(lab, drill, said) -> None:
    drill.server_listens = True
    await send(lab, "lost")
    await send(lab, "kept")
    (lab.spool.folder / drill.letters[0].spool).unlink()
    drill.happens("relay", 0)
    drill.happens("relay", 1)
    await carried_out(lab)
    assert said == ["message 0 is missing from the spool and is not sent"]
    assert drill.settlements == [1]


async def test_letter_without_a_journal_line_is_removed_at_the_start(open_lab, drill, tmp_path: Path) -> None:
    first = await open_lab()
    await send(first, "kept")
    await first.stop()
    folder = tmp_path / "drill.mail" / "spool"
    (folder / "00000002.eml").write_bytes(b"written, never acknowledged")
    (folder / "00000003.eml.part").write_bytes(b"torn")
    second = await open_lab()
    assert [path.name for path in folder.iterdir()] == [drill.letters[0].spool]
    await send(second, "new")
    assert len({letter.spool for letter in drill.letters}) == 2


async def test_folder_of_another_drill_is_refused_and_left_alone(open_lab, drill, tmp_path: Path) -> None:
    folder = mail_folder(tmp_path / "drill.jsonl")
    (folder / "spool").mkdir(parents=True)
    (folder / "spool" / "00000001.eml").write_bytes(b"somebody's")
    with pytest.raises(ForeignMail, match="is not empty"):
        await open_lab()
    (folder / "drill").write_text("drill-2\n")
    with pytest.raises(ForeignMail, match="holds the mail of another drill"):
        await open_lab()
    assert (folder / "spool" / "00000001.eml").read_bytes() == b"somebody's"


async def test_smtp_port_as_asked_and_in_use_is_one_line(open_lab, lab) -> None:
    with pytest.raises(ports.PortTaken, match=f"port {lab.ports.mx} on 127.0.0.1 cannot be used"):
        await open_lab(smtp_port=lab.ports.mx)


async def test_nothing_but_loopback_is_bound(lab, drill) -> None:
    drill.server_listens = True
    await lab.pump()
    bound = sockets_of_this_process()
    listening = {port for address, port, state in bound if state == "0A"}
    assert {lab.ports.mx, lab.ports.mail_server, lab.ports.internet} <= listening
    assert {address for address, _, _ in bound} == {"0100007F"}


def sockets_of_this_process() -> list[tuple[str, int, str]]:
    """(address, port, state) of the TCP sockets that this process has, as the kernel lists them."""
    tables = [Path("/proc/self/net") / name for name in ("tcp", "tcp6", "udp", "udp6")]
    if not tables[0].exists():
        pytest.skip("needs Linux's /proc/self/net")
    inodes = set()
    for handle in Path("/proc/self/fd").iterdir():
        try:
            inodes.add(handle.readlink().name)
        except OSError:
            continue  # the handle of this very listing
    found = []
    for table in tables:
        for line in table.read_text().splitlines()[1:] if table.exists() else ():
            fields = line.split()
            if f"socket:[{fields[9]}]" in inodes:
                address, _, port = fields[1].partition(":")
                found.append((address, int(port, 16), fields[3]))
    return found
