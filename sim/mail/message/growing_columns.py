"""Numpy columns that grow at their end and can be cut back."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

BLOCK = 1 << 14
"""Number of rows per block, for work that needs several times the memory of its rows, so that a block
stays in the processor's cache.
"""
_MANY = 1 << 22
"""Minimum number of rows by which the capacity grows; unused capacity takes address space but no memory."""
_KEPT = 1 << 12
"""Number of dropped rows at the beginning that are always kept in place; beyond that, at most half as many
as the remaining rows.
"""


class Columns:
    """Equally long columns of fixed types; appending rows is cheap, and so is dropping the first or last
    rows.

    A column is read by its name as an array view, which must not be written to. The view is valid until the
    next append after a `cut`; nothing else overwrites existing rows.
    """

    def __init__(self, types: dict[str, DTypeLike], room: int = 1024) -> None:
        self._least = self._capacity = room
        self._room: dict[str, NDArray[Any]] = {
            name: np.empty(room, dtype=kind) for name, kind in types.items()
        }
        self._begin, self._end = 0, 0

    def adopt(self, columns: Sequence[NDArray[Any]]) -> None:
        """Replace the present columns by `columns`, which now belong to this object and are not copied."""
        self._room = dict(zip(self._room, columns, strict=True))
        self._begin, self._end = 0, len(columns[0])
        self._capacity = self._end

    def __len__(self) -> int:
        return self._end - self._begin

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._room[name][self._begin : self._end]

    def part(self, some: slice) -> list[NDArray[Any]]:
        """Rows as views of all columns, in the order of the types; `some` has a start and an end, both within
        the rows.
        """
        rows = slice(self._begin + some.start, self._begin + some.stop)
        return [column[rows] for column in self._room.values()]

    def append(self, columns: Sequence[NDArray[Any]]) -> None:
        """Add rows; `columns` in the order of the types, equally long."""
        more = len(columns[0])
        if not more:
            return
        if self._end + more > self._capacity:
            need = len(self) + more
            self._move(max(need * (4 if need < _MANY else 2), self._least))
        rows = slice(self._end, self._end + more)
        for room, values in zip(self._room.values(), columns, strict=True):
            room[rows] = values
        self._end = rows.stop

    def cut(self, count: int) -> None:
        """Keep the first `count` rows."""
        self._end = min(self._begin + count, self._end)

    def drop(self, count: int) -> None:
        """Forget the first `count` rows."""
        self._begin = min(self._begin + count, self._end)
        if self._begin > max(_KEPT, len(self) // 2):
            self._move(len(self))

    def _move(self, room: int) -> None:
        """Move the rows to separate columns with capacity for that many rows."""
        count = len(self)
        for name, column in self._room.items():
            self._room[name] = np.empty(room, dtype=column.dtype)
            self._room[name][:count] = column[self._begin : self._end]
        self._begin, self._end, self._capacity = 0, count, room
