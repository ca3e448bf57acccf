"""`make play` and `make test` do what is needed to `.venv`, no more and no less, and heal it."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
PACKAGES = ["packages", "project", "bytecode"]
ALL = ["make_venv", *PACKAGES]


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What set-up did, in order; nothing is really installed."""
    monkeypatch.setattr(sys, "argv", ["set_up.py"])
    return []


@pytest.fixture
def set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: list[str]) -> ModuleType:
    """dev/set_up.py at work on a checkout in `tmp_path`, its installing replaced by a record."""
    spec = importlib.util.spec_from_file_location("set_up", ROOT / "dev" / "set_up.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "constraints.txt").write_text("simpy==4.1.2\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    place(module, tmp_path, monkeypatch)
    real_run = module.subprocess.run

    def make_venv(_here: str) -> None:
        done.append("make_venv")
        python = module.VENV / "bin" / "python"
        python.parent.mkdir(parents=True, exist_ok=True)
        python.unlink(missing_ok=True)
        python.symlink_to(sys.executable)

    def run(command: list[object], **options: object) -> object:
        if "compileall" in command:
            places = {str(place) for place in command}
            done.append("sources" if {str(place) for place in module.SOURCES} <= places else "bytecode")
            return None
        if "install" not in command:
            return real_run(command, **options)
        assert "--no-compile" in command, "pip compiles with one processor"
        assert not module.STAMP.exists(), "the stamp goes before anything changes"
        done.append("project" if "--editable" in command else "packages")
        return None

    monkeypatch.setattr(module, "make_venv", make_venv)
    monkeypatch.setattr(module.subprocess, "run", run)
    return module


def place(module: ModuleType, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROOT", root)
    monkeypatch.setattr(module, "VENV", root / ".venv")
    monkeypatch.setattr(module, "STAMP", root / ".venv" / "set-up.json")
    monkeypatch.setattr(module, "LOCK", root / "constraints.txt")


def again(module: ModuleType, done: list[str]) -> list[str]:
    """What one more call does, which must succeed; bytecode may be made while the project is installed."""
    done.clear()
    assert module.main() == 0
    assert done.count("sources") == bool(done)
    steps = [step for step in done if step not in ("sources", "bytecode")]
    if "packages" in steps:
        assert done.index("bytecode") > done.index("packages")
    return steps + ["bytecode"] * done.count("bytecode")


def test_everything_is_done_once(set_up: ModuleType, done: list[str]) -> None:
    assert again(set_up, done) == ALL
    assert again(set_up, done) == []


def test_new_pins_are_installed_in_place(set_up: ModuleType, done: list[str], tmp_path: Path) -> None:
    again(set_up, done)
    (tmp_path / "constraints.txt").write_text("simpy==4.1.3\n")
    assert again(set_up, done) == PACKAGES
    assert again(set_up, done) == []


def test_a_new_pyproject_renews_only_the_command(set_up: ModuleType, done: list[str], tmp_path: Path) -> None:
    again(set_up, done)
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert again(set_up, done) == ["project", "bytecode"]


def test_a_moved_checkout_is_set_up_anew(
    set_up: ModuleType, done: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again(set_up, done)
    moved = tmp_path.with_name(tmp_path.name + " moved")
    tmp_path.rename(moved)
    place(set_up, moved, monkeypatch)
    assert again(set_up, done) == ALL


def test_an_interrupted_set_up_is_begun_anew(
    set_up: ModuleType, done: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again(set_up, done)
    (tmp_path / "constraints.txt").write_text("simpy==4.1.3\n")

    def interrupted(*_command: object, **_options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(set_up.subprocess, "run", stop_at_install(set_up.subprocess.run))
        assert set_up.main() == 130
    assert not set_up.STAMP.exists()
    assert again(set_up, done) == ALL


def stop_at_install(run: object) -> object:
    def stopping(command: list[object], **options: object) -> object:
        if "install" in command:
            raise KeyboardInterrupt
        return run(command, **options)  # type: ignore[operator]

    return stopping


@pytest.mark.parametrize("damage", ["no python", "torn stamp", "another python"])
def test_a_broken_environment_is_made_anew(
    set_up: ModuleType, done: list[str], tmp_path: Path, damage: str
) -> None:
    again(set_up, done)
    stamp = tmp_path / ".venv" / "set-up.json"
    if damage == "no python":
        (tmp_path / ".venv" / "bin" / "python").unlink()
    elif damage == "torn stamp":
        stamp.write_text(stamp.read_text()[:20])
    else:
        stamp.write_text(json.dumps(json.loads(stamp.read_text()) | {"python": "3.9"}))
    assert again(set_up, done) == ALL
    assert json.loads(stamp.read_text())["python"] == HERE
