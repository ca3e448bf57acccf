"""Python's garbage collection while a screen waits: never so much at once that a key waits for it."""

import gc

YOUNG, MIDDLE = 1_000, 10
"""A collection looks at no more than about YOUNG times MIDDLE objects: some 15 ms."""
_NEVER = 1 << 30


def collect_little_at_a_time() -> None:
    """To be called once a drill is loaded: nothing that is old by now is looked at again.

    Records of the world live long and form no cycles, so that looking at all of them frees nothing.
    """
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, _NEVER)
