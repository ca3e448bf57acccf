import pytest

from sim.drill.commands.command import Command
from sim.drill.commands.grammar import parse
from sim.drill.commands.registry import COMMANDS
from tests.tui.conftest import LANGUAGE
from tui.painting.rows import Row, text_of
from tui.screens.form import command_text, default_text
from tui.screens.palette import matching
from tui.widgets.frame.command_line import SHORTCUTS, completed
from tui.widgets.frame.hint import MOST, HintState, hints


def test_completion_goes_as_far_as_the_candidates_agree() -> None:
    assert completed("cont", ["continuity show", "continuity start"]) == "continuity s"
    assert completed("cont", ["continuity"]) == "continuity"
    assert completed("xyz", []) == "xyz"


def test_no_command_begins_with_a_key_that_acts_on_an_empty_line() -> None:
    named = {"space": " ", "plus": "+", "equals_sign": "=", "minus": "-", "underscore": "_", "full_stop": ".",
             "greater_than_sign": ">", "question_mark": "?"}  # fmt: skip
    taken = {named.get(key, key) for key in SHORTCUTS}
    assert not taken & {kind.words[0][0] for kind in COMMANDS}


@pytest.mark.parametrize("kind", COMMANDS)
def test_the_form_of_every_command_builds_what_the_grammar_reads(kind: type[Command]) -> None:
    from dataclasses import fields

    values = {}
    for field in fields(kind):
        choices = field.metadata["choices"]
        values[field.name] = default_text(field) or (
            choices[0] if choices else {"duration": "8d"}.get(field.metadata["kind"], "two words")
        )
    text = command_text(kind, values)
    assert isinstance(parse(text), kind)


def test_values_with_blanks_or_quotes_are_quoted() -> None:
    start = next(kind for kind in COMMANDS if kind.words == ("continuity", "start"))
    values = dict.fromkeys(start.__dataclass_fields__, "") | {"group": 'all "of" us'}
    assert command_text(start, values) == 'continuity start group="all \\"of\\" us"'


def test_the_palette_finds_by_words_and_by_what_a_command_does() -> None:
    found = matching(COMMANDS, "queue ret")
    assert found[0].words == ("queue", "retry")
    assert matching(COMMANDS, "") == list(COMMANDS)
    assert matching(COMMANDS, "zzz") == []


def test_options_of_a_whole_command_are_offered_without_its_words() -> None:
    for text in ("continuity extend 8h", "notify users text=Use the portal"):
        (row,) = hints(HintState(text, (), "", "Overview"), LANGUAGE, 118)
        offered = text_of(row).partition("or add: ")[2]
        assert offered
        assert not offered.startswith((text, text.split()[-1]))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "3 Server"),
        ("continuity ", "continuity start"),
        ("alerts ack", "Enter runs this"),
        ("contnuity start", "did you mean"),
        ("continuity start for=soon", "not a duration"),
    ],
)
def test_the_hint_says_what_could_come_next_or_what_is_wrong(text: str, said: str) -> None:
    (row,) = hints(HintState(text, (), "", "Overview"), LANGUAGE, 118)
    assert said in text_of(row).replace("  · ", " ") or said.removeprefix("continuity ") in text_of(row)


def lines(reply: Row, trouble: str, width: int = 80) -> list[str]:
    return [text_of(row) for row in hints(HintState("", reply, trouble, "DNS"), LANGUAGE, width)]


def test_trouble_comes_before_everything_and_a_reply_before_help() -> None:
    reply = ((" ✓ ", "good"), ("given", "good"))
    assert lines(reply, "disk full") == [" ! disk full"]
    assert lines(reply, "") == [" ✓ given"]


def test_a_long_reason_is_shown_whole_over_several_lines() -> None:
    reason = "approval of outbound is missing; request it with `approve outbound`, in an emergency say so"
    for width in (60, 80):
        told = lines(((" ✗ ", "bad"), (reason, "bad")), "", width)
        assert len(told) == 2
        assert " ".join(" ".join(told).split()) == f"✗ {reason}"
        assert max(map(len, told)) <= width
    endless = lines((), "disk full " * 90)
    assert len(endless) == MOST
    assert endless[-1].endswith("…")
    assert max(map(len, endless)) <= 80
