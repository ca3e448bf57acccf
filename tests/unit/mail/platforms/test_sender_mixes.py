"""Other mixes of senders: weighing one play's counts, and what a file of mixes may say."""

from typing import Any

import pytest
from pydantic import ValidationError

from sim.mail.platforms.sender_mixes import SenderMixesFile, read_sender_mixes, with_mix
from sim.report.range_text import span
from sim.report.sender_ranges import Range
from tests.shipped import FILES

OWN = {"gmail": 60, "mailgun": 10, "application": 30}


@pytest.mark.parametrize(
    ("other", "count"),
    [
        (OWN, 107),
        ({"gmail": 100}, 0),
        ({"mailgun": 100}, 1000),
        ({"mailgun": 15, "gmail": 85}, 150),
        ({"application": 50, "mailgun": 50}, 512),
        ({"postfix": 1, "gmail": 99}, None),
    ],
)
def test_each_platforms_part_is_weighed_by_its_share(other: dict[str, int], count: int | None) -> None:
    assert with_mix({"mailgun": 100, "application": 7}, OWN, other) == count


def test_a_range_without_a_second_mix_has_no_band() -> None:
    alone, three = Range({"own": 7, "b": None}), Range({"own": 7, "b": 0, "c": 90}, (0, 126))
    assert (alone.low, alone.high, alone.known) == (None, None, [7])
    assert (three.low, three.high, three.known) == (0, 126, [7, 0, 90])


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (0, 3186, "0 to 3,200"),
        (54, 1949, "54 to 2,000"),
        (0, 0, "0"),
        (1001, 1004, "1,000 to 1,100"),
        (3, 4, "3 to 4"),
    ],
)
def test_it_is_told_to_two_digits_outwards(low: int, high: int, told: str) -> None:
    assert span(low, high) == told


def test_a_band_that_is_unknown_is_not_told() -> None:
    assert span(None, None) == ""


@pytest.mark.parametrize(
    ("shares", "found"),
    [
        ({"gmail": 99}, "the shares of `two large hosts` add up to 99 %; they must be 100"),
        ({"gmial": 100}, "`two large hosts` names the platform 'gmial'; choose from amazon-ses"),
        ({"gmail": 0}, "greater than or equal to 1"),
    ],
)
def test_a_mistake_in_the_file_is_told(shares: dict[str, int], found: str) -> None:
    content: dict[str, Any] = read_sender_mixes(FILES).model_dump(by_alias=True)
    content["filter"]["per_message"] = ("5ms", "200ms")
    content["mixes"]["two large hosts"]["shares"] = shares
    with pytest.raises(ValidationError, match=found):
        SenderMixesFile.model_validate(content)
