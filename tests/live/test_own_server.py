"""A person's own SMTP server in place of the lab's mail server: what it accepts, defers and rejects."""

import email
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiosmtplib
import flufl.bounce
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from sim.live import ports
from sim.live.certificate import StartTls, server_context
from sim.live.lab import Lab
from sim.live.listener import Listener
from sim.live.ports import PortTaken
from tests.live.conftest import OpenLab, SmallDrill
from tests.live.test_bridge import carried_out, subjects
from tui.cli import main
from tui.shell.lab.port_checks import check_own_server


@dataclass
class OwnHandler:
    """Gives each recipient the reply that the test names, and keeps what it accepts."""

    replies: dict[str, str] = field(default_factory=dict)
    at_data: str = ""
    kept: list[tuple[str, tuple[str, ...], bytes]] = field(default_factory=list)
    after_data: Callable[[], None] = lambda: None
    encrypted: list[bool] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self.replies.get(address, "")
        if not reply:
            envelope.rcpt_tos.append(address)
        return reply or "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.at_data:
            return self.at_data
        self.kept.append(
            (envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.original_content or b"")
        )
        self.encrypted.append(session.ssl is not None)
        self.after_data()
        return "250 OK"


@dataclass
class Own:
    """The server of a person, on a port of its own."""

    handler: OwnHandler
    listener: Listener

    @property
    def subjects(self) -> list[str]:
        return [str(email.message_from_bytes(content)["Subject"]) for _, _, content in self.handler.kept]


@pytest.fixture
async def own() -> AsyncIterator[Own]:
    handler = OwnHandler()
    server = Own(handler, Listener(handler, "own.contoso.test"))
    await server.listener.open()
    yield server
    await server.listener.release()


@pytest.fixture
async def lab(open_lab: OpenLab, own: Own) -> Lab:
    return await open_lab(mail_server_port=own.listener.port)


async def send(lab: Lab, subject: str, *recipients: str, sender: str = "ada@partner.example") -> None:
    client = aiosmtplib.SMTP(
        sock=await ports.connect(lab.ports.mx), local_hostname="client.example", start_tls=False
    )
    async with client:
        await client.sendmail(sender, recipients or ["bob@contoso.test"], f"Subject: {subject}\r\n\r\nx\r\n")


async def tried_again(lab: Lab) -> None:
    lab._inside.try_now()
    lab._inside._quiet.clear()
    await carried_out(lab)


def test_the_lab_opens_no_mail_server_and_says_so(lab: Lab, own: Own, tmp_path: Path) -> None:
    port = own.listener.port
    assert "mail server" not in {host.door for host in lab.hosts}
    assert lab.ports.mail_server == lab.numbers()["smtp"]["mail server"] == port
    (line,) = [line for line in lab.describe() if line.startswith("mail server")]
    assert line == (
        f"mail server  127.0.0.1:{port:<5}  your own mail server, where the gateway delivers, with TLS if it"
        " offers STARTTLS;"
        " the lab does not open this port"
    )
    assert not (tmp_path / "drill.mail" / "mailserver").exists()


async def test_what_the_drill_hands_over_arrives_there_once_and_without_a_stamp(
    lab: Lab, drill: SmallDrill, own: Own
) -> None:
    await send(lab, "one")
    await send(lab, "two")
    await carried_out(lab)
    assert own.subjects == [], "the drill has not handed over anything"
    drill.happens("relay", 1)
    drill.happens("relay", 0)
    await carried_out(lab)
    assert own.subjects == ["two", "one"]
    assert own.handler.kept[0][:2] == ("ada@partner.example", ("bob@contoso.test",))
    assert b"X-Mxdrill" not in own.handler.kept[0][2]
    assert drill.settlements == [0, 1]


async def test_nothing_is_settled_before_the_server_has_accepted_it(
    lab: Lab, drill: SmallDrill, own: Own
) -> None:
    own.handler.after_data = lambda: settled.append(len(drill.settlements))
    settled: list[int] = []
    await send(lab, "one")
    drill.happens("relay", 0)
    await carried_out(lab)
    assert (settled, drill.settlements) == ([0], [0])


