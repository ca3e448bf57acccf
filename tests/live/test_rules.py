"""A test server that fails by rules: the file, the decision, and real sessions."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from sim.kernel.document import BadFile
from sim.live.disk.mailbox import Mailbox
from sim.live.fault_server import FaultServer
from sim.live.rule_file import RuleAttempt, deciding, read_rules

EXAMPLE = """\
mxdrill: 1
rules:
  - when: { rcpt: "*@vip.example", nth: 3 }
    reply: 451 4.7.1 Try again later
  - when: { rcpt: "*@slow.example" }
    at: data
    delay: 30s
  - when: { from: "*@new.example" }
    reply: 451 4.7.1 Greylisted
    times: 2
  - when: { rcpt: "lost@*" }
    at: end
    drop: true
  - when: { rcpt: "full@*" }
    at: end
    reply: 552 5.2.2 Mailbox is full
  - at: connect
    when: { nth: 9 }
    reply: 554 5.3.2 No service here
"""


def rules_of(tmp_path: Path, text: str = EXAMPLE):
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    return read_rules(path)


def test_the_first_rule_that_matches_decides(tmp_path: Path) -> None:
    rules = rules_of(tmp_path)
    found = [deciding(rules, RuleAttempt("rcpt", n, "a@b.example", "Ann@VIP.example")) for n in (1, 2, 3, 4)]
    assert found == [None, None, rules[0], None]
    found = [deciding(rules, RuleAttempt("rcpt", n, "a@new.example", "x@y.example")) for n in (1, 2, 3)]
    assert found == [rules[2], rules[2], None]
    assert deciding(rules, RuleAttempt("rcpt", 1, "a@b.example", "x@slow.example")) is None
    assert deciding(rules, RuleAttempt("data", 1, "a@b.example", "x@slow.example")) is rules[1]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("{ reply: 250 OK }", "4:5: `reply`.*is not a 4xx or 5xx reply on one line"),
        ('{ reply: "451 5.7.1 No" }', "is not a 4xx or 5xx reply"),
        ('{ reply: "451 4.7.1 a\\r\\n250 b" }', "is not a 4xx or 5xx reply"),
        ("{ at: rcpt }", "the rule does nothing; give `reply`, `delay` or `drop`"),
        ("{ reply: 451 no, drop: true }", "cuts the connection without a reply"),
        ('{ at: mail, drop: true, when: { rcpt: "a@*" } }', "the recipient is not known at `mail`"),
        ("{ at: lunch, drop: true }", "lunch"),
        ("{ dorp: true }", "dorp"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(tmp_path: Path, rule: str, says: str) -> None:
    with pytest.raises(BadFile, match=says.partition("`reply`.*")[2] or says) as bad:
        rules_of(tmp_path, f"mxdrill: 1\nrules:\n  - {rule}\n")
    assert len(str(bad.value).splitlines()) == 1
    assert "rules.yaml:3:" in str(bad.value)


Open = Callable[[], Awaitable[FaultServer]]


class Waits:
    def __init__(self) -> None:
        self.asked: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
async def server(tmp_path: Path, said: list[str], waits: Waits) -> AsyncIterator[FaultServer]:
    one = FaultServer(rules_of(tmp_path), Mailbox(tmp_path / "mail"), said.append, wait=waits)
    await one.open()
    yield one
    await one.close()


async def session(port: int, sender: str, whom: str, content: bytes = b"Subject: x\r\n\r\nHi") -> list[str]:
    """The replies to MAIL, RCPT, DATA and the end; empty where the connection was cut."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    greeting, replies = (await reader.readline()).decode(), []
    if greeting[:3] != "220":
        writer.close()
        return [greeting.strip()]
    lines = (b"HELO c.example", b"MAIL FROM:<%b>" % sender.encode(), b"RCPT TO:<%b>" % whom.encode(), b"DATA")
    for line in (*lines, content + b"\r\n."):
        writer.write(line + b"\r\n")
        try:
            replies.append((await reader.readline()).decode().strip())
        except ConnectionResetError:
            replies.append("")
        if replies[-1][:1] not in {"2", "3"}:
            break
    writer.close()
    return replies[1:]


async def test_replies_delays_and_dropped_connections(server, said, waits, tmp_path: Path) -> None:
    port = server.port
    for reply in ("451 4.7.1 Greylisted", "451 4.7.1 Greylisted"):
        assert (await session(port, "a@new.example", "b@c.example"))[-1] == reply
    assert (await session(port, "a@new.example", "b@c.example"))[-1] == "250 2.6.0 Stored"
    assert (await session(port, "a@b.example", "full@c.example"))[-1] == "552 5.2.2 Mailbox is full"
    assert (await session(port, "a@b.example", "lost@c.example"))[-1] == ""
    assert not waits.asked
    assert (await session(port, "a@b.example", "x@slow.example"))[-1] == "250 2.6.0 Stored"
    assert waits.asked == [30.0]
    vip = [(await session(port, "a@b.example", "ann@vip.example"))[-1][:3] for _ in range(2)]
    assert vip == ["250", "250"]
    assert await session(port, "a@b.example", "ann@vip.example") == ["554 5.3.2 No service here"]
    assert (await session(port, "a@b.example", "ann@vip.example"))[-1] == "451 4.7.1 Try again later"
    stored = Mailbox(tmp_path / "mail").paths()
    assert len(stored) == 4, "a message that was refused or dropped is not stored"
    assert said[0] == "rule 3: rcpt from a@new.example to b@c.example, 1: 451 4.7.1 Greylisted"
    assert said[-2] == "rule 6: connect: 554 5.3.2 No service here"


async def test_the_command_serves_until_ctrl_c_and_names_its_port(mxdrill, tmp_path: Path) -> None:
    rules_of(tmp_path)
    program = await mxdrill("lab", "--rules", str(tmp_path / "rules.yaml"), "--mail", str(tmp_path / "mail"))
    port = await program.port("SMTP")
    assert (await session(port, "a@b.example", "full@c.example"))[-1] == "552 5.2.2 Mailbox is full"
    await program.until("rule 5: end from a@b.example to full@c.example, 1: 552 5.2.2")
    program.process.send_signal(signal.SIGINT)
    assert await program.end() == 130


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "name a scenario, such as exchange-down, or give --rules FILE"),
        (("exchange-down", "--rules", "r.yaml"), "not both"),
        (("exchange-down", "--mail", "m"), "only with --rules"),
        (("--rules", "missing.yaml"), "missing.yaml: no such file"),
    ],
)
def test_mistakes_of_the_command_line_are_one_line(words, says, capsys) -> None:
    from tui.cli import main

    assert main(["lab", *words]) == 2
    assert says in capsys.readouterr().err
