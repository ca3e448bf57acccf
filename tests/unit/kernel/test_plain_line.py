"""Characters that are replaced: one table, which holds against any text."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sim.kernel.plain_line import (
    NOT_PLAIN,
    NOT_SHOWN,
    cells_of,
    has_control_character,
    in_cells,
    in_markdown,
    in_plain_lines,
    not_plain,
    on_one_line,
    padded,
    within,
)
from tests.hostile import tries

KEPT = "\u200c\u200d"
NAMES = (
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "\u0dc1\u0dca\u200d\u0dbb\u0dd3",
    "\U0001f468\u200d\U0001f467",
    "\u2764\ufe0f",
)
ANY_TEXT = st.text(
    st.one_of(
        st.characters(), st.characters(categories=["Cs", "Cc", "Cf"]), st.sampled_from("\ufffe\uffff a")
    )
)


@pytest.mark.parametrize("category", ["Cc", "Cs", "Zl", "Zp"])
def test_no_character_of_these_kinds_is_on_a_line(category: str) -> None:
    every = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == category]
    assert all(NOT_PLAIN.fullmatch(sign) for sign in every)


def test_invisible_format_characters_are_replaced_and_visible_ones_and_joiners_are_not() -> None:
    """Arabic, Syriac, Kaithi and Egyptian signs of the category Cf are visible."""
    visible = re.compile(
        "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001343f]"
    )
    for code in range(0x110000):
        sign = chr(code)
        if unicodedata.category(sign) == "Cf" and sign not in KEPT:
            assert bool(NOT_PLAIN.fullmatch(sign)) != bool(visible.fullmatch(sign)), hex(code)


def test_the_table_has_no_character_that_people_write() -> None:
    every = "".join(map(chr, range(0x20, 0x110000)))
    for ranges, _kind in NOT_SHOWN:
        for sign in re.findall(f"[{ranges}]", every):
            invisible = sign in "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
            assert invisible or unicodedata.category(sign) in {"Cc", "Cf", "Cn", "Cs", "Zl", "Zp"}, hex(
                ord(sign)
            )


@pytest.mark.parametrize("name", NAMES)
def test_names_that_need_a_joiner_stay_as_they_are(name: str) -> None:
    assert on_one_line(name) == in_plain_lines(name) == name
    assert not has_control_character(name)
    assert "\u200d" not in in_cells(name)


@pytest.mark.parametrize(
    "sign", ["\u200e", "\u200f", "\u061c", "\u202e", "\u2069", "\ufeff", "\U000e0041", "\ud800"]
)
def test_marks_and_invisible_characters_are_replaced(sign: str) -> None:
    assert on_one_line(f"a{sign}b") == in_plain_lines(f"a{sign}b") == "a\ufffdb"
    assert in_cells(f"a{sign}b") == "ab"
    assert not_plain(f"a{sign}b") == f"U+{ord(sign):04X}"


def test_octets_of_a_name_are_no_control_characters() -> None:
    assert not has_control_character("a\ud800\udcff\udfff")
    assert has_control_character("a\ud800\x1b")


@pytest.mark.fuzz
@tries(100)
@given(ANY_TEXT)
def test_any_text_becomes_text_that_can_be_shown_and_saved(text: str) -> None:
    has_control_character(text)
    for shown in (on_one_line(text), in_plain_lines(text), in_cells(text)):
        assert not not_plain(shown.replace("\n", "").replace("\t", ""))
        assert shown.encode().decode() == shown
    assert len(on_one_line(text)) == len(text)


@tries(100)
@given(
    st.text(st.one_of(st.sampled_from("ab\u6f22\u0301\u200c\u00e9"), st.characters()), max_size=12),
    st.integers(1, 12),
)
def test_a_column_has_its_cells(text: str, cells: int) -> None:
    short = within(text, cells)
    assert cells_of(padded(short, cells)) == cells
    assert short == text or short.endswith("\u2026")


def test_wide_characters_take_two_cells_and_joined_ones_none() -> None:
    found = {
        text: cells_of(text) for text in ("ab", "\u6f22", "e\u0301", "\U0001f4e7", "\u0645\u200c\u0646", "")
    }
    assert list(found.values()) == [2, 2, 1, 2, 2, 0]


INERT = (
    "ask @anna, @acme/mail-team and (@ben)",
    "as \u00e9@anna says; \\@anna; _@anna; @_anna",
    "see #12, acme/mail#12, GH-12, gh-12, \\#12, !12, &12, $12 and $13, %12 and ~bug",
    "<img src=x onerror=y> <!-- --> &lt;b&gt; </td> | a \\| b \\",
    "https://forge.example/a/b/issues/12 www.forge.example *a* _b_ `c` ![d](e) [f]: g {h}",
    "postmaster@harbour.example, 100 % of 5 #",
)
MENTION = re.compile(r"(?<![A-Za-z0-9_])@\w|#\w|GH-\d", re.IGNORECASE)
"""Parts of one piece of text, without markup in it, that GitHub turns into a mention or a reference."""


@pytest.mark.parametrize("text", INERT)
def test_text_in_markdown_is_shown_as_it_is_and_does_nothing(text: str) -> None:
    """In a table, where GitHub looks for mentions and references in each piece of finished text."""
    source = f"| a | b |\n|---|---|\n| {in_markdown(text)} | last |\n"
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(source)
    first, last = [one.children or [] for one in tokens if one.type == "inline"][2:]
    assert {one.type for one in first} <= {"text", "text_special", "html_inline"}
    assert {one.content for one in first if one.type == "html_inline"} <= {"<!-- -->"}
    pieces = "".join("\0" if one.type == "html_inline" else one.content for one in first)
    assert pieces.replace("\0", "") == " ".join(text.split())
    assert not MENTION.search(pieces)
    assert [one.content for one in last] == ["last"]


def test_an_address_in_markdown_is_no_link() -> None:
    told = in_markdown("https://forge.example/12, www.forge.example, GH-1")
    assert told == "https\\://forge.example/12, www\\.forge.example, GH-<!-- -->1"
