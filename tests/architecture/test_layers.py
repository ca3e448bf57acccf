"""Imports go down only, and what runs without a screen loads no screen."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOR_TYPES = "from typing import TYPE_CHECKING\nif TYPE_CHECKING: "
MODEL = ("kernel", "mail", "drill", "study")


def modules(*packages: str) -> list[str]:
    """Dotted names of all modules under `packages`."""
    found = []
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_contracts_of_pyproject_hold() -> None:
    done = run(str(Path(sys.executable).with_name("lint-imports")), "--no-cache")
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("place", "line", "contract"),
    [
        ("sim/kernel", "import sim.drill", "Imports go down only"),
        ("sim/report", "import textual", "The simulator knows no screen"),
        ("sim/drill", "import socket", "Only sim.live opens sockets"),
        ("sim/mail", "import time", "The model reads no clock and no hidden randomness"),
        ("sim/study", "import random", "The model reads no clock and no hidden randomness"),
        ("sim/drill", "import asyncio", "The model reads no clock and no hidden randomness"),
        ("sim/mail", "", "The layers of sim.mail"),  # a module without a layer
        ("sim/mail/server", FOR_TYPES + "import sim.mail.world_spec", "The layers of sim.mail"),
        ("sim/mail/senders/timers", "import sim.mail.senders.machines", "The layers of sim.mail.senders"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, place: str, line: str, contract: str) -> None:
    """The contracts can fail: a bare copy of the packages with one wrong import breaks the right one."""
    for name in modules("sim", "tui", "scenarios"):
        path = name.replace(".", "/")
        bare = tmp_path / (f"{path}/__init__.py" if (ROOT / path).is_dir() else f"{path}.py")
        bare.parent.mkdir(parents=True, exist_ok=True)
        bare.touch()
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    (tmp_path / place / "planted.py").write_text(line + "\n")
    code = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports;"
        "sys.exit(lint_imports(no_cache=True))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    broken = [row for row in done.stdout.splitlines() if row.endswith("BROKEN")]
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contract} BROKEN" in broken


def test_the_simulator_loads_no_screen() -> None:
    code = (
        "import importlib, sys\n"
        f"for name in {modules('sim')!r}: importlib.import_module(name)\n"
        "print(sorted({m.partition('.')[0] for m in sys.modules} & {'tui', 'textual', 'rich'}))"
    )
    done = run(sys.executable, "-c", code)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_the_model_draws_only_by_key() -> None:
    """No `numpy.random` in the model: a draw must not depend on how many were taken before it."""
    guilty = []
    for name in MODEL:
        for path in sorted((ROOT / "sim" / name).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                attribute = isinstance(node, ast.Attribute) and node.attr == "random"
                imported = isinstance(node, ast.ImportFrom) and (node.module or "").startswith("numpy.random")
                if attribute or imported:
                    guilty.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert guilty == []


def test_the_model_reads_no_date_of_today() -> None:
    """`datetime` may show a time that it is given; it may not ask what time it is."""
    asks = {"now", "utcnow", "today"}
    guilty = []
    for name in (*MODEL, "report"):
        for path in sorted((ROOT / "sim" / name).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in asks
                    and isinstance(node.func.value, ast.Name | ast.Attribute)
                    and ast.unparse(node.func.value).split(".")[-1] in {"datetime", "date"}
                ):
                    guilty.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert guilty == []
