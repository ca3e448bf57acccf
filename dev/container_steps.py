"""Reads a Containerfile, and carries out its steps in a folder instead of a container.

A stage's root is a folder and its base image an empty environment of a Python that is installed here.
COPY and RUN are carried out, so paths in RUN must be relative to WORKDIR. Two things are left to a
container engine: `useradd`, which would change this machine, and becoming that user.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

KNOWN = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENTRYPOINT", "CMD"}
SYSTEM_ONLY = ("useradd ",)
"""Beginnings of RUN steps that make sense only in a separate system."""


@dataclass(slots=True)
class Stage:
    """One FROM: the base image, the stage's name, and the steps that follow as (instruction, rest)."""

    base: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def last(self, instruction: str) -> str:
        """The last value of `instruction` in this stage; empty if the stage does not contain it."""
        return next((rest for name, rest in reversed(self.steps) if name == instruction), "")


def stages(text: str) -> list[Stage]:
    """The stages of a Containerfile. Raises ValueError for an unknown instruction."""
    found: list[Stage] = []
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        instruction, _, rest = line.strip().partition(" ")
        if instruction not in KNOWN:
            raise ValueError(f"{instruction}: dev/container_steps.py does not know this instruction")
        if instruction == "FROM":
            base, _, name = rest.partition(" AS ")
            found.append(Stage(base, name))
        else:
            found[-1].steps.append((instruction, rest.strip()))
    return found


@dataclass(slots=True)
class Image:
    """The result of a build: the last stage's root, its environment, and the name of its command."""

    root: Path
    environment: Mapping[str, str]
    entry_point: list[str]

    def run(self, *arguments: str) -> str:
        """Standard output of the image's command, run in a separate home folder.

        Raises CalledProcessError.
        """
        home = self.root / "home"
        home.mkdir(exist_ok=True)
        done = subprocess.run(
            [*self.entry_point, *arguments],
            cwd=home,
            env={**self.environment, "HOME": str(home)},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout


def build(containerfile: Path, place: Path, python: str = sys.executable) -> Image:
    """Carry out the steps of `containerfile`, whose folder is the context, in the empty folder `place`.

    `python` takes the part of the base image. Raises CalledProcessError if a step fails.
    """
    roots: dict[str, Path] = {}
    for number, stage in enumerate(stages(containerfile.read_text(encoding="utf-8"))):
        root = place / str(number)
        roots[stage.name] = root
        environment = _base_image(root, python)
        work = root
        for instruction, rest in stage.steps:
            if instruction == "WORKDIR":
                work = root / rest.lstrip("/")
                work.mkdir(parents=True, exist_ok=True)
            elif instruction == "COPY":
                _copy(rest, containerfile.parent, work, roots)
            elif instruction == "RUN" and not rest.startswith(SYSTEM_ONLY):
                subprocess.run(["/bin/sh", "-ec", rest], cwd=work, env=environment, check=True)
    return Image(root, environment, json.loads(stage.last("ENTRYPOINT")))


def _base_image(root: Path, python: str) -> dict[str, str]:
    """An empty environment of `python` below `root`, first in the PATH that is returned."""
    root.mkdir(parents=True)
    subprocess.run([python, "-m", "venv", str(root / "python")], check=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
    path = f"{root / 'python' / 'bin'}{os.pathsep}{os.defpath}"
    return {**kept, "PATH": path, "HOME": str(root), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def _copy(rest: str, context: Path, work: Path, roots: Mapping[str, Path]) -> None:
    """Carry out a COPY to a folder: a folder's content is copied into it, a file below it."""
    *sources, target = rest.split()
    stage = sources.pop(0).removeprefix("--from=") if sources[0].startswith("--from=") else ""
    origin = roots[stage] if stage else context
    for source in (origin / name.lstrip("/") for name in sources):
        into = work / target
        if source.is_dir():
            shutil.copytree(source, into, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            into.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, into)
