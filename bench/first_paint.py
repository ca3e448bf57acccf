"""`python -m bench.first_paint`: CPU and wall time from starting `mxdrill play` to its first paint, on a pty.

Linux: reads the CPU time of the child from /proc when the first `EXERCISE` arrives; then again when
the drill has been opened and its path of mail is on the screen.
"""

import fcntl
import os
import pty
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

RUNS = 5
MXDRILL = Path(sys.executable).with_name("mxdrill")


def cpu_s(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start() -> tuple[float, float, float, float]:
    """CPU and wall seconds to the first paint, then to the opened drill."""
    journal = Path(tempfile.mkdtemp()) / "bench.jsonl"
    began_s = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
        os.execv(MXDRILL, [str(MXDRILL), "play", "--journal", str(journal)])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    seen, taken = b"", []
    for sign in (b"EXERCISE", b"Internet"):
        while sign not in seen:
            seen += os.read(terminal, 65536)
        taken += [cpu_s(pid), time.perf_counter() - began_s]
    os.write(terminal, b"\x11")
    while True:
        try:
            if not os.read(terminal, 65536):
                break
        except OSError:  # the child has closed its side
            break
    os.waitpid(pid, 0)
    os.close(terminal)
    return taken[0], taken[1], taken[2], taken[3]


def main() -> None:
    """Print the medians."""
    runs = [start() for _ in range(RUNS)]
    names = ("first paint, CPU s", "first paint, wall s", "drill opened, CPU s", "drill opened, wall s")
    for name, values in zip(names, zip(*runs, strict=True), strict=True):
        print(f"{name:24}{statistics.median(values):6.2f}")


if __name__ == "__main__":
    main()