async def test_a_dead_server_gets_everything_when_it_is_back(
    lab: Lab, drill: SmallDrill, own: Own, said: list[str]
) -> None:
    await own.listener.close()
    for n in range(3):
        await send(lab, f"letter {n}")
        drill.happens("relay", n)
    await carried_out(lab)
    port = own.listener.port
    assert said == [f"your mail server on port {port}: connection refused; 3 messages waiting, retrying"]
    assert (lab.undelivered, drill.settlements) == (3, [])
    await own.listener.open()
    await tried_again(lab)
    assert own.subjects == ["letter 0", "letter 1", "letter 2"]
    assert drill.settlements == [0, 1, 2]
    assert said[1:] == [f"your mail server on port {port}: delivering again"]


async def test_a_lab_that_ends_before_hands_over_after_its_resume(
    open_lab: OpenLab, drill: SmallDrill, own: Own
) -> None:
    first = await open_lab(mail_server_port=own.listener.port)
    await own.listener.close()
    await send(first, "kept")
    drill.happens("relay", 0)
    await carried_out(first)
    await first.stop()
    await own.listener.open()
    await carried_out(await open_lab(mail_server_port=own.listener.port))
    assert own.subjects == ["kept"]


async def test_a_deferred_message_is_retried_for_its_own_recipients_and_holds_up_no_other(
    lab: Lab, drill: SmallDrill, own: Own, said: list[str]
) -> None:
    own.handler.replies = {"eve@contoso.test": "451 4.7.1 Greylisted"}
    await send(lab, "both", "bob@contoso.test", "eve@contoso.test")
    await send(lab, "next")
    drill.happens("relay", 0)
    drill.happens("relay", 1)
    await carried_out(lab)
    assert own.subjects == ["both", "next"]
    assert drill.settlements == [1]
    assert said == [
        f"your mail server on port {own.listener.port}: relay of {drill.letters[0].spool} is deferred for"
        " eve@contoso.test: 451 4.7.1 Greylisted; retrying"
    ]
    await tried_again(lab)
    assert len(said) == 1, "the same reply is reported once"
    own.handler.replies = {}
    await tried_again(lab)
    assert [recipients for _, recipients, _ in own.handler.kept] == [
        ("bob@contoso.test",),
        ("bob@contoso.test",),
        ("eve@contoso.test",),
    ]
    assert drill.settlements == [1, 0]


async def test_a_rejected_message_bounces_to_its_sender_once(
    open_lab: OpenLab, lab: Lab, drill: SmallDrill, own: Own, said: list[str]
) -> None:
    own.handler.replies = {"eve@contoso.test": "550 5.1.1 No such user"}
    await send(lab, "both", "bob@contoso.test", "eve@contoso.test")
    drill.happens("relay", 0)
    await carried_out(lab)
    assert own.subjects == ["both"]
    (path,) = lab.internet.box.paths()
    bounced = email.message_from_bytes(path.read_bytes())
    assert (bounced["Return-Path"], bounced["Delivered-To"]) == ("<>", "ada@partner.example")
    assert flufl.bounce.all_failures(bounced) == (frozenset(), {b"eve@contoso.test"})
    failed = bounced.get_payload()[1].get_payload()[1]
    assert (failed["Status"], failed["Diagnostic-Code"]) == ("5.1.1", "smtp; 550 5.1.1 No such user")
    assert said[0].endswith(
        "is rejected for eve@contoso.test: 550 5.1.1 No such user; it bounces to ada@partner.example"
    )
    await lab.stop()
    again = await open_lab(mail_server_port=own.listener.port)
    await carried_out(again)
    assert len(own.handler.kept) == len(again.internet.box.paths()) == 1


async def test_a_whole_message_that_is_rejected_after_data_bounces(
    lab: Lab, drill: SmallDrill, own: Own
) -> None:
    own.handler.at_data = "554 5.6.0 Not like this"
    await send(lab, "no")
    drill.happens("relay", 0)
    await carried_out(lab)
    assert subjects(lab.internet.box) == ["Undeliverable: rejected"]
    assert lab.undelivered == 0


async def test_a_message_without_a_sender_is_never_bounced_and_leaves_a_line(
    lab: Lab, drill: SmallDrill, own: Own, said: list[str]
) -> None:
    own.handler.replies = {"bob@contoso.test": "550 5.1.1 No such user"}
    await send(lab, "a notice", sender="")
    drill.happens("relay", 0)
    await carried_out(lab)
    assert not lab.internet.box.paths()
    assert drill.settlements == [0]
    assert said[0].endswith("550 5.1.1 No such user; its sender is null, so it does not bounce")


