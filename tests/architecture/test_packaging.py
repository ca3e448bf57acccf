"""What an installed mxdrill holds: the packages, every file of the scenarios, the command."""

import subprocess
import sys
import tomllib
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as `pip install .` builds it, from the locked hatchling and without a network."""
    place = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps"]
    done = subprocess.run(
        [*command, "--no-build-isolation", "--wheel-dir", str(place), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (made,) = place.glob("mxdrill-*.whl")
    return zipfile.ZipFile(made)


def shipped(package: str) -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.parametrize("package", ["sim", "tui", "scenarios"])
def test_every_file_of_a_package_is_in_the_wheel(wheel: zipfile.ZipFile, package: str) -> None:
    inside = {name for name in wheel.namelist() if name.startswith(f"{package}/")}
    assert inside == shipped(package)


def test_nothing_else_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"sim", "tui", "scenarios"}


def test_the_wheel_gives_the_command(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    text = wheel.read(entry_points).decode()
    assert "mxdrill = tui.start:main" in text.splitlines()


def test_the_wheel_names_its_licence(wheel: zipfile.ZipFile) -> None:
    (metadata,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    assert "License-Expression: Apache-2.0" in wheel.read(metadata).decode().splitlines()
    assert any(name.endswith("/licenses/LICENSE") for name in wheel.namelist())
    assert any(name.endswith("/licenses/tui/table/web/xterm-LICENSE.txt") for name in wheel.namelist())


def test_the_sdist_takes_every_file_of_the_repository() -> None:
    """By its configuration; `make dist` compares what was really built with what git holds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    taken = project["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    always = {".git", ".gitignore", "pyproject.toml"}
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines() if line]
    left = [
        path.name
        for path in ROOT.iterdir()
        if path.name not in always
        and not any(fnmatch(path.name, pattern) for pattern in ignored)
        and not any(fnmatch(f"/{path.name}", pattern) for pattern in taken)
    ]
    assert left == []


def test_the_changelog_has_a_section_for_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"\n## [{version}] - " in (ROOT / "CHANGELOG.md").read_text()
