"""The organisation's MX: what it takes, what it refuses, and what a 250 promises."""

import asyncio
import errno
import os
import shutil
import smtplib
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest

from sim.drill.services.wire import PortAnswer
from sim.live import ports
from sim.live.disk import spool
from sim.live.lab import Lab

LETTER = (
    b"From: ada@partner.example\r\nTo: bob@contoso.test\r\nSubject: Offer 17\r\n\r\nHello Bob\r\n.dot\r\n"
)
ADA, BOB = "ada@partner.example", "bob@contoso.test"


async def send(
    lab: Lab, sender: str = ADA, recipients: tuple[str, ...] = (BOB,), content: bytes = LETTER
) -> str:
    """One message to the MX; the answer to its DATA. Raises aiosmtplib's refusals."""
    client = aiosmtplib.SMTP(
        sock=await ports.connect(lab.ports.mx), local_hostname="client.example", start_tls=False
    )
    async with client:
        refused, answer = await client.sendmail(sender, list(recipients), content)
        assert not refused
        return answer


async def talk(lab: Lab, *lines: bytes) -> list[bytes]:
    """Commands as they are, one answer each, after EHLO."""
    reader, writer = await asyncio.open_connection(sock=await ports.connect(lab.ports.mx))
    answers = []
    assert (await reader.readline()).startswith(b"220 mx.contoso.test")
    for line in (b"EHLO client.example", *lines):
        writer.write(line + b"\r\n")
        answer = await asyncio.wait_for(reader.readline(), 10)
        while answer[3:4] == b"-":
            answer = await asyncio.wait_for(reader.readline(), 10)
        answers.append(answer.strip())
    writer.close()
    await writer.wait_closed()
    return answers[1:]


async def test_acknowledged_after_it_is_on_disk_and_in_the_journal(lab, drill) -> None:
    on_disk = []
    drill.on_receive = lambda letter: on_disk.append(lab.spool.get(letter.spool))
    answer = await send(lab)
    assert answer == "2.6.0 Queued as 00000001"
    (letter,) = drill.letters
    assert (letter.envelope_from, letter.recipients, letter.subject, letter.size) == (
        ADA,
        (BOB,),
        "Offer 17",
        len(LETTER),
    )
    (content,) = on_disk
    trace, _, rest = content.partition(b"From: ")
    assert b"From: " + rest == LETTER
    assert trace == (
        b"Received: from client.example ([127.0.0.1])\r\n by mx.contoso.test (mxdrill) with ESMTP;"
        b" Mon, 02 Mar 2026 08:00:00 +0000\r\n"
    )


async def test_a_gateway_in_trouble_answers_as_its_fault_says(lab, drill) -> None:
    drill.met["MX"] = PortAnswer("defer", "451 4.3.2 service is busy, try again later")
    assert await talk(lab, b"MAIL FROM:<ada@partner.example>", b"RCPT TO:<bob@contoso.test>", b"DATA") == [
        b"250 2.1.0 Sender OK",
        b"451 4.3.2 service is busy, try again later",
        b"503 5.5.1 RCPT first",
    ]
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused, match="service is busy"):
        await send(lab)
    assert not drill.letters
    drill.met.clear()
    assert (await send(lab)).startswith("2.6.0 Queued")


async def test_file_and_folder_are_forced_to_the_disk_before_the_journal(lab, drill, monkeypatch) -> None:
    order = []
    fsync = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda handle: (order.append(os.fstat(handle).st_mode & 0o170000), fsync(handle))
    )
    drill.on_receive = lambda _letter: order.append("journal")
    await send(lab)
    regular_file, folder = 0o100000, 0o040000
    assert order == [regular_file, folder, "journal"]


