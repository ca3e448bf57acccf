"""The console under other hands: no F-keys, no own terminal, signals that belong to the process."""

import asyncio
import inspect
import os
import re
import signal
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import tui
from tests.tui.conftest import Wall, opened
from tests.tui.fake_session import FakeSession
from tui.app import DrillApp
from tui.shell.signals import Goodbye
from tui.shell.standard_streams import is_terminal

F_KEY = re.compile(r"f\d+")


def bound() -> dict[str, list[list[str]]]:
    """The keys of every binding with an F-key, by class: of all apps, screens and widgets."""
    with_f: dict[str, list[list[str]]] = {}
    for found in walk_packages(tui.__path__, "tui."):
        for name, kind in inspect.getmembers(import_module(found.name), inspect.isclass):
            if kind.__module__ == found.name:
                keys = [binding.key.split(",") for binding in vars(kind).get("BINDINGS", ())]
                with_f[name] = [each for each in keys if any(map(F_KEY.fullmatch, each))]
    return {name: keys for name, keys in with_f.items() if keys}


def test_every_f_key_has_a_second_key() -> None:
    with_f = bound()
    assert {"DrillApp", "SeatApp", "StationApp", "ConsoleScreen"} <= set(with_f)
    assert len(with_f["StationApp"]) == 2
    alone = [
        (name, keys) for name, all_ in with_f.items() for keys in all_ if all(map(F_KEY.fullmatch, keys))
    ]
    assert alone == []


async def test_the_second_keys_work_while_a_command_is_typed(session: FakeSession, wall: Wall) -> None:
    app = DrillApp(lambda: opened(session), 60, wall)
    async with app.run_test(size=(120, 36)) as pilot:
        while app.desk is None:
            await pilot.pause()
        await pilot.press("n", "o")
        was = app.desk.pacer.paused
        await pilot.press("ctrl+s")
        assert app.desk.pacer.paused is not was
        first = app._console.place_name
        await pilot.press("ctrl+o")
        assert app._console.place_name != first
        await pilot.press("escape", "ctrl+g")
        assert type(app.screen).__name__ == "HelpScreen"
        await pilot.press("ctrl+g")
        assert app.screen is app._console


def test_a_driver_of_its_own_is_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEXTUAL_DRIVER", raising=False)
    assert not is_terminal(), "the tests have none"
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    assert is_terminal()


def test_the_style_sheet_is_found_from_anywhere() -> None:
    assert Path(DrillApp.CSS_PATH).is_absolute()
    assert Path(DrillApp.CSS_PATH).is_file()


async def test_an_app_leaves_the_signals_of_the_process_alone(session: FakeSession, wall: Wall) -> None:
    before = signal.getsignal(signal.SIGTERM)
    app = DrillApp(lambda: opened(session), 60, wall)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert signal.getsignal(signal.SIGTERM) is before


async def test_a_signal_before_the_app_runs_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.shell.signals._end_the_process", lambda: None)
    left = asyncio.Event()
    with Goodbye() as goodbye:
        os.kill(os.getpid(), signal.SIGTERM)
        goodbye.leads_to(left.set, asyncio.get_running_loop())
        await asyncio.wait_for(left.wait(), 10)
