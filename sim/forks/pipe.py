"""Sends values through a pipe: pickled, each preceded by its length."""

import os
import pickle
import select
from typing import Any

_LENGTH_BYTES = 8


class PipeClosed(Exception):
    """The other end of a pipe is gone."""


def send(to: int, value: Any) -> None:
    """Write `value` to the file descriptor `to`. Raises PipeClosed."""
    body = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    left = memoryview(len(body).to_bytes(_LENGTH_BYTES, "big") + body)
    try:
        while left:
            left = left[os.write(to, left) :]
    except OSError as why:
        raise PipeClosed(str(why)) from None


def is_abandoned(to: int) -> bool:
    """True if no process can read what is written to the file descriptor `to`."""
    ends = select.poll()
    ends.register(to, 0)
    return any(event & select.POLLERR for _, event in ends.poll(0))


def receive(source: int) -> Any:
    """The next value from the file descriptor `source`. Raises PipeClosed."""
    length = int.from_bytes(_read(source, _LENGTH_BYTES), "big")
    return pickle.loads(_read(source, length))


def _read(source: int, length: int) -> bytes:
    found = bytearray()
    while len(found) < length:
        try:
            part = os.read(source, length - len(found))
        except OSError as why:
            raise PipeClosed(str(why)) from None
        if not part:
            raise PipeClosed("the other end is closed")
        found += part
    return bytes(found)
