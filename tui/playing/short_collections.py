"""Python's garbage collection while a screen waits: never so much at once that a key has to wait for it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG, MIDDLE, OLD = 5_000, 5, 20
"""Thresholds of the garbage collector for a screen without a simulation."""
AT_ONCE, MANY = 2_000, 10_000
"""Objects of the simulation are frozen (never examined by the collector) if more than `AT_ONCE` were made
in a frame, or more than `MANY` since the last freeze.
"""
FEW, ALL_AFTER = 300, 16
"""`FEW`: number of new objects of the screen that are collected before the simulation continues, so that
they are not frozen with it. `ALL_AFTER`: number of such collections after which older objects are
collected too.
"""


class ShortCollections:
    """The simulation's records live long and do not form cycles, so examining them frees nothing: they are
    never examined. The screen's objects do form cycles, and are collected as usual.
    """

    def __init__(self) -> None:
        self._made = self._turn = 0

    def begin(self) -> None:
        """Must be called once a drill is loaded: none of the objects that exist at that time are examined
        again.
        """
        gc.freeze()
        gc.set_threshold(YOUNG, MIDDLE, OLD)

    @contextmanager
    def of_the_world(self) -> Iterator[None]:
        """A context, for the world's computing time, in which nothing is collected."""
        if gc.get_count()[0] > FEW:
            self._turn = (self._turn + 1) % ALL_AFTER
            gc.collect(0 if self._turn else 2)
        before, was_on = gc.get_count()[0], gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            made = max(0, gc.get_count()[0] - before)
            self._made += made
            if made > AT_ONCE or self._made > MANY:
                gc.freeze()
                self._made = 0
            if was_on:
                gc.enable()
