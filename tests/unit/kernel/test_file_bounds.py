"""Files that would hold the program up are refused in one line, at once."""

import os
from pathlib import Path

import pytest

from sim.drill.session.load import load_scenario
from sim.kernel.document import BadFile, read_tree
from sim.kernel.shipped_folder import shipped_folder
from tui import cli

pytestmark = pytest.mark.timeout(20)  # each took from ten seconds to for ever

BILLION = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BILLION, "has more than 10,000 entries, aliases counted"),
        ("&a\nb: *a\n", "2:1: is an alias of a part that contains it"),
        ("a: &a\n  b: 1\n  <<: *a\n", "check aliases"),
        ("- &a\n  - b: {c: *a}\n", "is an alias of a part that contains it"),
        (f"a: &a {{k: 1}}\nb: {{<<: [{', '.join(['*a'] * 300)}]}}\n", "has more than 200 aliases"),
        ("id: !!omap [a: 1, a: 2]\n", "not YAML that can be read"),
        (f"a: 0x{'f' * 100_000}\n", "number too large"),
        (f"? 0x{'f' * 1_000}\n: 1\n", "number too large"),
        (f"a: {'9' * 100_000}\n", "not YAML: Exceeds the limit"),
        ("#" * (1 << 20), "larger than 256 KiB"),
        ("#\n" * 100_000, "100,000 lines; the limit is 5,000"),
        ("a: [" + "b, " * 50_000 + "]\n", "has more than 10,000 entries"),
        ("a: " + "[" * 5000, "levels of nested brackets"),
        ("a: " + "{" * 5000, "levels of nested brackets"),
        ("? " * 5000, "maximum recursion depth"),
    ],
)
def test_a_bomb_is_refused_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "bomb.yaml"
    file.write_text(text)
    with pytest.raises(BadFile) as caught:
        read_tree(file)
    (line,) = caught.value.lines
    assert told in line
    assert len(line) < 300


@pytest.mark.parametrize("kind", ["pipe", "device", "link to a device", "20 GB"])
def test_what_is_no_file_of_that_size_is_not_read(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file.yaml"
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "device":
        file = Path("/dev/zero")
    elif kind == "link to a device":
        file.symlink_to("/dev/zero")
    else:
        with file.open("wb") as huge:
            huge.truncate(20 << 30)  # sparse: takes no space
    assert cli.main(["run", str(file)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_every_shipped_file_is_far_within_the_bounds() -> None:
    sizes = [path.stat().st_size for path in shipped_folder().rglob("*.yaml")]
    assert len(sizes) > 50
    assert max(sizes) * 4 < 256 << 10


def test_files_that_are_like_each_other_are_told_so(tmp_path: Path) -> None:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text("mxdrill: 1\nid: one\nlike: other.yaml\n")
    other.write_text("mxdrill: 1\nid: other\nlike: one.yaml\n")
    with pytest.raises(BadFile) as caught:
        load_scenario(str(one))
    assert caught.value.lines == [
        f"{one}:3:7: `like` names a file that is `like` this one; remove one of the two"
    ]
    other.write_text("mxdrill: 1\nid: other\nlike: exchange-down.yaml\n")
    with pytest.raises(BadFile, match="a file that is itself `like` another; name the other file"):
        load_scenario(str(one))
