"""How fast the lab accepts real mail, as a ratio to a bare aiosmtpd sink that syncs each message to disk.

Twenty connections send messages of 4 kB. Both servers are processes of their own on the same kind of loop.
`python -m bench.smtp_throughput` prints the ratio; `sink FOLDER` is the sink itself.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from aiosmtpd.smtp import SMTP, Envelope, Session

from bench.measure import MXDRILL

CONNECTIONS = 20
EACH = 60
SIZE = 4_096
BODY = b"Subject: load\r\n\r\n" + b"x" * 62 + b"\r\n"
MESSAGE = BODY + (b"y" * 62 + b"\r\n") * ((SIZE - len(BODY)) // 64)


class Sink:
    """Keeps each message in a file of its own, synced before it is acknowledged."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._count = folder, 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self._count += 1
        self._write(self._folder / f"{self._count:08d}.eml", envelope.original_content or b"")
        return "250 2.6.0 kept"

    def _write(self, path: Path, content: bytes) -> None:
        with path.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())


def sink(folder: Path) -> None:
    """Serve until killed; prints the port."""

    async def serve() -> None:
        loop, handler = asyncio.get_running_loop(), Sink(folder)
        server = await loop.create_server(lambda: SMTP(handler, loop=loop), "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    try:
        import uvloop
    except ImportError:
        asyncio.run(serve())
    else:
        uvloop.run(serve())


async def send(port: int, each: int = EACH, connections: int = CONNECTIONS) -> float:
    """Messages per second, all of them acknowledged. Raises RuntimeError if one is not."""

    async def client(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await expect(reader, b"220")
        writer.write(b"EHLO client.example\r\n")
        await expect(reader, b"250")
        for _ in range(each):
            for line, code in (
                (b"MAIL FROM:<ada@partner.example>", b"250"),
                (b"RCPT TO:<user%04d@harbour.example>" % number, b"250"),
                (b"DATA", b"354"),
                (MESSAGE + b".", b"250"),
            ):
                writer.write(line + b"\r\n")
                await expect(reader, code)
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(client(number) for number in range(connections)))
    return each * connections / (time.perf_counter() - begun)


async def expect(reader: asyncio.StreamReader, code: bytes) -> None:
    """Read one reply."""
    reply = await reader.readline()
    while reply[3:4] == b"-":
        reply = await reader.readline()
    if reply[:3] != code:
        raise RuntimeError(f"{reply.decode().strip()!r} instead of {code.decode()}")


@contextmanager
def sink_port(folder: Path) -> Iterator[int]:
    """The port of a sink in a process of its own."""
    words = [sys.executable, "-m", "bench.smtp_throughput", "sink", str(folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


@contextmanager
def lab_port(folder: Path, *words: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The port of a lab's MX while its mail server is down, in a process of its own, and the process.

    Its clock stands still, so that nothing but the acceptance of mail is measured.
    """
    ports = folder / "ports.json"
    lab = [MXDRILL, "lab", "exchange-down", "--speed", "1", "--set", "users=200", "--quiet"]
    files = ["--journal", str(folder / "drill.jsonl"), "--ports", str(ports)]
    pipe = subprocess.PIPE
    with subprocess.Popen([*lab, *files, *words], stdin=pipe, stdout=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(b"step 3h\n")
            process.stdin.flush()
            while b"clock stopped" not in process.stdout.readline():
                if process.poll() is not None:
                    raise RuntimeError("the lab did not start")
            # so that the process never waits for a reader
            Thread(target=process.stdout.read, daemon=True).start()
            yield json.loads(ports.read_text())["smtp"]["MX"], process
        finally:
            process.terminate()
            process.wait(60)


def rates() -> tuple[float, float]:
    """Messages per second: the lab's, and the sink's."""
    with tempfile.TemporaryDirectory(prefix="mxdrill-bench-") as name:
        folder = Path(name)
        with sink_port(folder) as port:
            bare = asyncio.run(send(port))
        with lab_port(folder) as (port, _process):
            ours = asyncio.run(send(port))
    return ours, bare


if __name__ == "__main__":
    if sys.argv[1:2] == ["sink"]:
        sink(Path(sys.argv[2]))
    else:
        lab_rate, sink_rate = rates()
        print(f"lab {lab_rate:.0f}/s, bare sink {sink_rate:.0f}/s: {lab_rate / sink_rate:.2f}")
