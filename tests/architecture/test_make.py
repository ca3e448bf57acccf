"""`make test` runs check at the same time as the tests. It fails if either fails, and says so at its end."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).resolve().parents[2] / "Makefile"
PROGRAMS = ("ruff", "mypy", "lint-imports", "python")
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def make(tmp_path: Path) -> "Make":
    return Make(tmp_path)


class Make:
    """A checkout whose programs only say a line and end with the status that a test gives them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copy(MAKEFILE, root)
        (root / ".venv" / "bin").mkdir(parents=True)
        for name in PROGRAMS:
            self.program(name, 0)

    def program(self, name: str, status: int) -> None:
        path = self.root / ".venv" / "bin" / name
        path.write_text(f'#!/bin/sh\necho "{name} says {status} to $*"\nexit {status}\n')
        path.chmod(0o755)

    def test(self) -> subprocess.CompletedProcess[str]:
        """`make test`, both streams in one, in their order."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        command = ["make", "PYTHON=true", "test"]
        return subprocess.run(
            command,
            cwd=self.root,
            env=own,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


def test_all_is_well(make: Make) -> None:
    done = make.test()
    assert done.returncode == 0
    assert "python says 0" in done.stdout
    assert "mypy" not in done.stdout, "what check says while nothing is wrong only hides the tests' last line"


@pytest.mark.parametrize("name", ["ruff", "mypy", "lint-imports"])
def test_a_failing_check_is_told_after_the_tests(make: Make, name: str) -> None:
    make.program(name, 3)
    done = make.test()
    assert done.returncode != 0
    tests, _, told = done.stdout.partition("python says 0")
    assert f"{name} says 3" in told
    assert "test: check failed" in told
    assert f"{name} says 3" not in tests
    assert "--num-workers" not in told, "mypy's processes give up when they wait for a busy machine"


def test_a_failing_test_fails(make: Make) -> None:
    make.program("python", 1)
    done = make.test()
    assert done.returncode != 0
    assert "check failed" not in done.stdout


def test_both_fail(make: Make) -> None:
    make.program("python", 1)
    make.program("mypy", 3)
    done = make.test()
    assert done.returncode != 0
    assert "test: check failed, see above (pytest: exit status 1)" in done.stdout
