"""Builds the distribution into `dist`, and tests it as a user gets it.

The sdist must hold every file of the repository, the wheel is built from the sdist and installed into an
empty environment of each supported Python that is found, and a drill played there, outside the
checkout, must give the digest that it gives inside. Then the steps of the Containerfile are carried out.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

from container_steps import build

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
SUPPORTED = ((3, 11), (3, 12), (3, 13))
DRILL = ("run", "exchange-down", "--runbook", "reference", "--set", "users=60", "--json")


class Wrong(Exception):
    """The distribution has a fault; one line for people."""


def main() -> int:
    """Exit status: 0 if there is no fault, otherwise 1, with one line about the fault on standard error."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    try:
        with tempfile.TemporaryDirectory(prefix="mxdrill-dist-") as place:
            sdist, wheel = build_both(Path(place), f"{project['name']}-{project['version']}")
            expected = digest([str(Path(sys.executable).with_name("mxdrill"))], Path(place))
            try_each_python(wheel, project["version"], expected, Path(place))
            try_the_container(project["version"], expected, Path(place) / "image")
    except Wrong as wrong:
        print(f"dist: {wrong}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"dist: `{' '.join(map(str, error.cmd))}` failed, see above", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(f"dist: {sdist.relative_to(ROOT)} and {wheel.relative_to(ROOT)} are ready", flush=True)
    return 0


def build_both(place: Path, stem: str) -> tuple[Path, Path]:
    """The sdist from the checkout and the wheel from the unpacked sdist, both in `dist`. Raises Wrong."""
    shutil.rmtree(DIST, ignore_errors=True)
    hatch = [sys.executable, "-m", "hatchling", "build", "--directory", str(DIST), "--target"]
    subprocess.run([*hatch, "sdist"], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    sdist = DIST / f"{stem}.tar.gz"
    with tarfile.open(sdist) as archive:
        archive.extractall(place, filter="data")
    compare(place / stem)
    subprocess.run([*hatch, "wheel"], cwd=place / stem, stdout=subprocess.DEVNULL, check=True)
    return sdist, DIST / f"{stem}-py3-none-any.whl"


def compare(unpacked: Path) -> None:
    """Raises Wrong unless `unpacked` contains the same files as git, and PKG-INFO."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        print("dist: not a git checkout; the content of the sdist is not compared", flush=True)
        return
    tracked = {name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}
    inside = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    if missing := sorted(tracked - inside):
        raise Wrong(f"the sdist lacks {len(missing)} files, such as {missing[0]}; see pyproject.toml")
    if extra := sorted(inside - tracked - {"PKG-INFO"}):
        raise Wrong(f"the sdist contains {len(extra)} files that are not in git, such as {extra[0]}")
    print(f"dist: the sdist contains all {len(tracked)} files of the repository", flush=True)


def try_each_python(wheel: Path, version: str, expected: str, place: Path) -> None:
    """Install the wheel into an empty environment of each Python and play. Raises Wrong."""
    for wanted in SUPPORTED:
        name = "Python {}.{}".format(*wanted)
        if (python := interpreter(wanted)) is None:
            print(f"dist: {name}: not found on this machine, so not tested", flush=True)
            continue
        venv = place / "python{}{}".format(*wanted)
        subprocess.run([python, "-m", "venv", str(venv)], check=True)
        pip = [str(venv / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", str(wheel)], cwd=place, env=environment(place), check=True)
        subprocess.run([*pip, "check"], cwd=place, env=environment(place), check=True)
        check_command([str(venv / "bin" / "mxdrill")], version, expected, place)
        print(
            f"dist: {name} ({python}): the wheel installs, and a drill gives the expected digest", flush=True
        )


def interpreter(wanted: tuple[int, int]) -> str | None:
    """A Python of that version that can make environments: from PATH, pyenv, or the usual folders."""
    name = "python{}.{}".format(*wanted)
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    folders += [Path("/usr/bin"), Path("/usr/local/bin"), Path("/opt/homebrew/bin")]
    folders += sorted((Path.home() / ".pyenv" / "versions").glob("{}.{}*/bin".format(*wanted)))
    for path in (folder / name for folder in folders):
        if not path.is_file() or ".venv" in path.parts:
            continue
        asking = "import ensurepip, venv, sys; print(sys.version_info[:2] == ({}, {}))".format(*wanted)
        asked = subprocess.run([path, "-Ic", asking], capture_output=True, text=True, check=False)
        if asked.stdout.strip() == "True":
            return str(path)
    return None


def environment(place: Path) -> dict[str, str]:
    """An environment without the checkout and the caller's Python, and with its own data folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
    return {**kept, "XDG_DATA_HOME": str(place / "data")}


def check_command(command: list[str], version: str, expected: str, place: Path) -> None:
    """The command prints its version, lists every shipped outage, and plays a drill. Raises Wrong."""
    check_texts(
        output([*command, "--version"], place), output([*command, "scenarios", "list"], place), version
    )
    if digest(command, place) != expected:
        raise Wrong(f"{command[0]}: the drill's digest differs from the one in the checkout")


def check_texts(versions: str, scenarios: str, version: str) -> None:
    """Raises Wrong unless the version is `version` and every shipped outage is listed."""
    if versions.strip() != f"mxdrill {version}":
        raise Wrong(f"--version prints {versions.strip()!r}, expected mxdrill {version}")
    for outage in sorted((ROOT / "scenarios" / "outages").glob("*.yaml")):
        if outage.stem not in scenarios:
            raise Wrong(f"scenarios list does not contain {outage.stem}")


def digest(command: list[str], place: Path) -> str:
    """The digest of the drill that every installation plays here."""
    return digest_of(output([*command, *DRILL], place))


def digest_of(document: str) -> str:
    """The digest in a document of `run --json`."""
    return str(json.loads(document)["digest"])


def output(command: list[str], place: Path) -> str:
    """Standard output of a command that must succeed, run in an empty folder outside the checkout."""
    empty = place / "empty"
    empty.mkdir(exist_ok=True)
    done = subprocess.run(
        command, cwd=empty, env=environment(place), stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def try_the_container(version: str, expected: str, place: Path) -> None:
    """Carry out the Containerfile's steps, then use the result as its user would. Raises Wrong."""
    python = interpreter(SUPPORTED[-1]) or sys.executable
    image = build(ROOT / "Containerfile", place, python)
    check_texts(image.run("--version"), image.run("scenarios", "list"), version)
    if digest_of(image.run(*DRILL)) != expected:
        raise Wrong("the digest of the image's drill differs from that of the checkout")
    print(
        "dist: the steps of the Containerfile make an image whose drill gives the expected digest", flush=True
    )


if __name__ == "__main__":
    sys.exit(main())
