"""A private Unbound before an authority of our own whose MX changes, compared with `probe dns`.

Needs Unbound: `make test-real`. Everything is on loopback, on free ports; nothing of the machine's
own resolver is touched. Three instances with different settings are asked at the same time.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rrset
import pytest

from sim.mail.probes.dns import Question, probe
from tests.shipped import FILES

UNBOUND = shutil.which("unbound", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
pytestmark = [
    pytest.mark.real,
    pytest.mark.timeout(180),
    pytest.mark.skipif(UNBOUND is None, reason="Unbound is not installed; make test-real installs it"),
]
TTL_S = 6
NAMES = 12
POLL_S = 0.2
CHANGE_S = 22.0
SETTINGS = {
    "default": {},
    "shorter": {"cache-max-ttl": "3"},
    "longer": {"cache-min-ttl": "10"},
    "ahead": {"cache-min-ttl": "10", "prefetch": "yes"},
}


@dataclass
class Zone:
    """The authority: every name under shop.test has one MX, `old` and later `new`."""

    sock: socket.socket
    new: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)

    def serve(self) -> None:
        while not self.closing.is_set():
            try:
                wire, client = self.sock.recvfrom(4096)
            except OSError:
                continue
            query = dns.message.from_wire(wire)
            reply = dns.message.make_response(query)
            reply.flags |= dns.flags.AA
            name = query.question[0].name
            if query.question[0].rdtype == dns.rdatatype.MX:
                host = "new" if self.new.is_set() else "old"
                reply.answer.append(dns.rrset.from_text(name, TTL_S, "IN", "MX", f"10 {host}.shop.test."))
            with contextlib.suppress(OSError):
                self.sock.sendto(reply.to_wire(), client)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe_socket:
        probe_socket.bind(("127.0.0.1", 0))
        return int(probe_socket.getsockname()[1])


@contextlib.contextmanager
def unbound(place: Path, settings: dict[str, str], authority: int) -> Iterator[int]:
    port = free_port()
    place.mkdir()
    lines = [
        "server:",
        f' directory: "{place}"',
        ' chroot: ""',
        ' username: ""',
        f' pidfile: "{place}/pid"',
        " use-syslog: no",
        f' logfile: "{place}/log"',
        " do-daemonize: no",
        f" interface: 127.0.0.1@{port}",
        " do-ip6: no",
        " do-not-query-localhost: no",
        ' module-config: "iterator"',
        ' local-zone: "test." nodefault',
        *(f" {name}: {value}" for name, value in settings.items()),
        "remote-control:",
        " control-enable: no",
        "stub-zone:",
        " name: shop.test",
        f" stub-addr: 127.0.0.1@{authority}",
    ]
    (place / "conf").write_text("\n".join(lines) + "\n")
    assert UNBOUND
    server = subprocess.Popen([UNBOUND, "-d", "-c", str(place / "conf")], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 15
        while asked(port, "ready.shop.test") is None:
            assert server.poll() is None, (place / "log").read_text()
            assert time.monotonic() < deadline, (place / "log").read_text()
        yield port
    finally:
        server.terminate()
        server.wait(10)


def asked(port: int, name: str) -> str | None:
    """The MX host that the resolver at `port` names; None without an answer."""
    try:
        reply = dns.query.udp(dns.message.make_query(name, "MX"), "127.0.0.1", timeout=1, port=port)
    except (dns.exception.Timeout, OSError):
        return None
    return reply.answer[0].to_text().split()[-1].split(".")[0] if reply.answer else None


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[float]]]:
    """Seconds from the change to the first new answer, of each name, by instance."""
    with contextlib.ExitStack() as stack:
        sock = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.2)
        zone = Zone(sock)
        thread = threading.Thread(target=zone.serve)
        thread.start()
        stack.callback(thread.join)
        stack.callback(zone.closing.set)
        place = tmp_path_factory.mktemp("unbound")
        authority = sock.getsockname()[1]
        ports = {
            name: stack.enter_context(unbound(place / name, s, authority)) for name, s in SETTINGS.items()
        }
        yield poll(zone, ports)


def poll(zone: Zone, ports: dict[str, int]) -> dict[str, list[float]]:
    """Ask every name every POLL_S; the names begin one after the other over 10 s."""
    start = time.monotonic()
    due = {(name, i): 10 * i / NAMES for name in ports for i in range(NAMES)}
    found: dict[str, list[float]] = {name: [] for name in ports}
    changed = 0.0
    while due:
        at, key = min((t, key) for key, t in due.items())
        time.sleep(max(start + at - time.monotonic(), 0))
        if not changed and time.monotonic() - start >= CHANGE_S:
            changed = time.monotonic()
            zone.new.set()
        host = asked(ports[key[0]], f"n{key[1]}.shop.test")
        due[key] = at + POLL_S
        if host == "new":
            found[key[0]].append(time.monotonic() - changed)
            del due[key]
        assert time.monotonic() - start < 90, f"still old: {sorted(due)}"
    return found


@pytest.mark.parametrize("instance", SETTINGS)
def test_old_answers_survive_as_long_as_probe_dns_says(
    measured: dict[str, list[float]], instance: str
) -> None:
    expected = probe(FILES, Question("unbound", TTL_S * 1000, SETTINGS[instance])).stale_ms
    seen = measured[instance]
    assert len(seen) == NAMES
    # whole seconds of Unbound's clock, and the time until the next question
    assert max(seen) <= expected["max"] / 1000 + 1 + 2 * POLL_S
    assert max(seen) >= 0.6 * expected["max"] / 1000
    # twelve names at even distances, the whole second of the clock
    assert abs(median(seen) - expected["p50"] / 1000) <= max(0.15 * expected["max"] / 1000, 2 * POLL_S) + 1
