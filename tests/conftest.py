"""What holds for all tests."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling, LoadScopeScheduling

from tests import kept, parsed

ROOT = Path(__file__).parents[1]
COMPILED = ROOT / ".pytest_cache" / "compiled"
"""There once a worker has imported every test, and so has written the bytecode of all."""
SOME_DRILLS = 20_000
"""Objects that may be parts of rings: those of five drills."""

parsed.remember()
# Programs that tests start read shipped files in their ready form, too, and leave the user's folder alone.
os.environ["XDG_CACHE_HOME"] = str(ROOT / ".pytest_cache" / "user")


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """In a fresh clone one worker compiles the tests, 7 s; the others wait for it and read its bytecode."""
    if COMPILED.exists() or not hasattr(session.config, "workerinput") or sys.platform == "win32":
        return (yield)
    with one_at_a_time():
        if not COMPILED.exists():
            found = yield
            COMPILED.touch()
            return found
    return (yield)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Workers of this checkout, one after the other."""
    import fcntl

    COMPILED.parent.mkdir(exist_ok=True)
    with COMPILED.with_suffix(".lock").open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield


def pytest_collection_finish() -> None:
    """What stands from the beginning is not looked through each time that rings are looked for."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)  # as the command does: drills make few rings, and each module ends one


@pytest.fixture(autouse=True, scope="module")
def drills_are_forgotten() -> Iterator[None]:
    """A drill's parts know each other, so that only a garbage collection frees it.

    Looking costs up to half a second: only when a few drills may be there, and what is left is not looked at
    again.
    """
    yield
    kept.forget()
    young, older, _ = gc.get_count()
    if older or young > SOME_DRILLS:
        gc.collect()
        gc.freeze()


class FilesThatShareDrills(LoadFileScheduling):
    """Deals out whole files; those that look at the same shipped drills go to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        name = super()._split_scope(nodeid)
        return "tests/drills/played.py" if _shares_drills(name) else name


@cache
def _shares_drills(name: str) -> bool:
    text = (ROOT / name).read_text(encoding="utf-8")
    imported = text.partition("from tests.drills.played import ")[2].partition("\n")[0]
    return bool({"shipped", "waiting", "well"} & set(imported.split(", ")))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling | None:
    """With `--dist loadfile`, as `make test` has it."""
    return FilesThatShareDrills(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Report the cost of hostile inputs (see `tests.hostile`)."""
    try:
        return (yield)
    finally:
        spent = getattr(getattr(item, "function", None), "spent", None)
        if spent is not None:
            item.user_properties.append(("spent", str(spent)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """With `-m fuzz`, a line for each property: its inputs and their cost."""
    if config.getoption("markexpr") != "fuzz":
        return
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, spent in report.user_properties:
            if name == "spent":
                terminalreporter.write_line(f"{report.nodeid.partition('::')[2]}: {spent}")
