"""Messages that arrive together are synced together, and kept together or not at all."""

import asyncio
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from sim.drill.services.real_mail import Letter
from sim.drill.session.journal import DiskFull
from sim.live.disk.group_commit import GroupCommit
from sim.live.disk.spool import Spool


def letter(subject: str) -> Callable[[str], Sequence[Letter]]:
    return lambda name: [Letter("ada@partner.example", ("bob@contoso.test",), subject, 5, name)]


async def test_a_group_is_one_file_and_one_write_of_the_journal(drill, tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    writes: list[list[str]] = []
    journal = drill.receive_all
    drill.receive_all = lambda letters: (writes.append([one.subject for one in letters]), journal(letters))
    commits = GroupCommit(spool, drill)
    contents = [b"one\r\n", b"two, longer\r\n", b"three\r\n"]
    names = await asyncio.gather(
        *(commits.keep((content,), letter(f"{n}")) for n, content in enumerate(contents))
    )
    assert writes == [["0", "1", "2"]]
    assert len(list(spool.folder.iterdir())) == 1
    assert [spool.get(name) for name in names] == contents
    assert [spool.get(one.spool) for one in drill.letters] == contents
    again = Spool(tmp_path / "spool", drill.spooled)
    assert [again.get(name) for name in names] == contents, "a restart keeps what is journaled"
    (alone,) = await asyncio.gather(commits.keep((b"four\r\n",), letter("3")))
    assert alone == "00000002.eml"


async def test_a_group_that_cannot_be_journaled_is_gone_for_all_its_senders(drill, tmp_path: Path) -> None:
    spool, drill.full = Spool(tmp_path / "spool"), "no space"
    commits = GroupCommit(spool, drill)
    done = await asyncio.gather(
        *(commits.keep((b"x\r\n",), letter(f"{n}")) for n in range(3)), return_exceptions=True
    )
    assert [type(one) for one in done] == [DiskFull] * 3
    assert not list(spool.folder.iterdir())
    drill.full = ""
    assert await commits.keep((b"y\r\n",), letter("later"))
    assert [one.subject for one in drill.letters] == ["later"]


@pytest.mark.parametrize("name", ["00000001.eml:0+x", "../00000001.eml", "00000001.eml:-1+5", "x.eml"])
def test_a_foreign_journal_reads_no_other_file(tmp_path: Path, name: str) -> None:
    spool = Spool(tmp_path / "spool")
    with pytest.raises(FileNotFoundError):
        spool.get(name)


@pytest.mark.skipif(sys.platform != "linux", reason="TCP_INFO is Linux's")
async def test_many_clients_at_once_need_not_wait_for_the_loop(lab) -> None:
    links = [socket.socket() for _ in range(60)]
    for link in links:
        link.setblocking(False)
        link.connect_ex(("127.0.0.1", lab.ports.mx))
    states = [link.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] for link in links]
    assert set(states) == {1}, "each is established before the loop has looked"
    loop = asyncio.get_running_loop()
    greetings = await asyncio.gather(*(loop.sock_recv(link, 3) for link in links))
    assert set(greetings) == {b"220"}
    for link in links:
        link.close()
