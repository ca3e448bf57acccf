"""A table that comes back: the same tokens and ports, also after a rewind, unless a port is taken."""

import socket
from pathlib import Path

from tui.table.ways_back import KeptWays, forget, keep, kept, key_of, root_of


def test_the_doors_are_kept_for_their_owner_and_for_every_branch(tmp_path: Path) -> None:
    journal, branch = tmp_path / "table.jsonl", tmp_path / "table-branch-2.jsonl"
    assert kept(journal) is None
    ways = KeptWays(("browser", "ssh"), 0, 0, "192.0.2.7")
    keep(journal, ways)
    assert kept(branch) == ways
    assert (root_of(branch), key_of(branch)) == (journal, tmp_path / "table.key")
    assert (tmp_path / "table.doors").stat().st_mode & 0o777 == 0o600
    forget(journal)
    assert kept(journal) is None


def test_a_port_that_is_taken_is_not_asked_for_again(tmp_path: Path) -> None:
    journal = tmp_path / "table.jsonl"
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        keep(journal, KeptWays(("browser",), port))
        assert kept(journal) == KeptWays(("browser",), 0)
    found = kept(journal)
    assert found is not None
    assert found.port in (0, port)


def test_a_damaged_file_is_no_file(tmp_path: Path) -> None:
    for text in ("", "[]", '{"doors": 3}', '{"doors": [], "port": "x", "ssh_port": 0, "lan": ""}'):
        (tmp_path / "table.doors").write_text(text)
        assert kept(tmp_path / "table.jsonl") is None
