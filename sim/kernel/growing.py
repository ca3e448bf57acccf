"""Numpy columns that grow at their end and can be cut back."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

BLOCK = 1 << 14
"""So many rows at a time are worked on where that needs several times their room: it stays in the cache."""
_MANY = 1 << 22
"""So many rows grow by less at a time; room that is never written to costs no memory but an address."""


class Columns:
    """Equally long columns of fixed types; appending is cheap, and so is forgetting the last rows.

    A column is read by its name as an array view, which must not be written to and is valid until
    the next append.
    """

    def __init__(self, types: dict[str, DTypeLike], room: int = 1024) -> None:
        self._room: dict[str, NDArray[Any]] = {
            name: np.empty(room, dtype=kind) for name, kind in types.items()
        }
        self._count = 0

    def adopt(self, columns: Sequence[NDArray[Any]]) -> None:
        """Hold `columns` instead of what was held; they are the holder's from now on, not copied."""
        self._room = dict(zip(self._room, columns, strict=True))
        self._count = len(columns[0])

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._room[name][: self._count]

    def append(self, columns: Sequence[NDArray[Any]]) -> None:
        """Add rows; `columns` in the order of the types, equally long."""
        need = self._count + len(columns[0])
        for name, values in zip(self._room, columns, strict=True):
            if need > len(self._room[name]):
                room = len(self._room[name]) * (4 if need < _MANY else 2)
                grown = np.empty(max(need, room), dtype=self._room[name].dtype)
                grown[: self._count] = self._room[name][: self._count]
                self._room[name] = grown
            self._room[name][self._count : need] = values
        self._count = need

    def cut(self, count: int) -> None:
        """Keep the first `count` rows."""
        self._count = min(count, self._count)

    def drop(self, count: int) -> None:
        """Forget the first `count` rows."""
        for name, column in self._room.items():
            self._room[name] = column[count : self._count].copy()
        self._count -= count
