"""Python's garbage collection while a screen waits: never so much at once that a key waits for it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG, MIDDLE, OLD = 3_000, 5, 20
"""Thresholds of the collector: what screens make is collected soon, some 15,000 objects at most at a time."""
MANY = 10_000
"""Objects that the world has made since the last freeze, above which they are frozen."""


class ShortCollections:
    """The world's records live long and form no cycles, so that looking at them frees nothing: they are never
    looked at. The screen's objects do form cycles, and are collected as usual.
    """

    def __init__(self) -> None:
        self._made = 0

    def begin(self) -> None:
        """To be called once a drill is loaded: nothing of what there is now is looked at again."""
        gc.freeze()
        gc.set_threshold(YOUNG, MIDDLE, OLD)

    @contextmanager
    def of_the_world(self) -> Iterator[None]:
        """While the world computes, nothing is collected."""
        before, was_on = gc.get_count()[0], gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            self._made += max(0, gc.get_count()[0] - before)
            if self._made > MANY:
                gc.freeze()
                self._made = 0
            if was_on:
                gc.enable()
