"""Drills that several tests read: played once, and kept as long as a test may use them."""

from collections.abc import Callable
from functools import cache, wraps
from inspect import signature
from typing import ParamSpec, TypeVar

Given, Played = ParamSpec("Given"), TypeVar("Played")
_forget: list[Callable[[], None]] = []


def kept(play: Callable[Given, Played]) -> Callable[Given, Played]:
    """`play`, whose results are kept until the module's last test: a drill holds six megabytes and more.

    An argument counts as the same whether it is given by its place, by its name or not at all.
    """
    remembered, shape = cache(play), signature(play)
    _forget.append(remembered.cache_clear)

    @wraps(play)
    def playing(*args: Given.args, **named: Given.kwargs) -> Played:
        given = shape.bind(*args, **named)
        given.apply_defaults()
        return remembered(*given.args, **given.kwargs)

    return playing


def forget() -> None:
    """Everything that is kept."""
    for one in _forget:
        one()
