"""Whatever a bundle holds, it is read or refused in one line."""

import io
import json
import zipfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hostile import tries
from tui.shell.bundle_file import JOURNAL, MANIFEST, Manifest, read_bundle, write_bundle
from tui.shell.command_mistake import CommandMistake

OCTETS = st.lists(
    st.tuples(
        st.integers(0, 1_200), st.booleans(), st.one_of(st.sampled_from([0, 8, 255]), st.integers(0, 255))
    ),
    min_size=1,
    max_size=6,
)


@cache
def whole() -> bytes:
    with TemporaryDirectory() as folder:
        journal, bundle = Path(folder) / "a.jsonl", Path(folder) / "a.zip"
        journal.write_bytes(b"{}\n" * 300)
        write_bundle(bundle, journal, Path(folder) / "none", Manifest("1", "a", "0" * 64, 0, "0" * 64))
        return bundle.read_bytes()


@pytest.mark.fuzz
@tries(60)
@given(octets=OCTETS, cut=st.integers(0, 900))
def test_octets_that_are_overwritten_or_cut_off(
    tmp_path: Path, octets: list[tuple[int, bool, int]], cut: int
) -> None:
    raw = bytearray(whole())
    for at, from_end, value in octets:
        raw[-1 - at % len(raw) if from_end else at % len(raw)] = value
    path = tmp_path / "b.zip"
    path.write_bytes(bytes(raw[: len(raw) - cut] if cut < 300 else raw))
    with suppress(CommandMistake):
        read_bundle(path, tmp_path)


def test_a_size_that_is_larger_than_the_file(tmp_path: Path) -> None:
    """It was an EOFError of the library."""
    raw = bytearray(whole())
    of_journal = raw.index(b"PK\x01\x02", raw.index(b"PK\x01\x02") + 1)
    raw[of_journal + 10 : of_journal + 12] = bytes(2)  # not compressed
    raw[of_journal + 20 : of_journal + 28] = (1 << 20).to_bytes(4, "little") * 2
    path = tmp_path / "b.zip"
    path.write_bytes(bytes(raw))
    with pytest.raises(CommandMistake):
        read_bundle(path, tmp_path)


@pytest.mark.parametrize(
    "manifest", [b"", b"[]", b"{}", b"\xff", b'{"drill": 1}', b"[" * 9_000, b"9" * 9_000]
)
def test_any_manifest(tmp_path: Path, manifest: bytes) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as bundle:
        bundle.writestr(MANIFEST, manifest)
        bundle.writestr(JOURNAL, json.dumps({}))
    path = tmp_path / "b.zip"
    path.write_bytes(made.getvalue())
    with pytest.raises(CommandMistake) as refused:
        read_bundle(path, tmp_path)
    assert len(refused.value.lines) == 1
