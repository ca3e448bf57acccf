from pathlib import Path

import pytest
from pydantic import Field

from sim.kernel.document import (
    MOST_MISTAKES,
    BadFile,
    DurationMs,
    Record,
    read_document,
    read_tree,
    require_version,
)
from sim.kernel.file_mistakes import position_of

TEXT = """\
mxdrill: 1
id: one
deep:
  wait: 5m
  names: [a, b]
many:
  - name: first
    wait: 1h
  - { name: second, wait: 2h }
named:
  left: { name: l, wait: 1s }
"""


class Deep(Record):
    wait_ms: DurationMs = Field(alias="wait")
    names: tuple[str, ...] = ()


class Item(Record):
    name: str
    wait_ms: DurationMs = Field(alias="wait")


class Whole(Record):
    mxdrill: int
    id: str
    deep: Deep
    many: tuple[Item, ...]
    named: dict[str, Item] = Field(default_factory=dict)
    late_ms: DurationMs | None = Field(default=None, alias="late")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "whole.yaml"


def mistakes(file: Path, text: str | bytes) -> list[str]:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadFile) as raised:
        read_document(file, Whole)
    assert all("\n" not in line for line in raised.value.lines)
    return [line.removeprefix(f"{file}:") for line in raised.value.lines]


def test_a_file_is_read_and_written_back_as_its_own_words(file: Path) -> None:
    file.write_text(TEXT)
    whole = read_document(file, Whole)
    assert whole.deep.wait_ms == 300_000
    assert whole.many[1] == Item(name="second", wait="2h")  # type: ignore[call-arg]
    assert whole.model_dump(mode="json", by_alias=True)["deep"] == {"wait": "5m", "names": ["a", "b"]}


@pytest.mark.parametrize(
    ("loc", "at_key", "expected"),
    [
        ((), False, (1, 1)),
        (("id",), False, (2, 5)),
        (("id",), True, (2, 1)),
        (("deep",), False, (3, 1)),
        (("deep", "wait"), False, (4, 9)),
        (("deep", "wait"), True, (4, 3)),
        (("deep", "names"), False, (5, 3)),
        (("deep", "names", 1), False, (5, 14)),
        (("deep", "missing"), False, (3, 1)),
        (("many", 0, "wait"), False, (8, 11)),
        (("many", 1), False, (9, 5)),
        (("many", 1, "wait"), False, (9, 27)),
        (("many", 7, "wait"), False, (6, 1)),
        (("named", "left", "function-after[x(), int]", "wait"), False, (11, 26)),
        (("nowhere", "at", "all"), False, (1, 1)),
    ],
)
def test_positions_are_values_of_scalars_and_keys_of_the_rest(
    file: Path, loc: tuple[int | str, ...], at_key: bool, expected: tuple[int, int]
) -> None:
    file.write_text(TEXT)
    assert position_of(read_tree(file), loc, at_key=at_key) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("wait: 5m", "wait: 5", "4:9: `deep.wait`: '5' is not a duration; write a number with a unit"),
        ("wait: 5m", "wait: -5m", "4:9: `deep.wait`: '-5m' is negative; a duration is zero or more"),
        ("wait: 5m", "wait: -5", "4:9: `deep.wait`: '-5' is negative; a duration is zero or more"),
        ("wait: 5m", "wait: yes", "4:9: `deep.wait`: 'yes' is not a duration"),
        ("wait: 5m", "wait: true", "4:9: `deep.wait`: is not a duration"),
        ("wait: 5m", "wait: {}", "4:3: `deep.wait`: is not a duration"),
        ("wait: 5m", "wiat: 5m", "4:3: unknown key `deep.wiat`; did you mean `wait`?"),
        ("names: [a, b]", "nmaes: [a, b]", "5:3: unknown key `deep.nmaes`; did you mean `names`?"),
        (
            "  left: { name",
            "  left: { nick: x, name",
            "11:11: unknown key `named.left.nick`; known here: name, wait",
        ),
        ("name: first", "nmae: first", "7:5: unknown key `many.0.nmae`; did you mean `name`?"),
        ("id: one", "id: [one]", "2:1: `id` is a list; input should be a valid string"),
        ("id: one", "id:", "2:1: `id` is empty; write a text after it"),
        ("names: [a, b]", "names:", "5:3: `deep.names` is empty; write a value after it"),
        ("id: one", "id: 2026-03-02", "2:5: `id` is datetime.date(2026, 3, 2)"),
        ("id: one", "id: one\n? [a, b]\n: x", "1:1: the file has the key ('a', 'b'); write a word"),
        ("id: one", "1: one", "2:1: the file has the key 1; write a word"),
        ("id: one", "id: one\nid: two", '3:1: not YAML: found duplicate key "id"'),
        ("id: one", "id: &a one\nlate: *b", "3:7: not YAML: found undefined alias"),
        (
            "  wait: 5m",
            "\twait: 5m",
            "4:1: not YAML: found character '\\t' that cannot start any token; indent with spaces",
        ),
        ("deep:", "late: soon\ndeep:", "3:7: `late`: 'soon' is not a duration"),
        ("names: [a, b]", "names: [a, b", "6:5: not YAML: "),
    ],
)
def test_a_mistake_is_one_line_at_its_place(file: Path, old: str, new: str, expected: str) -> None:
    assert old in TEXT
    lines = mistakes(file, TEXT.replace(old, new, 1))
    assert any(expected in line for line in lines), lines


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "1:1: the file is empty; start with"),
        (b" \n\n", "1:1: the file is empty"),
        (b"# nothing\n", "1:1: the file has only comments"),
        (b"- a\n- b\n", "1:1: not a mapping; write `key: value` lines"),
        (b"just words\n", "1:1: not a mapping"),
        (b"id: one\nname: \xff\xfe\n", "2:7: not UTF-8 text; save the file as UTF-8"),
        ("id: é\nname: ".encode() + b"\xe9\n", "2:7: not UTF-8 text"),
        (b"id: one\nname: \x00\n", "2:7: not a text file"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "1:1: not a text file"),
        (b"{{{", "not YAML: "),
        (b"a: b: c\n", "1:5: not YAML: mapping values are not allowed here"),
        (b"--- a\n--- b\n", "not YAML: "),
        (b"id: !!python/object/apply:os.system [true]\n", "1:1: `id` is"),
    ],
)
def test_what_is_no_such_file_is_one_line(file: Path, content: bytes, expected: str) -> None:
    lines = mistakes(file, content)
    assert any(expected in line for line in lines), lines


