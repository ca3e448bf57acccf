"""Bring `.venv` up to date with `constraints.txt` and `pyproject.toml`, or report that it is.

Needs only a Python with venv. A stamp in `.venv` records its origin: the checkout's path, the Python, and
the content of both files. The stamp is removed before anything changes and written last, so the next call
repeats an interrupted set-up. `--chosen`: exactly this Python must be used; otherwise, a `.venv` of any
supported Python will do.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "set-up.json"
LOCK = ROOT / "constraints.txt"
SOURCES = [ROOT / name for name in ("sim", "tui", "scenarios")]
PARTS = 4
"""Number of programs that install packages at the same time; more than processors, because each waits for
the network."""
UNUSED = (
    r"/site-packages/(.*/tests|pip|setuptools|pkg_resources|mypyc?|pygments/lexers|dask/(array|bag|dataframe)"
    r"|faker/providers/\w+/(?!en_US/)[a-z]+_\w+)/"
)
"""Half of all files are hardly ever imported: tests, other languages, sources of compiled modules."""


def main() -> int:
    """Exit status: 0 if ready, 1 if set-up failed (the reason is on standard error, in one line)."""
    door = os.open(ROOT, os.O_RDONLY)
    try:
        # If two makes run in one checkout at the same time, the second waits and then finds everything done.
        fcntl.flock(door, fcntl.LOCK_EX)
        return bring_up_to_date()
    except subprocess.CalledProcessError as error:
        what = " ".join(error.cmd[1:4])
        print(f"set-up: `{what} …` failed, see above; then run make again", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("set-up: interrupted; run make again to start over", file=sys.stderr)
        return 130
    finally:
        os.close(door)


def bring_up_to_date() -> int:
    """Compare the stamp with the wanted state, make the changes needed, and report each in one line."""
    made = stamp()
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    wanted = {
        "checkout": str(ROOT),
        "python": here if "--chosen" in sys.argv[1:] else made.get("python", here),
        "packages": digest(LOCK),
        "project": digest(ROOT / "pyproject.toml"),
    }
    if made == wanted:
        print(f"set-up: .venv is ready (Python {wanted['python']})", flush=True)
        return 0
    renew(made, wanted)
    print(f"set-up: done (Python {wanted['python']})", flush=True)
    return 0


def stamp() -> dict[str, str]:
    """The origin of `.venv`; empty if there is none, or if it is incomplete, broken or has been moved."""
    try:
        made = dict(json.loads(STAMP.read_text()))
        asked = subprocess.run(
            [VENV / "bin" / "python", "-Ic", "import sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=False,
        )
    except (OSError, ValueError):
        return {}
    whole = made.get("checkout") == str(ROOT) and made.get("python") == asked.stdout.strip()
    return made if whole else {}


def digest(path: Path) -> str:
    """SHA-256 of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def renew(made: dict[str, str], wanted: dict[str, str]) -> None:
    """Make the missing parts: the environment, the locked packages, the command `mxdrill`, bytecode.

    Most steps use one processor or wait for the network, so independent steps run at the same time.
    """
    STAMP.unlink(missing_ok=True)
    python = str(VENV / "bin" / "python")
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-compile"]
    new = made.get("python") != wanted["python"]
    with ThreadPoolExecutor() as at_once:
        # A new environment has the Python that runs this file.
        sources = at_once.submit(compile_all, sys.executable if new else python, SOURCES)
        if new:
            make_venv(wanted["python"])
            made = {}
        if made.get("packages") != wanted["packages"]:
            locked = [line for line in LOCK.read_text().splitlines() if "==" in line]
            print(
                f"set-up: installing the {len(locked)} locked packages into .venv, about a minute", flush=True
            )
            # The lock lists every dependency, so its parts are independent; pip itself uses one processor.
            parts = [[*pip, "--no-deps", *part] for n in range(PARTS) if (part := locked[n::PARTS])]
            list(at_once.map(lambda command: subprocess.run(command, check=True), parts))
        packages = at_once.submit(compile_all, python, [*VENV.glob("lib/python*/site-packages")])
        # hatchling is among the locked packages, so the build downloads nothing.
        subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], check=True)
    sources.result()
    packages.result()
    STAMP.write_text(json.dumps(wanted, indent=1) + "\n")


def compile_all(python: str, places: list[Path]) -> None:
    """Compile the files that are used, on all processors; pip would use only one.

    Python compiles any other file when it is first imported.
    """
    compiling = [python, "-m", "compileall", "-qq", "-j", "0", "-x", UNUSED, *map(str, places)]
    subprocess.run(compiling, check=False)


def make_venv(here: str) -> None:
    """A new, empty `.venv` of this Python, version `here`, in place of an existing one."""
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            f"set-up: Python {here} has no venv; on Debian or Ubuntu: sudo apt install python{here}-venv"
        )
    print(f"set-up: making .venv with Python {here}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)


if __name__ == "__main__":
    sys.exit(main())
