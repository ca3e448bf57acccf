"""The one grammar: what is written out reads back as it was; what is no command gets one line."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim.drill.commands.command import Command
from sim.drill.commands.command_help import complete, explain
from sim.drill.commands.grammar import LONGEST_LINE, BadCommand, format_command, parse, usage
from sim.drill.commands.outcome import Refused
from sim.drill.commands.registry import COMMANDS
from sim.drill.organisation.house_rules import read_house_rules
from sim.drill.session.session import Session
from sim.kernel.duration import DAY_MS
from sim.kernel.plain_line import not_plain, on_one_line
from tests.examples import examples
from tests.hostile import tries
from tests.plays import small
from tests.shipped import FILES

HOUSE = read_house_rules(FILES)

plain = st.text(st.characters().filter(lambda sign: not not_plain(sign)), max_size=60).map(str.strip)
hostile = st.lists(
    st.one_of(
        st.characters(),
        st.sampled_from(list("\"\\='\n\t\r\x00\x1b\x7f\x85\u2028\u202e\ud800 ")),
        st.sampled_from(
            ["queue ", "extend ", "inbound ", "notify ", "users ", "note ", "via=", "text=", "for="]
        ),
    ),
    max_size=20,
).map("".join)


def commands(kind: type[Command]) -> st.SearchStrategy[Command]:
    """Any value of a command type, made from its declaration as the forms do."""
    parts: dict[str, st.SearchStrategy[Any]] = {}
    for field in fields(kind):
        match field.metadata["kind"]:
            case "choice":
                parts[field.name] = st.sampled_from(field.metadata["choices"])
            case "duration":
                parts[field.name] = st.integers(1, 400 * DAY_MS)
            case "word":
                parts[field.name] = st.from_regex(r"[a-z0-9][a-z0-9.-]{0,19}", fullmatch=True)
            case "text":
                parts[field.name] = plain if field.metadata["key"] else plain.filter(bool)
            case other:
                raise AssertionError(f"no values for {other}")
    return st.builds(kind, **parts)


@examples(150)
@given(st.sampled_from(COMMANDS).flatmap(commands))
def test_what_is_written_out_reads_back(command: Command) -> None:
    assert parse(format_command(command)) == command


def read(text: str) -> tuple[Command | None, str]:
    """The command, or None and the reason."""
    try:
        return parse(text), ""
    except BadCommand as error:
        return None, str(error)


@examples(150)
@given(hostile)
@example('notify users via="a\u2028b"')
@example('queue extend "inb\x85ound" 8d')
@example("note \ud800")
@example("queue extend inbound " + "9" * 1900 + "d")
def test_any_text_is_a_command_or_one_line_of_refusal(text: str) -> None:
    session = Session.start(small("30m", 10), 1)
    answer = session.dispatch(text)
    command, reason = read(text)
    if command is None:
        assert isinstance(answer, Refused)
        assert (answer.reason, session.events()[-1].kind) == (reason, "refused")
    else:
        assert parse(format_command(command)) == command
    lines = [reason, *(event.text for event in session.events())]
    assert [line for line in lines if not_plain(line)] == []
    assert len(session.digest()) == 64


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the line is empty; type a command such as `continuity show`"),
        ("queue", "`queue` is incomplete; choose from queue retry, queue "),
        ("queue retyr inbound", "unknown command `queue retyr`; did you mean `queue retry`?"),
        ("queue flush", "unknown command `queue flush`; choose from queue retry, queue "),
        ("que retry inbound", "unknown command `que`; did you mean `queue`?"),
        (
            "queue extend inbound",
            "`queue extend inbound` is incomplete; write `queue extend inbound|outbound 8d`",
        ),
        (
            "permissions set app=mobile group=office",
            "`permissions set app=mobile group=office` is incomplete; write `permissions set ",
        ),
        ("queue extend inbound 8", "'8' is not a duration; write a number with a unit: 90s, 15m, 1h30m, 2d"),
        ("queue extend inbound 0s", "`to` must be longer than 0; write a duration such as 8h"),
        ("queue extend unbound 8d", "`unbound` is not possible here; did you mean"),
        ("continuity start for=8h for=9h", "`for` is given twice; give only one"),
        ("continuity start whom=all", "`whom=all` does not belong here; write `"),
        ('notify users via="sms', 'the quote in `via="sms` is not closed'),
        (
            "note one\ntwo",
            "the line contains a control or invisible character (U+000A); write plain text on one line",
        ),
        ("note " + "x" * LONGEST_LINE, "the line is longer than 2000 characters; shorten it"),
    ],
)
def test_a_mistake_is_told_with_what_would_be_right(text: str, reason: str) -> None:
    with pytest.raises(BadCommand) as caught:
        parse(text)
    assert str(caught.value).startswith(reason)


def test_forms_of_the_design_are_understood() -> None:
    for text, same in (
        ("continuity start group=all for=8h via=sms", "continuity  start via=sms   for=480m"),
        ('notify executives via=phone text="No estimate yet."', "notify executives text=No estimate yet."),
        ("queue extend inbound 8d", "queue extend inbound 192h"),
    ):
        told, wanted = parse(text), parse(same)
        assert told == wanted or format_command(told).startswith("notify executives via=phone")
    assert parse('note "quotes" stay') == parse('note    "quotes" stay ')


def test_completion_leads_from_nothing_to_every_command() -> None:
    """Every line that completion offers can be completed further or is understood."""
    reached, waiting = set(), [""]
    while waiting:
        line = waiting.pop()
        for offer in complete(line):
            assert offer.startswith(line.rstrip())
            if offer not in reached and len(offer.split()) < 5:
                reached.add(offer)
                waiting += [offer + " "] if not offer.endswith("=") else []
    for kind in COMMANDS:
        assert " ".join(kind.words) in reached
    assert "queue extend inbound" in reached
    assert complete("continuity start v") == [
        "continuity start via=console",
        "continuity start via=sms",
        "continuity start via=email",
    ]


@pytest.mark.parametrize("kind", COMMANDS)
def test_help_says_how_it_is_done_in_the_product(kind: type[Command]) -> None:
    text = explain(kind, HOUSE)
    assert text.startswith(usage(kind))
    if kind.facts.needs_approval:
        assert f"Needs: approval of {kind.facts.needs_approval} (" in text
    if kind.facts.opens:
        assert f"Register: opens {kind.facts.opens}, " in text
    for told in (kind.facts.product.path, kind.facts.product.who, kind.facts.undo, kind.facts.exposes):
        assert told
        assert told in text


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("approve mx because=no estimate emergency=yes", "emergency"),
        ("decide pause no because=they say soon review=22h", "review"),
        ("notify users text=use the portal via=sms", "via"),
    ],
)
def test_a_text_swallows_no_key_that_comes_after_it(line: str, key: str) -> None:
    with pytest.raises(BadCommand, match=f"`{key}=` is inside the text"):
        parse(line)
    before, _, text = line.partition("=")
    inside, _, value = text.rpartition(" ")
    kept = parse(f'{before}="{inside}" {value}')
    assert parse(format_command(kept)) == kept
    told = parse(f'{before}="{text}"')
    assert parse(format_command(told)) == told != kept


@pytest.mark.fuzz
@tries(100)
@given(
    st.text(alphabet=st.sampled_from("\u00a0\u2003\u3000 \t\n=\"\\'-dtefor\u202e\ud800\x00é1h"), max_size=30)
)
def test_completion_takes_any_text(text: str) -> None:
    """Tab after a no-break space ended the console."""
    assert all(isinstance(line, str) for line in complete(text))
    assert all(isinstance(line, str) for line in complete("deliveries " + text))


@pytest.mark.parametrize(
    "sign", ["\u202a", "\u202e", "\u2066", "\u2069", "\u200e", "\u061c", "\u200b", "\x1b", "\u2028"]
)
def test_a_sign_that_changes_what_a_line_looks_like_is_refused_and_not_shown(sign: str) -> None:
    with pytest.raises(BadCommand):
        parse(f"note ab{sign}c")
    assert on_one_line(f"ab{sign}c") == "ab\ufffdc"