async def test_smtplib_sends(lab, drill) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = ADA, BOB, "Grüße"
    message.set_content("Hello\n")

    def session() -> None:
        with smtplib.SMTP("127.0.0.1", lab.ports.mx, local_hostname="client.example", timeout=20) as client:
            client.send_message(message)

    await asyncio.to_thread(session)
    assert [letter.subject for letter in drill.letters] == ["Grüße"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
async def test_curl_sends(lab, drill, tmp_path: Path, line_end: str) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    file = tmp_path / "letter.eml"
    body = "".join(f"line {n}{line_end}" for n in range(400))
    file.write_text(f"Subject: by curl{line_end}{line_end}{body}", newline="")
    done = await asyncio.create_subprocess_exec(
        *(curl, "--silent", "--show-error", f"smtp://127.0.0.1:{lab.ports.mx}/client.example"),
        *("--mail-from", ADA, "--mail-rcpt", BOB, "--upload-file", str(file)),
    )
    assert await asyncio.wait_for(done.wait(), 60) == 0
    assert [letter.subject for letter in drill.letters] == ["by curl"]
    assert b"line 399" in lab.spool.get(drill.letters[0].spool)


async def test_swaks_sends(lab, drill) -> None:
    swaks = shutil.which("swaks")
    if swaks is None:
        pytest.skip("swaks is not installed")
    done = await asyncio.create_subprocess_exec(
        *(swaks, "--server", f"127.0.0.1:{lab.ports.mx}", "--from", ADA, "--to", BOB),
        *("--helo", "client.example", "--header", "Subject: by swaks"),
        stdout=asyncio.subprocess.DEVNULL,
    )
    assert await asyncio.wait_for(done.wait(), 60) == 0
    assert [letter.subject for letter in drill.letters] == ["by swaks"]


async def test_null_sender_is_taken(lab, drill) -> None:
    await send(lab, sender="")
    assert drill.letters[0].envelope_from == ""


async def test_domain_in_any_case_and_postmaster_without_one(lab, drill) -> None:
    await send(lab, recipients=("Bob@CONTOSO.Test",))
    answers = await talk(lab, b"MAIL FROM:<ada@partner.example>", b"RCPT TO:<postmaster>")
    assert answers == [b"250 2.1.0 Sender OK", b"250 2.1.5 Recipient OK"]
    assert drill.letters[0].recipients == ("Bob@CONTOSO.Test",)


@pytest.mark.parametrize(
    "recipient",
    ["eve@other.example", "eve@contoso.test.example", "eve@notcontoso.test", "eve@sub.contoso.test"],
)
async def test_no_relay_to_other_domains(lab, drill, recipient: str) -> None:
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await send(lab, recipients=(recipient,))
    assert refused.value.recipients[0].code == 550
    assert refused.value.recipients[0].message.startswith("5.7.1 Relaying denied")
    assert not drill.letters


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"MAIL FROM:<", b"553"),
        (b"MAIL FROM:<no-domain>", b"553"),
        (b"MAIL FROM:<two words@partner.example>", b"553"),
        (b"MAIL FROM:<ada@[192.0.2.1]>", b"553"),
        (b"MAIL FROM:<" + b"a" * 250 + b"@partner.example>", b"553"),
        (b"MAIL FROM:<" + b"a" * 600 + b"@partner.example>", b"500"),
        (b"MAIL FROM:<\xff@partner.example>", b"500"),
        (b"MAIL FROM:<ada@partner.example> SIZE=99999999999", b"552"),
        (b"RCPT TO:<bob@contoso.test>", b"503"),
        (b"\x00\x01\x02", b"500"),
    ],
)
async def test_hostile_commands_are_refused_and_the_next_message_is_taken(
    lab, drill, line: bytes, code: bytes
) -> None:
    (answer,) = await talk(lab, line)
    assert answer[:3] == code
    await send(lab)
    assert len(drill.letters) == 1


async def test_too_large_is_refused_after_data(lab, drill, monkeypatch) -> None:
    lab.mx.listener.size_limit = 1000
    with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
        await send(lab, content=b"Subject: x\r\n\r\n" + b"y" * 70 * 20)
    assert refused.value.code == 552
    assert not drill.letters


async def test_after_the_end_nothing_is_taken(lab, drill) -> None:
    drill.ended = True
    with pytest.raises(aiosmtplib.SMTPSenderRefused) as refused:
        await send(lab)
    assert refused.value.code == 451


async def test_full_disk_of_the_spool_is_452_and_loses_nothing(lab, drill, said, monkeypatch) -> None:
    await send(lab)

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(spool.os, "fsync", full)
        with pytest.raises(aiosmtplib.SMTPDataError) as refused:
            await send(lab)
    assert refused.value.code == 452
    assert refused.value.message.startswith("4.3.1 ")
    assert len(drill.letters) == 1
    assert sorted(path.name for path in lab.spool.folder.iterdir()) == [drill.letters[0].spool]
    assert said == [
        "a message could not be written to the spool: No space left on device; the sender will retry"
    ]
    await send(lab)
    assert len(drill.letters) == 2


async def test_full_disk_of_the_journal_is_452_and_leaves_no_letter(lab, drill, said) -> None:
    drill.full = "the disk is full"
    with pytest.raises(aiosmtplib.SMTPDataError) as refused:
        await send(lab)
    assert refused.value.code == 452
    assert not list(lab.spool.folder.iterdir())
    drill.full = ""
    assert (await send(lab)).startswith("2.6.0 Queued as ")


@pytest.mark.parametrize(
    ("headers", "subject"),
    [
        (b"Subject: =?utf-8?q?caf=C3=A9?=\r\n", "café"),
        (b"Subject: a\r\n folded\r\n", "a folded"),
        (b"Subject: \x1b[31mred\x07\r\n", "[31mred"),
        (b"Subject: caf\xe9\r\n", "caf\ufffd"),
        (b"Subject: " + b"x" * 900 + b"\r\n", "x" * 200),
        (b"Subject: =?nonsense?q?x?=\r\n", "x"),
        (b"From: a\r\n", ""),
        (b"", ""),
    ],
)
async def test_subject_as_it_is_shown(lab, drill, headers: bytes, subject: str) -> None:
    await send(lab, content=headers + b"\r\nbody\r\n")
    assert drill.letters[0].subject == subject
