"""The Containerfile makes an image that runs mxdrill from the wheel alone, without privileges.

`make dist` carries its steps out; here is what can be seen without a network.
"""

import json
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "Containerfile"


@pytest.fixture
def container_steps(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "dev"))
    monkeypatch.delitem(sys.modules, "container_steps", raising=False)
    return import_module("container_steps")


def test_the_base_is_a_small_image_of_a_supported_python(container_steps: ModuleType) -> None:
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    for stage in container_steps.stages(FILE.read_text()):
        image, _, tag = stage.base.partition(":")
        version, _, kind = tag.partition("-")
        assert (image, kind) == ("python", "slim")
        assert f"Programming Language :: Python :: {version}" in classifiers


def test_the_image_runs_mxdrill_as_a_user_without_privileges(container_steps: ModuleType) -> None:
    last = container_steps.stages(FILE.read_text())[-1]
    assert last.last("USER") not in {"", "root", "0"}
    assert json.loads(last.last("ENTRYPOINT")) == ["mxdrill"]
    assert f"--home-dir {last.last('WORKDIR')}" in FILE.read_text(), "where drills are kept by default"


def test_the_image_holds_the_wheel_and_no_source(container_steps: ModuleType) -> None:
    last = container_steps.stages(FILE.read_text())[-1]
    copies = [rest for name, rest in last.steps if name == "COPY"]
    assert copies
    assert all(rest.startswith("--from=build /build/wheel ") for rest in copies)


def test_each_run_step_is_a_line_that_the_shell_understands(container_steps: ModuleType) -> None:
    for stage in container_steps.stages(FILE.read_text()):
        for name, rest in stage.steps:
            if name == "RUN":
                checked = subprocess.run(["/bin/sh", "-nc", rest], capture_output=True, check=False)
                assert checked.returncode == 0, rest


def test_an_instruction_that_the_test_of_the_steps_would_pass_over_is_refused(
    container_steps: ModuleType,
) -> None:
    with pytest.raises(ValueError, match=r"ADD: dev/container_steps\.py does not know this instruction"):
        container_steps.stages("FROM python:3.13-slim\nADD sim /sim\n")


def test_what_the_first_stage_copies_is_enough_to_build_the_wheel(
    container_steps: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its COPY steps as they stand; its `pip wheel` with the locked hatchling instead of a fetched one."""
    asked: list[str] = []
    real_run = subprocess.run

    def run(command: list[object], **options: object) -> object:
        if command[0] == "/bin/sh" and " wheel " in str(command[-1]):
            line = str(command[-1])
            asked.append(line)
            arguments = line[line.index(" wheel ") :].split()
            offline = ["--no-index", "--no-build-isolation", *arguments[1:]]
            return real_run([sys.executable, "-m", "pip", "wheel", *offline], cwd=options["cwd"], check=True)
        return None

    def base_image(root: Path, _python: str) -> dict[str, str]:
        root.mkdir(parents=True)
        return {}

    monkeypatch.setattr(container_steps.subprocess, "run", run)
    monkeypatch.setattr(container_steps, "_base_image", base_image)
    image = container_steps.build(FILE, tmp_path)
    assert len(asked) == 1
    assert "PIP_CONSTRAINT=source/constraints.txt " in asked[0], "the build fetches locked packages"
    (wheel,) = image.root.glob("install/mxdrill-*.whl")
    (constraints,) = image.root.glob("install/constraints.txt")
    assert constraints.read_bytes() == (ROOT / "constraints.txt").read_bytes()
    assert wheel.stat().st_size > 500_000
