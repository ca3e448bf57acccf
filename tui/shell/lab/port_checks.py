"""A check of each port of a lab: one message or one query, and its expected result in the drill now."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiosmtplib
import dns.asyncquery
import dns.exception
import dns.message
import dns.rcode

from sim.drill.services.wire import PortAnswer
from sim.live import ports
from sim.live.gate import LiveHost
from sim.live.lab import Lab

SENDER = "check@partner.example"
CLIENT = "check.partner.example"
SILENT_S = 2.0
"""Wall time without a banner after which a port counts as silent."""
REPLY_S = 20.0
"""Maximum wall time to wait for any other reply."""

Drive = Callable[[], Awaitable[None]]
"""Advances the drill and its lab a little."""


@dataclass(frozen=True, slots=True)
class PortReport:
    """The result of checking one port."""

    name: str
    port: int
    good: bool
    """True if the port answers as it should in the drill."""
    result: str
    """One line: the reply, or the result if there was no reply."""


async def check_port(lab: Lab, host: LiveHost, drive: Drive) -> PortReport:
    """Send one message to `host` as an outside client does, and compare the reply with that of the drill."""
    met = host.meets()
    domain = "partner.example" if host.box is not None and host.door == "internet" else lab.site.domain
    sending = asyncio.ensure_future(_send(host.port, f"user0001@{domain}"))
    while not sending.done():
        await drive()
        await asyncio.wait((sending,), timeout=0.01)
    result = sending.result()
    return PortReport(host.door, host.port, _agrees(met, result), result)


async def check_own_server(port: int) -> PortReport:
    """Greet the user's own mail server, without a message: the message to the MX is relayed to it."""
    try:
        client = aiosmtplib.SMTP(
            sock=await ports.connect(port), local_hostname=CLIENT, start_tls=False, timeout=REPLY_S
        )
        async with client:
            code, text = await client.ehlo()
            tls = "; offers STARTTLS" if client.supports_extension("starttls") else ""
    except aiosmtplib.SMTPResponseException as refused:
        return PortReport("mail server", port, False, f"your own: {refused.code} {refused.message}")
    except (OSError, aiosmtplib.SMTPException):
        return PortReport("mail server", port, False, "your own: no answer")
    return PortReport("mail server", port, code == 250, f"your own: {code} {text.splitlines()[0]}{tls}")


async def check_names(lab: Lab) -> list[PortReport]:
    """Ask each name server for the MX of the organisation, by UDP and by TCP."""
    reports = []
    query = dns.message.make_query(lab.site.domain, "MX")
    for name, port in lab.names.ports.items():
        try:
            by_udp = await dns.asyncquery.udp(query, ports.LOOPBACK, REPLY_S, port)
            by_tcp = await dns.asyncquery.tcp(query, ports.LOOPBACK, REPLY_S, port)
        except (OSError, dns.exception.DNSException) as why:
            reports.append(PortReport(name, port, False, str(why)))
            continue
        answers = _records(by_udp)
        ttl_s = by_udp.answer[0].ttl if by_udp.answer else 0
        told = f"MX {', '.join(answers)}; TTL {ttl_s} s" if answers else dns.rcode.to_text(by_udp.rcode())
        reports.append(PortReport(name, port, bool(answers) and answers == _records(by_tcp), told))
    return reports


def _records(reply: dns.message.Message) -> list[str]:
    """The records of an answer, regardless of their order, which has no meaning."""
    return sorted(record.to_text() for rrset in reply.answer for record in rrset)


async def _send(port: int, recipient: str) -> str:
    """The final reply; or `closed`, `silent`, `cut`."""
    try:
        link = await asyncio.wait_for(ports.connect(port), SILENT_S)
    except TimeoutError:
        return "silent"
    except OSError:
        return "closed"
    message = f"From: {SENDER}\r\nTo: {recipient}\r\nSubject: mxdrill lab --check\r\n\r\nEXERCISE\r\n"
    try:
        return await _transaction(link, recipient, message.encode("ascii"))
    finally:
        link.close()


async def _transaction(link: socket.socket, recipient: str, message: bytes) -> str:
    client = aiosmtplib.SMTP(sock=link, local_hostname=CLIENT, start_tls=False, timeout=REPLY_S)
    try:
        await client.connect()
        await client.mail(SENDER)
        await client.rcpt(recipient)
        code, text = await client.data(message)
        await client.quit()
    except aiosmtplib.SMTPResponseException as refused:
        code, text = refused.code, refused.message
    except aiosmtplib.SMTPTimeoutError:
        return "silent"
    except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPConnectError, OSError):
        return "cut"
    finally:
        client.close()
    return f"{code} {' '.join(text.split())}"


def _agrees(met: PortAnswer, result: str) -> bool:
    """True if a client may get `result` where the simulation's answer is `met`."""
    taken = result.startswith("250 ")
    if met.answer == "up":
        return taken or (met.greylist_ms > 0 and result.startswith("451 4.7.1"))
    failed = {
        "refused": result in {"closed", "cut"},
        "timeout": result == "silent",
    }.get(met.answer, bool(met.reply) and result == met.reply)
    return failed or (taken and not met.total)
