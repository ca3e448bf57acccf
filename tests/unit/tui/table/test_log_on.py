"""Tokens: one for each seat and page, and a wait after wrong ones."""

import stat
from pathlib import Path

import pytest

from tests.tui.conftest import Wall
from tui.table.log_on import (
    FIRST_WAIT_S,
    LONGEST_WAIT_S,
    MOST_ADDRESSES,
    TRIES,
    ForeignKey,
    Keyring,
    Tries,
    kept_secret,
    new_secret,
)


def test_each_place_has_a_token_of_128_bits_of_its_own() -> None:
    keys = Keyring(new_secret(), ["lead", "dns"])
    tokens = {
        keys.token("seat", "lead"),
        keys.token("seat", "dns"),
        keys.token("phone", "lead"),
        keys.token("room"),
    }
    assert len(tokens) == 4
    assert {len(one) for one in tokens} == {22}  # 16 octets


def test_a_token_opens_its_seat_only_and_nothing_when_it_is_void() -> None:
    keys = Keyring(new_secret(), ["lead", "dns"])
    lead = keys.token("seat", "lead")
    assert keys.opens("seat", lead) == "lead"
    assert keys.opens("phone", lead) is None
    assert keys.opens("room", keys.token("room")) == ""
    for wrong in ("", "x", lead[:-1], lead + "A", "é" * 22, "\ud800"):
        assert keys.opens("seat", wrong) is None
    keys.void()
    assert keys.opens("seat", lead) is None
    with pytest.raises(KeyError):
        keys.token("seat", "lead")


def test_other_exercises_have_other_tokens() -> None:
    assert Keyring(new_secret(), ["lead"]).token("room") != Keyring(new_secret(), ["lead"]).token("room")


def test_a_kept_secret_is_the_same_again_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "table.secret"
    first = kept_secret(path)
    assert kept_secret(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ForeignKey):
        kept_secret(path)


def test_an_interrupted_start_leaves_no_key_that_stops_the_next(tmp_path: Path) -> None:
    path = tmp_path / "table.secret"
    path.touch(0o600)
    assert kept_secret(path) == kept_secret(path)


def test_five_wrong_tokens_make_an_address_wait_each_time_longer() -> None:
    wall, told = Wall(), []
    tries = Tries(wall, told.append)
    waits = []
    for _ in range(7):
        for _ in range(TRIES):
            assert tries.wait_s("192.0.2.1") == 0
            tries.wrong("192.0.2.1")
        waits.append(tries.wait_s("192.0.2.1"))
        assert tries.wait_s("192.0.2.2") == 0
        wall.go(waits[-1])
    assert waits[:3] == [FIRST_WAIT_S, 2 * FIRST_WAIT_S, 4 * FIRST_WAIT_S]
    assert waits[-1] == LONGEST_WAIT_S
    assert told[0] == "5 wrong tokens from 192.0.2.1: it has to wait 30 s"


def test_a_right_token_forgets_the_wrong_ones_and_old_addresses_are_forgotten() -> None:
    tries = Tries(Wall())
    for _ in range(TRIES - 1):
        tries.wrong("192.0.2.1")
    tries.right("192.0.2.1")
    tries.wrong("192.0.2.1")
    assert tries.wait_s("192.0.2.1") == 0
    for number in range(MOST_ADDRESSES + 10):
        tries.wrong(f"address {number}")
    assert len(tries._records) == MOST_ADDRESSES
