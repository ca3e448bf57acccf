"""Imports go down only, and what runs without a screen loads no screen."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EACH_OTHER = "import tui.widgets.mail.planted, tui.widgets.people.planted"
LAZY = "def f(): "
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


VIOLATIONS = [
    ("tui", "", "The console's imports go down only"),  # a module without a layer
    ("tui/painting", "import tui.playing", "The console's imports go down only"),
    ("tui/widgets/people", "import tui.widgets.mail", "Panes know no other pane's folder"),
    ("tui/widgets/mail tui/widgets/people", EACH_OTHER, "Nothing in tui imports in a circle"),
    ("sim/kernel", "import sim.drill", "Imports go down only"),
    ("sim/report", "import textual", "The simulator knows no screen"),
    ("sim/drill", "import socket", "Only sim.live opens sockets"),
    ("sim/mail", "import time", "The model reads no clock and no hidden randomness"),
    ("sim/study", "import random", "The model reads no clock and no hidden randomness"),
    ("sim/drill", "import asyncio", "The model reads no clock and no hidden randomness"),
    ("sim/drill", "", "The layers of sim.drill"),  # a module without a layer
    ("sim/drill/instruments", FOR_TYPES + "import sim.drill.drill", "The layers of sim.drill"),
    ("sim/drill/services", LAZY + "import sim.drill.commands.registry", "The layers of sim.drill"),
    ("sim/drill/commands", "", "The layers of sim.drill.commands"),  # a module without a layer
    ("sim/drill/commands/server", "import sim.drill.commands.gateway", "The layers of sim.drill.commands"),
    ("sim/mail", "", "The layers of sim.mail"),  # a module without a layer
    ("sim/mail/server", FOR_TYPES + "import sim.mail.world_spec", "The layers of sim.mail"),
    ("sim/mail/senders/timers", "import sim.mail.senders.machines", "The layers of sim.mail.senders"),
]
"""Where a module is planted, the import that it holds, and the contract that this breaks."""


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the contracts say of a bare copy of the packages with every violation in it, by contract."""
    folder = tmp_path_factory.mktemp("planted")
    for name in modules("sim", "tui", "scenarios"):
        path = name.replace(".", "/")
        bare = folder / (f"{path}/__init__.py" if (ROOT / path).is_dir() else f"{path}.py")
        bare.parent.mkdir(parents=True, exist_ok=True)
        bare.touch()
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    for number, (place, line, _contract) in enumerate(VIOLATIONS):
        for inside in place.split():
            (folder / inside / f"planted_{number}.py").write_text(line + "\n")
    code = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports;"
        "sys.exit(lint_imports(no_cache=True))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    text = done.stdout.partition("\nBroken contracts\n")[2]
    parts = re.split(r"^(.+)\n-{5,}$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("number", range(len(VIOLATIONS)), ids=lambda n: "-".join(VIOLATIONS[n]))
def test_a_planted_violation_is_found(broken: dict[str, str], number: int) -> None:
    """The contracts can fail: each wrong import is named by the contract that it breaks."""
    place, line, contract = VIOLATIONS[number]
    if line == EACH_OTHER:  # a circle is told by its folders
        assert "No cycles are allowed in tui.widgets.\n" in broken[contract]
    else:
        assert re.search(rf"\b{place.replace('/', '.')}\.planted_{number}\b", broken[contract])


def imports(root: Path, *packages: str) -> dict[str, set[str]]:
    """The files that each file under `root` imports, by dotted name; also for types and inside functions."""
    paths = {}
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            paths[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    graph = {}
    for name, path in paths.items():
        asked = []
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                asked += [(alias.name, "") for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{path}:{node.lineno}: a relative import"
                asked += [(node.module or "", alias.name) for alias in node.names]
        named = {
            f"{module}.{inside}" if f"{module}.{inside}" in paths else module for module, inside in asked
        }
        graph[name] = named & paths.keys() - {name}
    return graph


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Strongly connected components of more than one file (Tarjan 1972), each sorted."""
    found: list[list[str]] = []
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in sorted(graph[name]):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            place = stack.index(name)
            found.append(sorted(stack[place:]))
            del stack[place:]

    for name in graph:
        if name not in index:
            visit(name)
    return [one for one in found if len(one) > 1]


def test_no_two_files_import_each_other_directly_or_around() -> None:
    graph = imports(ROOT, "sim", "tui")
    assert len(graph) > 400
    assert sum(map(len, graph.values())) > 1500
    assert circles(graph) == []


@pytest.mark.parametrize(
    "back", ["from sim import a", FOR_TYPES + "import sim.a", LAZY + "from sim.a import A"]
)
def test_a_planted_circle_is_found(tmp_path: Path, back: str) -> None:
    (tmp_path / "sim").mkdir()
    texts = {"__init__": "", "a": "import sim.b", "b": "from sim.c import C", "c": back, "d": "import sim.a"}
    for name, text in texts.items():
        (tmp_path / "sim" / f"{name}.py").write_text(text + "\n")
    assert circles(imports(tmp_path, "sim")) == [["sim.a", "sim.b", "sim.c"]]


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


def ambient(path: Path) -> list[str]:
    """Where `path` sets a parameter for all the code that runs meanwhile: each by a `with` of its own."""
    guilty = {"contextmanager", "asynccontextmanager", "ContextVar", "__enter__"}
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        names = {node.name} if isinstance(node, ast.FunctionDef) else set()
        names |= {node.id} if isinstance(node, ast.Name) else set()
        names |= {node.attr} if isinstance(node, ast.Attribute) else set()
        found += [f"{path.name}: {name}" for name in sorted(names & guilty)]
    return found


def test_the_model_has_no_ambient_parameters() -> None:
    """A drill holds its state, not the arguments of a running call; `with` may close files and processes."""
    paths = (path for name in MODEL for path in sorted((ROOT / "sim" / name).rglob("*.py")))
    assert [one for path in paths for one in ambient(path)] == [
        "journal.py: __enter__",
        "workers.py: __enter__",
    ]


@pytest.mark.parametrize(
    "line", ["@contextmanager\ndef drawing_by(self): yield", "KEY = contextvars.ContextVar('key')"]
)
def test_a_planted_ambient_parameter_is_found(tmp_path: Path, line: str) -> None:
    planted = tmp_path / "drill_state.py"
    planted.write_text(line + "\n")
    assert len(ambient(planted)) == 1


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
