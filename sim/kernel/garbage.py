"""Python's garbage collection while a drill is computed."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Without garbage collection: a drill's records live to its end and form few cycles, so that collections
    take time and free little.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
