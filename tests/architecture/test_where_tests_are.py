"""A newcomer finds the tests of a module: tests/unit mirrors the rooms of sim and tui."""

from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "tests" / "unit"


def unit_tests() -> list[str]:
    """Files below tests/unit, as `drill/room/test_staff.py`."""
    return sorted(path.relative_to(UNIT).as_posix() for path in UNIT.rglob("*.py"))


def room_of(test: PurePosixPath) -> Path:
    """The folder of code that a test's folder mirrors: tests/unit/tui is tui, and all others are in sim."""
    inside = test.parent
    return ROOT / inside if inside.parts[:1] == ("tui",) else ROOT / "sim" / inside


def misplaced(name: str) -> str | None:
    """What is wrong with the place of a test, if anything is."""
    test = PurePosixPath(name)
    room = room_of(test)
    if not (room / "__init__.py").is_file():
        return f"{room.relative_to(ROOT)} is not a room"
    known = {path.stem for path in room.glob("[a-z]*.py")} | {
        path.parent.name for path in room.glob("*/__init__.py")
    }
    about = test.stem.removeprefix("test_")
    if test.stem == about or not any(about == one or about.startswith(f"{one}_") for one in known):
        return f"{room.relative_to(ROOT)} has no module {about}"
    return None


@pytest.mark.parametrize("name", unit_tests())
def test_a_unit_test_is_named_after_a_module_of_its_room(name: str) -> None:
    """`test_<module>.py`, or `test_<module>_<theme>.py`; `<module>` may be a whole room below it."""
    assert misplaced(name) is None


def test_there_are_unit_tests_in_every_part() -> None:
    assert {name.partition("/")[0] for name in unit_tests()} == {
        "kernel",
        "mail",
        "drill",
        "report",
        "study",
        "forks",
        "table",
        "tui",
    }
    assert len(unit_tests()) > 80


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("drill/rooms/test_staff.py", "sim/drill/rooms is not a room"),
        ("test_staff.py", "sim has no module staff"),
        ("drill/room/test_gone.py", "sim/drill/room has no module gone"),
        ("drill/room/staff.py", "sim/drill/room has no module staff"),
        ("drill/room/test_staffing.py", "sim/drill/room has no module staffing"),
        ("tui/playing/test_track.py", "tui/playing has no module track"),
    ],
)
def test_a_misplaced_test_is_found(name: str, why: str) -> None:
    assert misplaced(name) == why


@pytest.mark.parametrize(
    "name", ["drill/room/test_staff_at_night.py", "drill/test_commands.py", "tui/test_cli.py"]
)
def test_a_theme_of_a_module_and_a_whole_room_have_places(name: str) -> None:
    assert misplaced(name) is None
