"""Short lines of people at a table: own words, and the stop word."""

from sim.table.short_lines import in_own_words, of_emergency


def test_a_line_is_in_own_words_if_it_is_no_command_and_no_mistyped_one() -> None:
    for line in (
        "please route outbound mail",
        "notify the users please",
        "track the mail from the bank",
        "go home now all",
    ):
        assert in_own_words(line, "lead"), line
        assert not in_own_words(line, "facilitator"), line
    for line in (
        "mx set backup",
        "staus check gateway",
        "mx sett backup",
        "tell all to hurry up",
        "hello",
        "",
    ):
        assert not in_own_words(line, "lead"), line


def test_the_stop_word_is_found_at_the_beginning_of_a_line_in_any_case() -> None:
    assert of_emergency("Real Emergency! the hall burns", "REAL EMERGENCY") == "emergency the hall burns"
    assert of_emergency("NO DUFF", "no duff") == "emergency"
    for line in ("real emergencyx", "is this a real emergency", "mx set backup"):
        assert of_emergency(line, "REAL EMERGENCY") == line
