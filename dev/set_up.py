"""Bring `.venv` to exactly what `constraints.txt` and `pyproject.toml` ask for, or say that it is.

Needs only a Python with venv. A stamp in `.venv` names what it was made from: the checkout's place,
the Python, and the content of both files. It is removed before anything changes and written last,
so an interrupted set-up is begun again by the next call. `--chosen`: this very Python must be used;
without it, a `.venv` of any supported Python will do.
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


def main() -> int:
    """Exit status: 0 ready, 1 could not be done (one line on standard error says why)."""
    door = os.open(ROOT, os.O_RDONLY)
    try:
        # Two makes at once in one checkout: the second waits, then finds everything done.
        fcntl.flock(door, fcntl.LOCK_EX)
        return bring_up_to_date()
    except subprocess.CalledProcessError as error:
        what = " ".join(error.cmd[1:4])
        print(f"set-up: `{what} …` failed, see above; then run make again", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("set-up: interrupted; run make again to begin anew", file=sys.stderr)
        return 130
    finally:
        os.close(door)


def bring_up_to_date() -> int:
    """Compare the stamp with what is wanted, do what differs, and say so in one line each."""
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
    """What `.venv` was made from; empty when there is none, it was interrupted, moved or is broken."""
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
    """Do what is missing: the environment, the locked packages, the command `mxdrill`, bytecode."""
    STAMP.unlink(missing_ok=True)
    python = str(VENV / "bin" / "python")
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-compile"]
    if made.get("python") != wanted["python"]:
        make_venv(wanted["python"])
        made = {}
    if made.get("packages") != wanted["packages"]:
        locked = [line for line in LOCK.read_text().splitlines() if "==" in line]
        print(f"set-up: installing the {len(locked)} locked packages into .venv, about a minute", flush=True)
        # The lock has every dependency, so its halves are independent: pip by itself uses one processor.
        halves = [[*pip, "--no-deps", *half] for half in (locked[::2], locked[1::2]) if half]
        with ThreadPoolExecutor() as both:
            list(both.map(lambda command: subprocess.run(command, check=True), halves))
    # hatchling is among the locked packages, so nothing is fetched to build with.
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], check=True)
    # All processors compile, not only pip's. Python compiles what is missing, or cannot be compiled here.
    places = [str(path) for path in (*VENV.glob("lib/python*/site-packages"), *SOURCES)]
    compiling = [python, "-m", "compileall", "-qq", "-j", "0", *places]
    subprocess.run(compiling, check=False)
    STAMP.write_text(json.dumps(wanted, indent=1) + "\n")


def make_venv(here: str) -> None:
    """A new, empty `.venv` of this Python, version `here`, in place of whatever is there."""
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            f"set-up: Python {here} has no venv; on Debian or Ubuntu: sudo apt install python{here}-venv"
        )
    print(f"set-up: making .venv with Python {here}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)


if __name__ == "__main__":
    sys.exit(main())
