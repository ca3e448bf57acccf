"""The language of a seat: commands of the drill and table commands."""

import pytest

from tests.tui.conftest import LANGUAGE
from tui.table.seat.language import SeatLanguage

LEAD = SeatLanguage(LANGUAGE, "lead", ("lead", "dns", "comms"))


def test_words_of_the_table_and_commands_are_both_understood() -> None:
    assert type(LEAD.parse("tell dns have a look")).__name__ == "Tell"
    assert type(LEAD.parse("queue retry inbound")).__name__ == "QueueRetry"
    with pytest.raises(ValueError, match="unknown command `nonsense`"):
        LEAD.parse("nonsense")
    assert type(LEAD.parse("please point the MX to the backup")).__name__ == "InOwnWords"
    with pytest.raises(ValueError, match="choose from") as unknown:
        LEAD.parse("xyzzy")
    listed = {*str(unknown.value).partition("choose from ")[2].split(", ")}
    assert {"allow", "answer", "ask", "deny", "leave", "predict", "queue", "tell"} <= listed
    assert not {"freeze", "go", "say", "sit"} & listed


def test_both_are_completed_and_the_facilitators_are_not() -> None:
    assert "tell" in LEAD.complete("te")
    assert "queue" in LEAD.complete("qu")
    assert "freeze" not in LEAD.complete("fr")
    assert LEAD.complete("tell ") == ["tell all", "tell facilitator", "tell dns", "tell comms"]
    assert LEAD.complete("ask d") == ["ask dns"]
    assert LEAD.complete("tell dns ") == []


def test_each_word_has_its_form_and_a_summary() -> None:
    forms = dict(LEAD.words)
    assert forms["ask TO TEXT"] == "Ask another seat to give a command that belongs to that seat."
    assert all(forms.values())
