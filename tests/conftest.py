"""What holds for all tests."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from tests import kept, parsed
from tests.dealt import ByWaiting
from tests.examples import examples

ROOT = Path(__file__).parents[1]
COMPILED = ROOT / ".pytest_cache" / "compiled"
"""There once a worker has imported every test, and so has written the bytecode of all."""
SOME_DRILLS = 20_000
"""Objects that may be parts of rings: those of five drills."""

parsed.remember()
settings.register_profile("mxdrill", examples(100))
settings.load_profile("mxdrill")  # of properties that name no number of examples, too: no deadline, no chance
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


@pytest.fixture
def soon_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs under Textual's pilot are taken to be idle after 5 ms, not 20 ms.

    After each key, the pilot waits twice until the process has hardly computed for that time. All of it is
    shorter to the same degree: the time, what may be computed in it, and the interval of frames.
    """
    from textual import _wait, screen

    monkeypatch.setattr(_wait, "SLEEP_GRANULARITY", _wait.SLEEP_GRANULARITY / 4)
    monkeypatch.setattr(_wait, "SLEEP_IDLE", _wait.SLEEP_IDLE / 4)
    monkeypatch.setattr(screen, "UPDATE_PERIOD", screen.UPDATE_PERIOD / 4)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling | None:
    """With `--dist loadfile`, as `make test` has it."""
    return ByWaiting(config, log) if config.getvalue("dist") == "loadfile" else None


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
