"""Python's garbage collection while a drill is computed."""

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def nothing_collected(compute: Callable[P, R]) -> Callable[P, R]:
    """`compute` without garbage collection: a drill's records live to its end and form few cycles, so
    collections take time and free little.
    """

    @wraps(compute)
    def computed(*arguments: P.args, **named: P.kwargs) -> R:
        collects = gc.isenabled()
        gc.disable()
        try:
            return compute(*arguments, **named)
        finally:
            if collects:
                gc.enable()

    return computed
