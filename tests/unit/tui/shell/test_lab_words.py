"""Words of the lab that are typed between commands."""

import pytest

from sim.drill.commands.registry import COMMANDS
from sim.drill.session.load import load_scenario
from tui.shell.lab.words import DOES, LabMistake, Typed, help_lines, typed_word


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("pause", Typed("pause")),
        ("resume", Typed("go")),
        ("?", Typed("help")),
        ("help deliveries pause", Typed("help", "deliveries pause")),
        ("speed x600", Typed("speed", amount=600)),
        ("step 10m", Typed("step", amount=600_000)),
        ("jump  decision", Typed("jump", "decision")),
        ("bookmark the first bounce", Typed("bookmark", "the first bounce")),
        ("end now", Typed("end now")),
        ("deliveries pause inbound", None),
        ("note end now", None),
        ("end", None),
        ("", None),
    ],
)
def test_a_line_is_a_word_of_the_lab_or_a_command(text: str, typed: Typed | None) -> None:
    assert typed_word(text) == typed


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("speed", "give a number above 0"),
        ("speed 0", "give a number above 0"),
        ("speed nan", "give a number above 0"),
        ("step soon", "step: 'soon' is not a duration"),
        ("jump far", "jump event|decision|end"),
        ("pause inbound", "`pause` has no argument"),
    ],
)
def test_a_wrong_argument_is_refused_with_the_right_form(text: str, told: str) -> None:
    with pytest.raises(LabMistake, match=told.replace("|", r"\|")):
        typed_word(text)


def test_no_command_of_the_drill_begins_with_a_word_of_the_lab() -> None:
    assert not {word.split()[0] for word in DOES} - {"end"} & {kind.words[0] for kind in COMMANDS}


def test_help_lists_everything_and_explains_one() -> None:
    rules = load_scenario("exchange-down", {"users": "50"}).rules
    everything = help_lines("", COMMANDS, rules)
    assert len(everything) == len(DOES) + len(COMMANDS)
    assert help_lines("deliveries pause", COMMANDS, rules)[0].startswith("deliveries pause")
    assert len(help_lines("deliveries", COMMANDS, rules)) == 3
    assert help_lines("fly", COMMANDS, rules) == ["fly: not a command; `help` lists all of them"]