def test_deep_nesting_is_a_mistake_not_a_crash(file: Path) -> None:
    """The parser makes two calls for each level: Python stops before the five hundredth."""
    (found,) = mistakes(file, b"- " * 600)
    assert "not YAML: maximum recursion depth exceeded" in found
    (found,) = mistakes(file, b"[" * 600)
    assert "more than 100 levels of nested brackets" in found


def test_a_missing_file_and_a_folder_say_so(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "none.yaml", "no such file"), (tmp_path, "is a directory")):
        with pytest.raises(BadFile, match=reason):
            read_tree(path)


def test_a_huge_file_is_not_read(file: Path) -> None:
    file.write_bytes(b"#" * (256 * 1024 + 1))
    with pytest.raises(BadFile, match="larger than 256 KiB"):
        read_tree(file)


def test_many_mistakes_are_cut_short(file: Path) -> None:
    items = "".join(f"  - {{ name: n, wait: {number} }}\n" for number in range(1, 201))
    lines = mistakes(file, f"mxdrill: 1\nid: a\ndeep: {{ wait: 1s }}\nmany:\n{items}")
    assert len(lines) == MOST_MISTAKES + 1
    assert lines[-1].endswith("and 150 more mistakes; fix these first")


def test_yaml_1_2_keeps_words_and_numbers_as_they_look(file: Path) -> None:
    file.write_text(TEXT.replace("id: one", "id: no").replace("[a, b]", "[1:30, 'yes']"))
    whole = read_document(file, Whole)
    assert whole.id == "no"
    assert whole.deep.names == ("1:30", "yes")


def test_a_newer_version_says_what_to_do(file: Path) -> None:
    file.write_text(TEXT.replace("mxdrill: 1", "mxdrill: 2"))
    with pytest.raises(BadFile) as raised:
        require_version(read_tree(file), file)
    assert raised.value.lines == [
        f"{file}:1:10: format version 2 is newer than this mxdrill, which reads version 1;"
        " install a newer mxdrill"
    ]
