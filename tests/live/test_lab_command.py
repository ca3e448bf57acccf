"""`mxdrill lab` as people start it: ports, events, commands, Ctrl-C, and mail that goes its way."""

import asyncio
import email
import json
import mailbox
import os
import signal
import smtplib
import sys
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import flufl.bounce
import pytest

from sim.drill.session.journal_reading import read_journal
from sim.drill.session.session import Session
from tui.cli import main

SMALL = ("--set", "users=50", "--truth")


async def send(
    port: int, subject: str, sender: str = "ada@partner.example", recipient: str = "bob@harbour.example"
) -> None:
    """One message by smtplib, in a thread as it blocks."""

    def session() -> None:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example", timeout=30) as client:
            client.sendmail(sender, [recipient], f"Subject: {subject}\r\n\r\nHello\r\n")

    await asyncio.to_thread(session)


def mail_in(journal: Path, box: str) -> list[email.message.Message]:
    return list(mailbox.Maildir(journal.with_suffix(".mail") / box, create=False))


def moment_of(journal: Path, kind: str) -> int:
    """When the first entry of that kind was journaled, ms since the start."""
    return next(entry["t"] for entry in read_journal(journal) if entry["is"] == kind)


async def test_at_3600_a_message_reaches_the_mailbox_after_recovery(mxdrill, tmp_path: Path) -> None:
    journal = tmp_path / "drill.jsonl"
    words = ("--speed", "3600", "--journal", str(journal), "--set", "outage=3h", *SMALL)
    program = await mxdrill("lab", "exchange-down", *words)
    mx = await program.port("MX")
    smart_host = await program.port("smart host")
    server = await program.port("mail server")
    backup = await program.port("backup")
    await program.until("mail-server refuses:")
    await send(mx, "the offer")
    await send(smart_host, "the answer", "bob@harbour.example", "ada@partner.example")
    await send(smart_host, "for a colleague", "eve@harbour.example")
    await send(backup, "round about")
    await program.until("the offer: accepted")
    await program.until("the answer: passed on to the internet")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", server)
    renewed_ms = moment_of(journal, "letter") + 6 * 60_000  # the console's page renews itself every five
    queued = Session.replay(journal, renewed_ms).snapshot().mail
    assert "the offer" in {view.subject for view in queued if view.real}
    await program.until("ended: mail-server refuses")
    await program.until("the offer: accepted by the mail server")
    assert await program.end() == 0
    delivered = {message["Subject"]: message for message in mail_in(journal, "mailserver")}
    assert set(delivered) == {"the offer", "for a colleague"}
    assert delivered["the offer"]["Delivered-To"] == "bob@harbour.example"
    outside = {message["Subject"]: message for message in mail_in(journal, "internet")}
    assert set(outside) == {"the answer", "Undeliverable: rejected"}
    notice = outside["Undeliverable: rejected"]  # the locked server takes nothing from the backup
    _, failed = notice.get_payload()[1].get_payload()
    assert (failed["Action"], failed["Status"]) == ("failed", "5.7.57")
    assert notice.get_payload()[1].get_payload()[0]["Reporting-MTA"] == "dns; mx.standby-mail.example"


async def test_nothing_done_it_comes_back_after_96_hours(mxdrill, tmp_path: Path) -> None:
    journal = tmp_path / "drill.jsonl"
    words = ("--speed", "72000", "--journal", str(journal), "--set", "outage=200h", "--until", "202h", *SMALL)
    program = await mxdrill("lab", "exchange-down", *words)
    mx = await program.port("MX")
    await program.until("mail-server refuses:")
    await send(mx, "too late")
    await send(mx, "a notice", sender="")
    await program.until("too late: returned to its sender")
    assert await program.end() == 0
    (bounce,) = mail_in(journal, "internet")
    assert (bounce["Return-Path"], bounce["Delivered-To"]) == ("<>", "ada@partner.example")
    assert flufl.bounce.all_failures(bounce) == (frozenset(), {b"bob@harbour.example"})
    whole, failed = bounce.get_payload()[1].get_payload()
    gave_up, arrived = (parsedate_to_datetime(text) for text in (bounce["Date"], whole["Arrival-Date"]))
    assert gave_up - arrived == timedelta(hours=96)
    assert parsedate_to_datetime(failed["Last-Attempt-Date"]) - arrived == timedelta(hours=90)
    assert not mail_in(journal, "mailserver")


async def test_commands_on_standard_input_reach_the_drill(mxdrill, tmp_path: Path) -> None:
    journal = tmp_path / "drill.jsonl"
    program = await mxdrill("lab", "exchange-down", "--speed", "600", "--journal", str(journal), *SMALL)
    await program.port("internet")
    program.type("deliveries pause inbound")
    program.type("deliveries pawse inbound")
    await program.until("refused")
    await program.until("inbound deliveries paused")
    assert Session.replay(journal, moment_of(journal, "command") + 3_600_000).snapshot().queue.paused


async def test_ctrl_c_saves_says_how_to_go_on_and_exits_130(mxdrill, tmp_path: Path) -> None:
    journal = tmp_path / "drill.jsonl"
    first = await mxdrill("lab", "exchange-down", "--speed", "3600", "--journal", str(journal), *SMALL)
    mx = await first.port("MX")
    await first.until("mail-server refuses:")
    await send(mx, "kept")
    first.process.send_signal(signal.SIGINT)
    assert await first.end() == 130
    assert first.lines[-2].startswith("saved at T+")
    assert first.lines[-2].endswith(f"to continue: mxdrill resume {journal}")
    reached_ms = Session.replay(journal).now_ms
    second = await mxdrill("resume", str(journal), "--until", "48h", "--speed", "36000")
    await second.until("kept: accepted by the mail server")
    assert await second.end() == 0
    assert Session.replay(journal).now_ms > reached_ms
    assert [message["Subject"] for message in mail_in(journal, "mailserver")] == ["kept"]


