"""Drills that several tests read: played once, and kept as long as a test may use them."""

from collections.abc import Callable
from functools import cache
from typing import ParamSpec, TypeVar

Given, Played = ParamSpec("Given"), TypeVar("Played")
_forget: list[Callable[[], None]] = []


def kept(play: Callable[Given, Played]) -> Callable[Given, Played]:
    """`play`, whose results are kept until the module's last test: a drill holds six megabytes and more."""
    remembered = cache(play)
    _forget.append(remembered.cache_clear)
    return remembered


def forget() -> None:
    """Everything that is kept."""
    for one in _forget:
        one()
