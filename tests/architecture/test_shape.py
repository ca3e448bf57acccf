"""Small modules with telling names, and nothing in the repository that holds on one machine only."""

import ast
import re
import subprocess
from pathlib import Path

from sim.drill.scenario.milestones import MILESTONES

ROOT = Path(__file__).resolve().parents[2]
LONGEST_MODULE = 400
VAGUE = {"util", "utils", "helper", "helpers", "manager", "managers", "base", "common", "misc"}
SUPPRESSED = re.compile(r"except(?: Exception| BaseException)?(?: as \w+)?:\s*(?:#.*)?\n\s+(?:pass|\.\.\.)\b")


def sources() -> list[Path]:
    return sorted(path for package in ("sim", "tui", "scenarios") for path in (ROOT / package).rglob("*.py"))


def tracked() -> list[Path]:
    """Text files that git would publish; in an unpacked archive without git, every file of the layout."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0:
        names = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        tops = ("sim", "tui", "scenarios", "tests", "docs", "dev", "bench")
        names = [*ROOT.glob("*.*"), *(path for top in tops for path in (ROOT / top).rglob("*"))]
    return [path for path in names if path.is_file() and b"\0" not in path.read_bytes()[:4096]]


def test_a_module_is_at_most_400_lines() -> None:
    lengths = {str(p.relative_to(ROOT)): len(p.read_text().splitlines()) for p in sources()}
    assert {name: n for name, n in lengths.items() if n > LONGEST_MODULE} == {}
    assert len(lengths) > 8


def test_names_say_what_a_module_is_about() -> None:
    names = {part for p in sources() for part in p.relative_to(ROOT).with_suffix("").parts}
    assert {name for name in names if set(name.split("_")) & VAGUE} == set()


def test_every_package_says_what_it_is() -> None:
    silent = [p for p in sources() if not p.read_text().lstrip().startswith(('"""', 'r"""'))]
    assert silent == []


def test_nothing_is_left_undone() -> None:
    words = re.compile(r"\b(?:TODO|FIXME|XXX|NotImplementedError)\b")
    guilty = [p.relative_to(ROOT) for p in sources() if words.search(p.read_text())]
    assert guilty == []


def test_no_error_is_swallowed() -> None:
    guilty = [p.relative_to(ROOT) for p in sources() if SUPPRESSED.search(p.read_text())]
    assert guilty == []


def test_no_path_of_one_machine_is_published() -> None:
    """Home and work folders, written so that this file does not name them itself."""
    machine = re.compile(r"(?<![\w.$~}])/(?:work|root|home/[a-z]+|Users/[A-Za-z]+)(?:/|\b(?=['\"`\s]))")
    guilty = []
    for path in tracked():
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if machine.search(line) and path != Path(__file__):
                guilty.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert guilty == []


def test_the_lock_names_no_host_and_pins_everything() -> None:
    rows = [row for row in (ROOT / "constraints.txt").read_text().splitlines() if not row.startswith("#")]
    loose = [row for row in rows if not re.fullmatch(r"[a-z0-9-]+==[^\s;/:]+(?: ; [^/]+)?", row)]
    assert loose == []
    assert len(rows) > 40


def test_milestones_are_named_by_their_registry_alone() -> None:
    """A bare name would pass every check and never come: code refers to members of `Milestone`."""
    registry = ROOT / "sim/drill/scenario/milestones.py"
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.value}"
        for path in sources()
        if path != registry
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in MILESTONES
    ]
    assert found == []


def test_a_name_means_one_class() -> None:
    """Of two classes with one name, a reader has to ask which is meant."""
    places: dict[str, list[str]] = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert len(places) > 300
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_a_file_for_the_user_is_written_whole_or_not_at_all() -> None:
    """`write_text` leaves an empty file on a full disk; `tui/shell/output_files.py` does not."""
    written = {
        str(path.relative_to(ROOT))
        for path in sources()
        if re.search(r"\.write_(?:text|bytes)\(|\bopen\([^)\n]*[\"'][wx]b?[\"']", path.read_text())
    }
    assert written == {
        "sim/live/disk/spool.py",  # a message: written under another name, and moved
        "sim/drill/session/salvage.py",  # the same
        "tui/shell/bundle_file.py",  # removed after a mistake
        "tui/shell/output_files.py",
        "tui/table/ways_back.py",  # written under another name, and moved
    }
