"""A drill's fingerprint: SHA-256 over integers only, the same on every processor and Python."""

import hashlib
import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_BLOCK = 1 << 14
"""Number of rows that are arranged at a time, so that they stay in the processor's cache."""


class Fingerprint:
    """A running SHA-256 over rows of integers that arrive in their final order.

    Rows are read as little-endian 64-bit integers, so a fingerprint depends neither on how rows were divided
    into calls nor on the width of their columns.
    """

    def __init__(self, layout: str) -> None:
        """`layout` names the columns and their version; it is part of the fingerprint."""
        self._hash = hashlib.sha256(layout.encode() + b"\n")

    def rows(self, *columns: NDArray[np.integer]) -> None:
        """Add one row per element of the equally long `columns`."""
        for first in range(0, len(columns[0]), _BLOCK):
            some = slice(first, first + _BLOCK)
            block = np.empty((len(columns[0][some]), len(columns)), dtype="<i8")
            for number, column in enumerate(columns):
                block[:, number] = column[some]
            self._hash.update(block.data)

    def row(self, numbers: Sequence[int], text: str = "") -> None:
        """Add one row of integers and, length first, a text."""
        raw = text.encode()
        self._hash.update(struct.pack(f"<{len(numbers) + 1}q", *numbers, len(raw)) + raw)

    def copy(self) -> "Fingerprint":
        """An independent copy that continues from here, for the rows that are still live at a checkpoint."""
        other = object.__new__(Fingerprint)
        other._hash = self._hash.copy()
        return other

    def hexdigest(self) -> str:
        return self._hash.hexdigest()