async def test_a_bounce_for_a_sender_inside_goes_to_the_own_server(
    lab: Lab, drill: SmallDrill, own: Own
) -> None:
    await send(lab, "for a colleague", sender="eve@contoso.test")
    drill.happens("bounce", 0)
    await carried_out(lab)
    assert [envelope[:2] for envelope in own.handler.kept] == [("<>", ("eve@contoso.test",))]


@asynccontextmanager
async def over_tls(context: ssl.SSLContext, *, required: bool) -> AsyncIterator[Own]:
    handler = OwnHandler()
    server = Own(handler, Listener(handler, "own.contoso.test", tls=StartTls(context, required)))
    await server.listener.open()
    try:
        yield server
    finally:
        await server.listener.release()


async def test_a_server_that_requires_tls_gets_it_whatever_its_certificate(
    open_lab: OpenLab, drill: SmallDrill, said: list[str]
) -> None:
    context = server_context(["own.contoso.test"], expired=True)
    async with over_tls(context, required=True) as own:
        lab = await open_lab(mail_server_port=own.listener.port)
        await send(lab, "one")
        drill.happens("relay", 0)
        await carried_out(lab)
        report = await check_own_server(own.listener.port)
    assert (report.good, report.result) == (True, "your own: 250 own.contoso.test; offers STARTTLS")
    assert (own.subjects, own.handler.encrypted, said) == (["one"], [True], [])


async def test_if_tls_fails_messages_are_sent_without_it_and_one_line_says_so(
    open_lab: OpenLab, drill: SmallDrill, said: list[str]
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # without a certificate, so every handshake fails
    async with over_tls(context, required=False) as own:
        lab = await open_lab(mail_server_port=own.listener.port)
        for n in range(2):
            await send(lab, f"letter {n}")
            drill.happens("relay", n)
        await carried_out(lab)
    assert (own.subjects, own.handler.encrypted) == (["letter 0", "letter 1"], [False, False])
    assert drill.settlements == [0, 1]
    (line,) = said
    assert line.startswith(f"your mail server on port {own.listener.port}: STARTTLS failed: ")
    assert line.endswith("; sending without TLS")


async def test_a_full_journal_repeats_nothing(lab: Lab, drill: SmallDrill, own: Own) -> None:
    def full() -> None:
        drill.full = "the disk is full"

    own.handler.after_data = full
    await send(lab, "once")
    drill.happens("relay", 0)
    await carried_out(lab)
    assert drill.settlements == []
    drill.full = ""
    await tried_again(lab)
    assert (own.subjects, drill.settlements) == (["once"], [0])


async def test_the_port_of_the_lab_itself_is_refused(open_lab: OpenLab) -> None:
    with pytest.raises(PortTaken, match="port 2525 is not your mail server's"):
        await open_lab(smtp_port=2525, mail_server_port=2525)


@pytest.mark.parametrize(
    "words", [("exchange-down", "--mail-server", "0"), ("--rules", "x.yaml", "--mail-server", "25")]
)
def test_a_port_that_cannot_be_a_server_s_is_one_line(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lab", *words]) == 2
    assert capsys.readouterr().err.startswith("mxdrill: --mail-server")


async def test_check_greets_the_server_and_waits_for_a_message_there(mxdrill, own: Own) -> None:
    program = await mxdrill(
        "lab", "exchange-down", "--check", "--mail-server", str(own.listener.port), "--set", "users=50"
    )
    assert await program.end() == 0, program.lines
    port = f"127.0.0.1:{own.listener.port:<5}"
    assert f"ok     mail server  {port}  your own: 250 own.contoso.test" in program.lines
    assert any(
        f"relay        {port}  from the MX to your mail server within" in line for line in program.lines
    )
    assert own.handler.kept


async def test_the_journal_remembers_the_server(mxdrill, own: Own, tmp_path: Path) -> None:
    journal = str(tmp_path / "drill.jsonl")
    words = ("--mail-server", str(own.listener.port), "--set", "users=50", "--journal", journal)
    first = await mxdrill("lab", "exchange-down", *words)
    await first.until("type a command")
    first.type("quit")
    assert await first.end() == 0
    second = await mxdrill("resume", journal)
    assert "your own mail server" in await second.until("mail server ")
    second.type("quit")
    assert await second.end() == 0
