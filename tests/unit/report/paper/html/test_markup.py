"""Markup is made by `el` alone; everything else is text."""

import pytest

from sim.kernel.plain_line import in_markup
from sim.report.paper.html.markup import Markup, el, joined, link_within, page, worded


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("\"'", "&quot;&#39;"),
        ("nul\x00 turn\u202e lone\ud800", "nul\ufffd turn\ufffd lone\ufffd"),
        ("é\n\t", "é\n\t"),
    ],
)
def test_text_is_escaped_and_what_is_not_shown_is_replaced(text: str, shown: str) -> None:
    assert in_markup(text) == shown
    assert el("p", text) == Markup(f"<p>{shown}</p>")
    assert el("p", title=text) == Markup(f'<p title="{shown}"></p>')


def test_content_is_flattened_and_numbers_are_grouped() -> None:
    assert joined(["a", None, [1234, el("br")], ("<",)]) == "a1,234<br>&lt;"
    with pytest.raises(TypeError):
        joined(object())


@pytest.mark.parametrize("name", ["a b", "script>", "", "1a"])
def test_a_name_from_elsewhere_makes_no_element(name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        el(name)


@pytest.mark.parametrize("attribute", ["onclick", "href", "src"])
def test_no_element_runs_or_loads_anything(attribute: str) -> None:
    with pytest.raises(ValueError, match="runs or loads"):
        el("p", **{attribute: "x"})


def test_a_link_stays_on_its_page() -> None:
    assert link_within("charts", "<c>").text == '<a href="#charts">&lt;c&gt;</a>'
    with pytest.raises(ValueError, match="not an anchor"):
        link_within("https://x", "x")


def test_a_page_forbids_everything_but_its_own_style() -> None:
    whole = page("<t>", "p{}", el("body"))
    assert "default-src 'none'" in whole
    assert "<title>&lt;t&gt;</title>" in whole
    with pytest.raises(ValueError, match="no markup"):
        page("t", "</style>", el("body"))


def test_a_quoted_command_is_code_and_stays_text() -> None:
    assert joined(worded("see `--range` & more")) == "see <code>--range</code> &amp; more"
    assert joined(worded("`<b>`")) == "<code>&lt;b&gt;</code>"
    assert joined(worded("one ` alone")) == "one ` alone"
