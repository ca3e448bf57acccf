"""What holds for all tests."""

import gc
from collections.abc import Iterator

import pytest

from tests import kept, parsed

parsed.remember()


def pytest_collection_finish() -> None:
    """What stands from the beginning is not looked through each time that rings are looked for."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="module")
def drills_are_forgotten() -> Iterator[None]:
    """A drill's parts know each other, so that it goes only when somebody looks for such rings."""
    yield
    kept.forget()
    gc.collect()