async def test_a_second_ctrl_c_stops_at_once_and_nothing_is_lost_or_doubled(mxdrill, tmp_path: Path) -> None:
    journal, sent = tmp_path / "drill.jsonl", 40
    words = ("--speed", "36000", "--journal", str(journal), "--set", "outage=20h", *SMALL)
    first = await mxdrill("lab", "exchange-down", *words)
    mx = await first.port("MX")
    await first.until("mail-server refuses:")
    for n in range(sent):
        await send(mx, f"offer {n}")
    await first.until("ended: mail-server refuses")
    first.process.send_signal(signal.SIGINT)
    first.process.send_signal(signal.SIGINT)
    assert await first.end() == 130
    assert "Traceback" not in "\n".join(first.lines)
    assert any(line.startswith("saved at T+") for line in first.lines)
    second = await mxdrill("resume", str(journal), "--until", "60h", "--speed", "36000")
    assert await second.end() == 0
    arrived = sorted(message["Subject"] for message in mail_in(journal, "mailserver"))
    assert arrived == sorted(f"offer {n}" for n in range(sent))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_kill_and_a_closed_terminal_save_and_end(
    mxdrill, tmp_path: Path, number: signal.Signals
) -> None:
    journal = tmp_path / "drill.jsonl"
    program = await mxdrill("lab", "exchange-down", "--speed", "3600", "--journal", str(journal), *SMALL)
    await program.until("mail-server refuses:")
    program.process.send_signal(number)
    assert await program.end() == 130
    assert Session.replay(journal).now_ms > 0


async def test_a_reader_that_leaves_ends_the_lab_with_everything_saved(tmp_path: Path) -> None:
    journal = tmp_path / "drill.jsonl"
    words = ("lab", "exchange-down", "--speed", "3600", "--journal", str(journal), *SMALL)
    read, write = os.pipe()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tui.cli", *words),
        stdin=asyncio.subprocess.PIPE,
        stdout=write,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(write)
    await asyncio.to_thread(os.read, read, 1)
    os.close(read)
    _, told = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, told) == (130, b"")
    assert "digest" in read_journal(journal)[-1]


async def test_port_as_asked_and_in_use_leaves_no_drill_behind(mxdrill, tmp_path: Path, capsys) -> None:
    first = await mxdrill("lab", "exchange-down", "--journal", str(tmp_path / "one.jsonl"), *SMALL)
    port = await first.port("MX")
    second = tmp_path / "two.jsonl"
    assert main(["lab", "exchange-down", "--smtp-port", str(port), "--journal", str(second)]) == 2
    assert f"port {port} on 127.0.0.1 cannot be used" in capsys.readouterr().err
    assert not second.exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--speed", "0"), "--speed 0: give a number above 0"),
        (("--speed", "nan"), "--speed nan: give a number above 0"),
        (("--smtp-port", "70000"), "--smtp-port 70000: give a port from 1 to 65535"),
        (("--until", "soon"), "--until: 'soon' is not a duration"),
        (("--set", "usrs=3"), "did you mean users?"),
    ],
)
def test_mistakes_are_one_line(tmp_path: Path, capsys, words: tuple[str, ...], told: str) -> None:
    journal = tmp_path / "drill.jsonl"
    assert main(["lab", "exchange-down", "--journal", str(journal), *words]) == 2
    out, err = capsys.readouterr()
    assert told in err
    assert err.count("\n") == 1
    assert not out
    assert not journal.exists()


def test_existing_journal_is_not_written_over(tmp_path: Path, capsys) -> None:
    journal = tmp_path / "drill.jsonl"
    journal.write_text("mine")
    assert main(["lab", "exchange-down", "--journal", str(journal)]) == 2
    assert f"or continue that drill: mxdrill resume {journal}" in capsys.readouterr().err
    assert journal.read_text() == "mine"


async def test_ports_are_written_as_json_once_they_answer(mxdrill, tmp_path: Path) -> None:
    words = ("--journal", str(tmp_path / "drill.jsonl"), "--ports", str(tmp_path / "ports.json"), *SMALL)
    program = await mxdrill("lab", "exchange-down", *words)
    mx = await program.port("MX")
    numbers = json.loads((tmp_path / "ports.json").read_text())
    assert numbers["smtp"]["MX"] == mx
    assert {"MX 2", "smart host", "mail server", "direct", "backup", "internet"} < set(numbers["smtp"])
    assert numbers["dns"]["authority"] == await program.port("authority")
    reader, writer = await asyncio.open_connection("127.0.0.1", mx)
    assert b"EXERCISE" in await reader.readline()
    writer.close()


async def test_a_lab_without_input_says_so_and_goes_on(mxdrill) -> None:
    """As with `</dev/null`: it neither waits for a line nor ends."""
    program = await mxdrill("lab", "exchange-down", "--speed", "3600", *SMALL)
    await program.until("type a command")
    program.type("bookmark here")
    program.process.stdin.close()
    await program.until("standard input has ended: no more commands can be typed; Ctrl+C saves and stops")
    await program.until("T+01:")
    program.process.send_signal(signal.SIGINT)
    await program.until("; to continue: mxdrill resume ")
    assert await program.end() == 130
