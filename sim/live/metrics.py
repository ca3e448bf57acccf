"""Figures for a monitoring system on loopback, in Prometheus' text format (extra `lab`).

The figures are those that a trainee sees on the gateway's console and at the helpdesk, and counts of real
mail. They do not include the truth.
"""

import asyncio
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sim.live import ports

PATH = "/metrics"
LONGEST_REQUEST = 8 << 10
MOST_CLIENTS = 16
"""Maximum number of open connections; further ones are closed at once, so that the ports for mail always have
descriptors left.
"""
PATIENCE_S = 10.0
"""Wall time allowed to a client for sending its request."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures at one moment."""

    simulated_s: float
    inbound: int
    """Messages in the gateway's inbound queue, as shown on its console."""
    outbound: int
    oldest_s: float
    paused: bool
    calls: int
    """Calls to the helpdesk so far."""
    accepted: int
    """Number of real messages accepted so far."""
    delivered: int
    bounced: int
    undelivered: int
    """Real messages, including bounces, that a destination has not accepted yet."""
    connections: dict[str, int]
    """Number of SMTP connections to each port."""


class _Figures(Collector):
    def __init__(self, now: Callable[[], Figures]) -> None:
        self._now = now

    def collect(self) -> Iterable[Metric]:
        """Each metric with its current value."""
        now = self._now()
        yield _gauge("exercise", "1: everything here is simulated", 1)
        yield _gauge("simulated_seconds", "Simulated time since the start of the drill", now.simulated_s)
        queued = GaugeMetricFamily(
            "mxdrill_gateway_queue_messages", "Queued messages by the console", labels=["direction"]
        )
        queued.add_metric(["inbound"], now.inbound)
        queued.add_metric(["outbound"], now.outbound)
        yield queued
        yield _gauge("gateway_queue_oldest_seconds", "Age of the oldest inbound message", now.oldest_s)
        yield _gauge("gateway_deliveries_paused", "1: inbound deliveries are paused", int(now.paused))
        yield CounterMetricFamily("mxdrill_helpdesk_calls", "Calls to the helpdesk", value=now.calls)
        real = CounterMetricFamily("mxdrill_real_messages", "Real messages by outcome", labels=["event"])
        real.add_metric(["accepted"], now.accepted)
        real.add_metric(["delivered"], now.delivered)
        real.add_metric(["bounced"], now.bounced)
        yield real
        yield _gauge("real_messages_undelivered", "Real messages not delivered yet", now.undelivered)
        links = GaugeMetricFamily("mxdrill_smtp_connections", "Open SMTP connections", labels=["port"])
        for name, count in now.connections.items():
            links.add_metric([name], count)
        yield links


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"mxdrill_{name}", about, value=value)


class MetricsServer:
    """Answers `GET /metrics` on loopback. The port (0: a free one) is reserved here; raises PortTaken."""

    def __init__(self, now: Callable[[], Figures], port: int = 0) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Figures(now))
        self._held: socket.socket = ports.hold(port)
        self.port = ports.number(self._held)
        self._server: asyncio.Server | None = None
        self._clients = 0

    async def open(self) -> None:
        """Start answering."""
        self._server = await asyncio.start_server(self._serve, sock=self._held, limit=LONGEST_REQUEST)

    async def release(self) -> None:
        """Stop answering, and release the port."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        self._held.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients += 1
        try:
            if self._clients > MOST_CLIENTS:
                return
            async with asyncio.timeout(PATIENCE_S):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(b"".join(self._reply(head.split(b"\r\n", 1)[0].split())))
                await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass  # the client has disconnected, or did not send a request
        finally:
            self._clients -= 1
            writer.close()

    def _reply(self, request: list[bytes]) -> Iterator[bytes]:
        if request[:2] == [b"GET", PATH.encode()]:
            status, kind, body = "200 OK", CONTENT_TYPE_LATEST, generate_latest(self._registry)
        else:
            status, kind, body = "404 Not Found", "text/plain", f"GET {PATH}\n".encode()
        yield f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n".encode()
        yield f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
        yield body
