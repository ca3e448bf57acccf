"""Values of `frozen` classes behave as those of frozen dataclasses, and cost less to declare."""

import copy
import dataclasses
import pickle
import subprocess
import sys
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import pytest

from sim.kernel.frozen import frozen


@frozen
class Point:
    """A value."""

    x: int
    y: int = 2
    note: str = field(default="", compare=False)


@frozen
class Named(Point):
    """A value with one field more."""

    name: str = field(default="a", repr=False)

    def __repr__(self) -> str:
        return f"point {self.name}"


@frozen
class Nothing:
    """A value without fields."""


@dataclass(frozen=True, slots=True)
class Plain:
    """The same as `Point`, made by the standard library."""

    x: int
    y: int = 2
    note: str = field(default="", compare=False)


def test_values_are_equal_by_their_compared_fields_and_their_class() -> None:
    assert Point(1, note="one") == Point(1, note="other") != Point(2)
    assert Point(1) != Named(1)
    assert Point(1) != (1, 2)
    assert Nothing() == Nothing()
    assert len({Point(1), Point(1, note="again"), Named(1), Nothing(), Nothing()}) == 3


def test_a_value_shows_its_fields_or_what_its_class_says() -> None:
    assert repr(Point(1, note="n")) == repr(Plain(1, note="n")).replace("Plain", "Point")
    assert repr(Named(1, name="b")) == "point b"


def test_what_the_standard_library_does_with_dataclasses_works() -> None:
    assert [one.name for one in fields(Named(1))] == ["x", "y", "note", "name"]
    assert replace(Point(1), y=5) == Point(1, 5)
    assert dataclasses.asdict(Point(1)) == {"x": 1, "y": 2, "note": ""}
    for same in (pickle.loads(pickle.dumps(Named(1, 3))), copy.deepcopy(Named(1, 3)), copy.copy(Named(1, 3))):
        assert same == Named(1, 3)
    match Point(3, 4):
        case Point(x, y):
            assert (x, y) == (3, 4)


def test_columns_of_arrays_cannot_be_compared_or_hashed_as_before() -> None:
    columns: Any = Point(np.arange(3))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="ambiguous"):
        assert columns == Point(np.arange(3))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="unhashable"):
        hash(columns)


def test_a_slot_that_does_not_exist_cannot_be_set() -> None:
    point: Any = Point(1)
    with pytest.raises(AttributeError):
        point.z = 1


def test_the_type_checker_reports_a_change_of_a_value(tmp_path: Any) -> None:
    """That is all that keeps a value as it is."""
    file = tmp_path / "changes.py"
    file.write_text(
        "from sim.kernel.frozen import frozen\n\n\n"
        "@frozen\nclass Point:\n    x: int\n\n\n"
        "point = Point(1)\npoint.x = 2\nPoint('a')\n"
    )
    cache = ["--cache-dir", str(tmp_path / "cache")]
    words = [sys.executable, "-m", "mypy", "--no-error-summary", "--hide-error-codes", *cache, str(file)]
    said = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    assert 'Property "x" defined in "Point" is read-only' in said
    assert 'Argument 1 to "Point" has incompatible type "str"' in said


def test_classes_share_all_methods_but_the_one_that_makes_a_value() -> None:
    for name in ("__eq__", "__hash__", "__repr__", "__setattr__", "__delattr__"):
        assert getattr(Point, name) is getattr(Nothing, name), name
    assert Point.__init__ is not Nothing.__init__
