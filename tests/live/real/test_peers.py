"""The lab and other people's programs: a Postfix, swaks, curl, dig, Unbound, and smtp-source as a load.

`make test-real` installs them. Everything is on loopback; no configuration of the machine is touched.
"""

import asyncio
import json
import mailbox
import os
import re
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from sim.drill.session.journal_reading import read_journal
from sim.drill.session.load import load_scenario
from tests.fidelity.real.test_postfix import POSTFIX, postfix
from tests.live.test_lab_command import mail_in, send

SBIN = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
SMALL = ("--set", "users=50", "--speed", "1")
MOST_MEMORY_KIB = 300 << 10
LONGEST_HANG_S = 1.0
pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


def program(name: str) -> str:
    found = shutil.which(name, path=SBIN)
    if found is None:
        pytest.skip(f"{name} is not installed; make test-real installs it")
    return found


async def run(*words: str) -> tuple[int, str]:
    """Exit status and output of a program."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
    out, _ = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode is not None
    return process.returncode, out.decode()


async def until(true: Callable[[], bool]) -> None:
    """Return when a log says so."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - another program writes it
            await asyncio.sleep(0.2)


def most_memory_kib(process: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    assert found is not None
    return int(found[1])


async def lab(mxdrill, folder: Path, outage: str, *words: str):
    """A lab whose clock stands still two minutes after the onset, and its ports."""
    ports = folder / "ports.json"
    start_ms = load_scenario(outage, {"users": "50"}).outage_start_ms
    files = ("--journal", str(folder / "drill.jsonl"), "--ports", str(ports))
    started = await mxdrill("lab", outage, *SMALL, *files, *words)
    started.type(f"step {start_ms // 1000 + 120}s")
    await started.until("clock stopped")
    return started, json.loads(ports.read_text())


@pytest.mark.skipif(POSTFIX is None or os.geteuid() != 0, reason="needs Postfix and root")
async def test_a_postfix_queues_and_delivers_when_the_gateway_is_back(mxdrill, tmp_path: Path) -> None:
    started, ports = await lab(mxdrill, tmp_path, "gateway-down", "--set", "outage=1h")
    mx, nowhere = ports["smtp"]["MX"], ports["smtp"]["internet"]
    with postfix(nowhere, mx) as (port, maillog):
        for n in range(5):
            await send(port, f"offer {n}")
        await until(lambda: maillog.read_text().count("Connection refused") >= 5)
        assert "offer" not in "\n".join(started.lines), "the gateway's port is closed"
        started.type("step 2h")
        await started.until("clock stopped")
        await until(lambda: maillog.read_text().count("status=sent (250 2.6.0 Queued") >= 5)
    started.type("step 10m")
    await started.until("clock stopped")
    started.type("quit")
    assert await started.end() == 0
    arrived = sorted(message["Subject"] for message in mail_in(tmp_path / "drill.jsonl", "mailserver"))
    assert arrived == [f"offer {n}" for n in range(5)]
    (first, *_) = mailbox.Maildir(tmp_path / "drill.mail" / "mailserver", create=False)
    assert "by sender.test (Postfix)" in "".join(first.get_all("Received"))


@pytest.fixture
def boxes() -> Iterator[Path]:
    """A folder for the Maildirs of Postfix's user 5000."""
    folder = Path(tempfile.mkdtemp(prefix="mxdrill-boxes-"))
    folder.chmod(0o755)
    os.chown(folder, 5000, 5000)
    yield folder
    shutil.rmtree(folder)


async def with_a_certificate(folder: Path) -> str:
    """Lines for Postfix' main.cf: TLS is required, with a certificate that no one else has signed."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    files = ("-keyout", str(key), "-out", str(certificate))
    words = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=own.test")
    status, said = await run(program("openssl"), *words, *files)
    assert status == 0, said
    return (
        f"smtpd_tls_security_level = encrypt\nsmtpd_tls_received_header = yes\n"
        f"smtpd_tls_key_file = {key}\nsmtpd_tls_cert_file = {certificate}\n"
    )


@pytest.mark.skipif(POSTFIX is None or os.geteuid() != 0, reason="needs Postfix and root")
@pytest.mark.parametrize("tls", [False, True])
async def test_a_postfix_as_the_mail_server_gets_what_the_drill_hands_over(
    mxdrill, boxes: Path, tmp_path: Path, tls: bool
) -> None:
    page = (Path(__file__).parents[3] / "docs/howto/use-your-own-mta.md").read_text()
    (block,) = re.findall(r"( +virtual_mailbox_domains.*?)\n +```", page, re.DOTALL)
    settings = "".join(
        f"{line.strip()}\n" for line in block.replace("/var/mail/drill", str(boxes)).splitlines()
    )
    if tls:
        settings += await with_a_certificate(tmp_path)
    with postfix(9, 9, settings) as (port, maillog):
        words = ("--mail-server", str(port), "--set", "outage=1h")
        started, ports = await lab(mxdrill, tmp_path, "exchange-down", *words)
        for n in range(5):
            await send(ports["smtp"]["MX"], f"offer {n}")
        await started.until("offer 4: accepted")
        assert "sent" not in maillog.read_text()
        started.type("step 3h")
        await started.until("clock stopped")
        await until(lambda: maillog.read_text().count("status=sent (delivered to maildir)") >= 5)
        started.type("quit")
        assert await started.end() == 0
    messages = list(mailbox.Maildir(boxes / "all", create=False))
    arrived = sorted(message["Subject"] for message in messages)
    assert all(("using TLSv1." in message["Received"]) is tls for message in messages)
    assert arrived == [f"offer {n}" for n in range(5)]


async def test_swaks_and_curl_meet_what_the_outage_says(mxdrill, tmp_path: Path) -> None:
    swaks, curl = program("swaks"), program("curl")
    started, ports = await lab(mxdrill, tmp_path, "exchange-down")
    started.type("go")  # the backup takes its time for each message, by the drill's clock
    smtp = ports["smtp"]

    async def swak(door: str, sender: str, recipient: str, *more: str) -> tuple[int, str]:
        words = ("--helo", "client.example", "--from", sender, "--to", recipient, *more)
        return await run(swaks, "--server", f"127.0.0.1:{smtp[door]}", *words)

    outside, inside = "ada@partner.example", "user0001@harbour.example"
    status, told = await swak("MX", outside, inside)
    assert (status, "250 2.6.0 Queued as" in told) == (0, True), told
    assert (await swak("smart host", inside, outside))[0] == 0
    assert (await swak("backup", outside, inside))[0] == 0
    status, told = await swak("mail server", outside, inside)
    assert status == 2, told
    assert "refused" in told
    status, told = await swak("MX", outside, inside, "--tls")
    assert (status, "TLS started" in told) == (0, True), told
    status, told = await swak("MX", outside, inside, "--tls", "--tls-verify")
    assert (status, "self-signed certificate" in told) == (29, True), told
    status, told = await swak("MX", outside, "bob@elsewhere.example")
    assert (status, "550 5.7.1 Relaying denied" in told) == (24, True), told
    (tmp_path / "letter.eml").write_text("Subject: by curl\n\nHello\n")
    upload = ("--mail-from", outside, "--mail-rcpt", inside, "--upload-file", str(tmp_path / "letter.eml"))
    status, told = await run(curl, "-sS", f"smtp://127.0.0.1:{smtp['MX']}/client.example", *upload)
    assert status == 0, told
    letters = [one["letter"] for one in read_journal(tmp_path / "drill.jsonl") if one["is"] == "letter"]
    assert [one["way"] for one in letters] == ["gateway", "smart host", "backup", "gateway", "gateway"]


async def test_dig_reads_the_authority(mxdrill, tmp_path: Path) -> None:
    dig = program("dig")
    _, ports = await lab(mxdrill, tmp_path, "gateway-down")
    at = ("@127.0.0.1", "-p", str(ports["dns"]["authority"]), "+noall", "+comments", "+answer")
    _, plain = await run(dig, *at, "MX", "harbour.example")
    assert "status: NOERROR" in plain
    assert re.search(r"harbour\.example\.\s+3600\s+IN\s+MX\s+10 mx-a\.gateway\.example\.", plain)
    _, by_tcp = await run(dig, *at, "+tcp", "MX", "harbour.example")
    assert "mx-b.gateway.example." in by_tcp
    assert "status: NXDOMAIN" in (await run(dig, *at, "A", "nothing.harbour.example"))[1]
    assert "status: REFUSED" in (await run(dig, *at, "A", "example.com"))[1]
    assert "HINFO" in (await run(dig, *at, "ANY", "harbour.example"))[1]
    assert "Transfer failed" in (await run(dig, *at, "AXFR", "harbour.example"))[1]


async def test_dig_sees_what_each_resolver_does_without_the_authority(mxdrill, tmp_path: Path) -> None:
    dig = program("dig")
    started, ports = await lab(mxdrill, tmp_path, "gateway-down")
    started.type("authority off")
    await started.until("authority off")
    started.type("step 2h")
    await started.until("clock stopped")

    async def ask(name: str) -> str:
        at = ("@127.0.0.1", "-p", str(ports["dns"][name]), "+tries=1", "+time=2")
        return (await run(dig, *at, "MX", "harbour.example"))[1]

    for silent in ("authority", "dnsmasq"):
        assert "no servers could be reached" in await ask(silent)
    for honest in ("honest", "unbound", "google", "windows"):
        assert "status: SERVFAIL" in await ask(honest)
    assert re.search(r"\s30\s+IN\s+MX\s+10 mx-a\.gateway", await ask("serve-stale"))
    started.type("authority on")
    await started.until("authority on")
    started.type("step 1m")
    await started.until("clock stopped")
    for back in ("authority", "dnsmasq", "honest", "serve-stale"):
        found = re.search(r"\s(\d+)\s+IN\s+MX\s+10 mx-a\.gateway", await ask(back))
        assert found is not None
        assert int(found[1]) > 3500


@asynccontextmanager
async def unbound_in_front(folder: Path, authority: int, *lines: str) -> AsyncIterator[Callable[..., Any]]:
    """A private Unbound; yields a function that asks it for the MX by dig: status, and TTL or None."""
    unbound, dig = program("unbound"), program("dig")
    reader = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = reader.sockets[0].getsockname()[1]
    reader.close()
    conf = folder / "unbound.conf"
    conf.write_text(
        f'server:\n interface: 127.0.0.1\n port: {port}\n username: ""\n chroot: ""\n pidfile: ""\n'
        f' directory: "{folder}"\n use-syslog: no\n do-daemonize: no\n do-not-query-localhost: no\n'
        ' module-config: "iterator"\n'
        + "".join(f" {line}\n" for line in lines)
        + f"stub-zone:\n name: harbour.example\n stub-addr: 127.0.0.1@{authority}\n"
        "remote-control:\n control-enable: no\n"
    )
    process = await asyncio.create_subprocess_exec(unbound, "-d", "-c", str(conf))

    async def ask() -> tuple[str, int | None]:
        at = ("@127.0.0.1", "-p", str(port), "+tries=1", "+time=8")
        _, told = await run(dig, *at, "MX", "harbour.example")
        status = re.search(r"status: (\w+)", told)
        found = re.search(r"harbour\.example\.\s+(\d+)\s+IN\s+MX\s+10 mx-a", told)
        return (status[1] if status else ""), (int(found[1]) if found else None)

    try:
        async with asyncio.timeout(60):
            while (await ask())[0] != "NOERROR":  # noqa: ASYNC110 - another program starts
                await asyncio.sleep(0.2)
        yield ask
    finally:
        process.terminate()
        await process.wait()


async def test_an_unbound_in_front_caches_the_answer(mxdrill, tmp_path: Path) -> None:
    _, ports = await lab(mxdrill, tmp_path, "gateway-down")
    async with unbound_in_front(tmp_path, ports["dns"]["authority"]) as ask:
        _, first = await ask()
        await asyncio.sleep(1.1)
        _, second = await ask()
    assert second < first <= 3600, "its cache counts down in wall time"


@pytest.mark.parametrize(("setting", "ttl_s"), [("no", None), ("yes", 2)])
async def test_an_unbound_in_front_of_a_stopped_authority(
    mxdrill, tmp_path: Path, setting: str, ttl_s: int | None
) -> None:
    """The TTL of its expired answer is 30 s, but at most the record's own, which is cut to 2 s here.

    Without such answers it has not even sent SERVFAIL after eight seconds.
    """
    started, ports = await lab(mxdrill, tmp_path, "gateway-down")
    lines = ("cache-max-ttl: 2", f"serve-expired: {setting}", "serve-expired-reply-ttl: 30")
    async with unbound_in_front(tmp_path, ports["dns"]["authority"], *lines) as ask:
        started.type("authority off")
        await started.until("authority off")
        await asyncio.sleep(3)
        assert (await ask())[1] == ttl_s


async def test_a_load_loses_nothing_hangs_nowhere_and_needs_little_memory(mxdrill, tmp_path: Path) -> None:
    source, count = program("smtp-source"), 3_000
    started, ports = await lab(mxdrill, tmp_path, "exchange-down")
    longest_s, stop = 0.0, asyncio.Event()

    async def watch() -> None:
        """The time until a banner, asked again and again."""
        nonlocal longest_s
        while not stop.is_set():
            begun_s = time.monotonic()
            reader, writer = await asyncio.open_connection("127.0.0.1", ports["smtp"]["MX 2"])
            await reader.readline()
            longest_s = max(longest_s, time.monotonic() - begun_s)
            writer.close()
            await asyncio.sleep(0.02)

    watching = asyncio.create_task(watch())
    words = ("-m", str(count), "-s", "20", "-l", "4096", "-f", "ada@partner.example")
    begun_s = time.monotonic()
    status, told = await run(
        source, *words, "-t", "user0001@harbour.example", f"inet:127.0.0.1:{ports['smtp']['MX']}"
    )
    took_s = time.monotonic() - begun_s
    stop.set()
    await watching
    assert status == 0, told
    memory_kib = most_memory_kib(started.process.pid)
    print(f"load: {count / took_s:.0f}/s, longest wait {longest_s:.2f} s, {memory_kib >> 10} MiB")
    await started.kill()  # as hard as it can be
    letters = [one for one in read_journal(tmp_path / "drill.jsonl") if one["is"] == "letter"]
    assert len(letters) == count, "each was acknowledged"
    assert longest_s < LONGEST_HANG_S
    assert memory_kib <= MOST_MEMORY_KIB
