"""STARTTLS at the lab's ports: offered, expired, missing, and required by the backup."""

import asyncio
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from sim.live.lab import Lab
from tests.live.conftest import SITE
from tests.live.test_bounds import holds

LETTER = "Subject: over TLS\r\n\r\nHello\r\n"


async def meets(port: int, talk: Callable[[smtplib.SMTP], Any]) -> Any:
    """What a client meets who has said EHLO; in a thread, as smtplib blocks."""

    def session() -> Any:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example", timeout=30) as client:
            client.ehlo()
            return talk(client)

    return await asyncio.to_thread(session)


def unchecked() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def over_tls(client: smtplib.SMTP) -> x509.Certificate:
    """Send over TLS; the certificate of the server."""
    client.starttls(context=unchecked())
    client.ehlo()
    assert not client.has_extn("auth"), "no one has an account here"
    client.sendmail("ada@partner.example", ["bob@contoso.test"], LETTER)
    shown = client.sock.getpeercert(binary_form=True)
    assert shown is not None
    return x509.load_der_x509_certificate(shown)


async def test_a_message_comes_over_tls_with_a_certificate_of_today(lab, drill) -> None:
    certificate = await meets(lab.ports.mx, over_tls)
    assert certificate.not_valid_before_utc < datetime.now(UTC) < certificate.not_valid_after_utc
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "mx.contoso.test" in names.get_values_for_type(x509.DNSName)
    assert [letter.subject for letter in drill.letters] == ["over TLS"]


async def test_an_expired_certificate_is_noticed_and_the_server_serves_on(open_lab, drill, said) -> None:
    lab = await open_lab(tls="expired")
    certificate = await meets(lab.ports.mx, over_tls)
    assert certificate.not_valid_after_utc < datetime.now(UTC)
    with pytest.raises(ssl.SSLCertVerificationError):
        await meets(lab.ports.mx, lambda client: client.starttls(context=ssl.create_default_context()))
    assert await meets(lab.ports.mx, lambda client: client.noop()[0]) == 250
    (line,) = said
    assert "broke off STARTTLS" in line


async def test_encrypted_connections_are_limited_and_one_that_ends_makes_place(lab) -> None:
    room = lab.mx.listener.room
    room.encrypted = 1

    def second(client: smtplib.SMTP) -> tuple[int, int]:
        client.starttls(context=unchecked())
        client.ehlo()
        again = client.docmd("STARTTLS")[0]
        with smtplib.SMTP("127.0.0.1", lab.ports.internet, local_hostname="other", timeout=30) as other:
            other.ehlo()
            return again, other.docmd("STARTTLS")[0]

    assert await meets(lab.ports.mx, second) == (503, 454)
    await holds(lambda: room.encrypted == 1)
    await meets(lab.ports.internet, over_tls)


async def test_without_tls_it_is_not_offered(open_lab) -> None:
    lab = await open_lab(tls="missing")
    assert await meets(lab.ports.mx, lambda client: client.has_extn("starttls")) is False
    assert (await meets(lab.ports.mx, lambda client: client.docmd("STARTTLS")[0])) >= 400


@pytest.mark.parametrize(("level", "offered", "plain"), [("none", False, 250), ("required", True, 530)])
async def test_the_backup_follows_its_settings(
    drill, tmp_path: Path, level: str, offered: bool, plain: int
) -> None:
    lab = Lab(drill, replace(SITE, backup_tls=level), tmp_path / "a.mail", (), say=lambda _line: None)
    await lab.start()
    try:
        assert await meets(lab.ports.backup, lambda client: client.has_extn("starttls")) is offered
        assert await meets(lab.ports.backup, lambda client: client.mail("ada@partner.example")[0]) == plain
        assert await meets(lab.ports.mx, lambda client: client.mail("ada@partner.example")[0]) == 250
    finally:
        await lab.stop()
