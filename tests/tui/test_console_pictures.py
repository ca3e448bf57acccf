"""The whole screen as a picture, at the sizes that people have. `--snapshot-update` after looking at them."""

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from tests.tui.conftest import Console
from tests.tui.fake_session import HOUR, MINUTE, FakeSession

Picture = Callable[..., None]


@pytest.mark.parametrize(("width", "height"), [(60, 20), (80, 24), (120, 36), (160, 48)])
async def test_overview(
    console: Console, session: FakeSession, screen_svg: Picture, width: int, height: int
) -> None:
    async with console(width, height) as pilot:
        await at(pilot, session)
        screen_svg(pilot)


@pytest.mark.parametrize("key", list("234567890"))
async def test_places(console: Console, session: FakeSession, screen_svg: Picture, key: str) -> None:
    async with console(120, 36) as pilot:
        await at(pilot, session)
        await pilot.press(key)
        screen_svg(pilot)


async def test_palette(console: Console, screen_svg: Picture) -> None:
    async with console(80, 24) as pilot:
        await pilot.press("ctrl+p", *"con", "down")
        screen_svg(pilot)


async def test_form(console: Console, screen_svg: Picture) -> None:
    async with console(80, 24) as pilot:
        await pilot.press("ctrl+p", *"start", "enter", "down")
        screen_svg(pilot)


async def test_help(console: Console, screen_svg: Picture) -> None:
    async with console(80, 24) as pilot:
        await pilot.press("question_mark")
        screen_svg(pilot)


async def test_too_small(console: Console, screen_svg: Picture) -> None:
    async with console(50, 15) as pilot:
        screen_svg(pilot)


async def at(pilot: Pilot[int], session: FakeSession) -> None:
    """T+03:42, half of a command typed."""
    session.advance(3 * HOUR + 41 * MINUTE)
    await pilot.press("full_stop", *"continuity ")
    await pilot.pause()
    await pilot.press("escape")
