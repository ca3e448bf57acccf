"""A private Postfix with timers of seconds against a refusing loopback port, compared with the model.

Needs Postfix and root (its master gives up privileges itself): `make test-real`. Nothing of the
machine's own mail system is touched: configuration, queue, log and ports are the test's.
"""

import os
import re
import shutil
import smtplib
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from sim.mail.platforms.platform import load_platform
from sim.mail.platforms.retry.failure import AttemptFailure
from sim.mail.probes.retry import grid_of
from sim.mail.probes.retry_report import report_on
from tests.shipped import FILES

POSTFIX = shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
SETTINGS = {
    "queue_run_delay": "2s",
    "minimal_backoff_time": "3s",
    "maximal_backoff_time": "9s",
    "maximal_queue_lifetime": "24s",
    "bounce_queue_lifetime": "24s",
    "delay_warning_time": "5s",
}

pytestmark = [
    pytest.mark.real,
    pytest.mark.timeout(180),
    pytest.mark.skipif(POSTFIX is None, reason="Postfix is not installed; make test-real installs it"),
    pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="Postfix's master needs root"),
]

MAIN_CF = """
compatibility_level = 3.6
queue_directory = {place}/queue
data_directory = {place}/data
maillog_file = {place}/log/maillog
maillog_file_prefixes = {place}
myhostname = sender.test
mydomain = test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
smtpd_relay_restrictions = permit_mynetworks, reject
smtp_tls_security_level =
smtpd_tls_security_level = none
always_add_missing_headers = yes
notify_classes =
relayhost = [127.0.0.1]:{refusing}
transport_maps = inline:{{ {{ people.test = smtp:[127.0.0.1]:{mailbox} }} }}
"""
SERVICES = {
    "cleanup": "unix n - n - 0 cleanup",
    "qmgr": "unix n - n 300 1 qmgr",
    "rewrite": "unix - - n - - trivial-rewrite",
    "bounce": "unix - - n - 0 bounce",
    "defer": "unix - - n - 0 bounce",
    "trace": "unix - - n - 0 bounce",
    "verify": "unix - - n - 1 verify",
    "proxymap": "unix - - n - - proxymap",
    "smtp": "unix - - n - - smtp",
    "virtual": "unix - n n - - virtual",
    "error": "unix - - n - - error",
    "retry": "unix - - n - - error",
    "anvil": "unix - - n - 1 anvil",
    "tlsmgr": "unix - - n 1000? 1 tlsmgr",
    "scache": "unix - - n - 1 scache",
    "postlog": "unix-dgram n - n - 1 postlogd",
}


class Mailbox:
    """Takes what Postfix sends back to the sender; tells when the bounce has come."""

    def __init__(self) -> None:
        self.reports: list[tuple[float, str, str]] = []
        self.bounced = threading.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        report = message_from_bytes(envelope.content)
        fields = "".join(
            str(part) for part in report.walk() if part.get_content_type() == "message/delivery-status"
        )
        action, status = (re.search(rf"{name}: *(\S+)", fields) for name in ("Action", "Status"))
        assert action
        assert status
        self.reports.append((time.monotonic(), action[1], status[1]))
        if action[1] == "failed":
            self.bounced.set()
        return "250 2.0.0 ok"


@contextmanager
def refusing_port() -> Iterator[int]:
    """A port that is taken but not listened on: connections to it are refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def free_port() -> int:
    with refusing_port() as port:
        return port


@contextmanager
def postfix(mailbox: int, refusing: int, more: str = "") -> Iterator[tuple[int, Path]]:
    """A running private instance: the port it listens on, and its log. `more`: lines for its main.cf."""
    place = Path(tempfile.mkdtemp(prefix="mxdrill-postfix-"))
    place.chmod(0o755)  # its processes run as the user postfix
    for name in ("conf", "queue", "data", "log"):
        (place / name).mkdir()
    shutil.chown(place / "data", "postfix")
    listening = free_port()
    timers = "".join(f"{name} = {value}\n" for name, value in SETTINGS.items())
    main_cf = MAIN_CF.format(place=place, refusing=refusing, mailbox=mailbox) + timers + more
    services = [f"127.0.0.1:{listening} inet n - n - - smtpd", *(f"{n} {row}" for n, row in SERVICES.items())]
    (place / "conf" / "main.cf").write_text(main_cf)
    (place / "conf" / "master.cf").write_text("\n".join(services) + "\n")
    command = [str(POSTFIX), "-c", str(place / "conf")]
    try:
        started = subprocess.run([*command, "start"], capture_output=True, text=True, check=False, timeout=60)
        assert started.returncode == 0, started.stdout + started.stderr
        yield listening, place / "log" / "maillog"
    finally:
        subprocess.run([*command, "stop"], capture_output=True, check=False, timeout=60)
        shutil.rmtree(place, ignore_errors=True)


def send(port: int) -> float:
    """One message into the queue; the moment of its acceptance."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "anna@people.test", "bert@away.test", "retry"
    message.set_content("A message that will never arrive.\n")
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.send_message(message)
        return time.monotonic()


def attempts_in(log: str) -> list[float]:
    """Ages of the message at each connection that was refused, in seconds, as Postfix logs them."""
    rows = [row for row in log.splitlines() if "to=<bert@away.test>" in row and "Connection refused" in row]
    return [float(delay) for row in rows for delay in re.findall(r" delay=([\d.]+),", row)]


def test_a_private_postfix_does_what_the_model_says() -> None:
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        with refusing_port() as refusing, postfix(controller.port, refusing) as (port, maillog):
            accepted = send(port)
            assert mailbox.bounced.wait(120)
            real = attempts_in(maillog.read_text())
    finally:
        controller.stop()
    scan_s = grid_of(load_platform(FILES, "postfix", SETTINGS)).interval_ms / 1000
    asked = {**SETTINGS, "scan_phase": f"{real[1] % scan_s or scan_s:.3f}s"}
    model = report_on(FILES, "postfix", asked, AttemptFailure.REFUSED).probe
    expected = [t / 1000 for t in model.attempts_ms]
    assert abs(len(real) - len(expected)) <= 1
    for age in real:
        assert min(abs(age - ours) for ours in expected) <= scan_s + 0.3
    delayed = [at - accepted for at, action, _ in mailbox.reports if action == "delayed"]
    failed = [(at - accepted, status) for at, action, status in mailbox.reports if action == "failed"]
    assert delayed == pytest.approx([t / 1000 for t in model.notices_ms], abs=9 + scan_s)
    assert model.bounce_ms is not None
    assert [at for at, _ in failed] == pytest.approx([model.bounce_ms / 1000], abs=9 + scan_s)
    assert [status for _, status in failed] == ["4.4.1"]
    print(f"postfix: real {real} model {expected} delayed {delayed} bounced {failed} model {model.bounce_ms}")
