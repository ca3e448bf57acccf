import pytest

from tui.painting.layout import BOTTOM, TOP, VIEWS, WIDE, fits, plan
from tui.screens.panes import DRAWS
from tui.widgets.frame.pane import inner_size

SIZES = [
    (60, 20),
    (80, 24),
    (80, 40),
    (99, 30),
    (100, 24),
    (100, 30),
    (120, 36),
    (160, 48),
    (200, 60),
    (300, 90),
]


@pytest.mark.parametrize(("coach", "runbook"), [(True, False), (False, False), (True, True)])
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_panes_fill_the_screen_without_gap_or_overlap(
    width: int, height: int, view: str, coach: bool, runbook: bool
) -> None:
    owner: dict[tuple[int, int], str] = {}
    for slot in plan(width, height, view, coach, runbook):
        assert slot.pane in DRAWS
        for y in range(slot.y, slot.y + slot.height):
            for x in range(slot.x, slot.x + slot.width):
                assert (x, y) not in owner
                owner[x, y] = slot.pane
    assert set(owner) == {(x, y) for x in range(width) for y in range(TOP, height - BOTTOM)}


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_overview_always_has_flow_now_queue_and_feed(width: int, height: int) -> None:
    panes = {slot.pane: slot for slot in plan(width, height, "Overview", coach=False)}
    assert {"flow", "now", "plot", "feed"} <= set(panes)
    for slot in panes.values():
        columns, rows = inner_size(slot.width, slot.height, boxed=width >= WIDE)
        assert columns >= 40
        assert rows >= 2


def test_one_column_at_80_by_24_is_flow_now_queue_feed() -> None:
    slots = plan(80, 24, "Overview", coach=True)
    assert [slot.pane for slot in slots] == ["flow", "now", "plot", "feed"]
    assert {slot.width for slot in slots} == {80}


def test_guided_drills_have_their_objectives_beside_the_feed() -> None:
    assert "coach" in {slot.pane for slot in plan(120, 36, "Overview", coach=True)}
    assert "coach" not in {slot.pane for slot in plan(120, 36, "Overview", coach=False)}


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_room_has_the_plans_steps_if_there_is_a_plan(width: int, height: int) -> None:
    panes = {slot.pane: slot.height for slot in plan(width, height, "Room", coach=True, runbook=True)}
    assert panes["runbook"] >= 10
    assert "words" in panes
    assert "runbook" not in {slot.pane for slot in plan(width, height, "Room", coach=True)}


@pytest.mark.parametrize(("width", "height"), [(80, 24), (110, 30), (140, 45)])
def test_the_overview_has_the_next_steps_if_there_is_a_plan(width: int, height: int) -> None:
    panes = {slot.pane for slot in plan(width, height, "Overview", coach=True, runbook=True)}
    assert {"flow", "now", "plot", "feed", "next-steps"} <= panes


def test_below_60_by_20_nothing_fits() -> None:
    assert fits(60, 20)
    assert not fits(59, 20)
    assert not fits(60, 19)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_place_of_people_has_room_for_six_of_them_and_for_objectives(width: int, height: int) -> None:
    slots = {slot.pane: slot for slot in plan(width, height, "People", coach=True)}
    rows = {name: inner_size(one.width, one.height, width >= WIDE)[1] for name, one in slots.items()}
    assert rows["staff"] >= 6
    assert rows["objectives"] >= 6


@pytest.mark.parametrize(("width", "height"), [(80, 24), (109, 31), (110, 24), (200, 60)])
def test_the_place_of_the_server_has_room_for_every_account_of_the_ledger(width: int, height: int) -> None:
    slots = {slot.pane: slot for slot in plan(width, height, "Server", coach=True)}
    rows = inner_size(slots["ledger"].width, slots["ledger"].height, width >= WIDE)[1]
    assert rows - 2 >= 7
    assert "found-Server" in slots


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_place_shows_what_it_is_for_at_every_size(width: int, height: int) -> None:
    needed = {
        "Gateway": {"console", "horizon", "ages", "mail"},
        "Server": {"ways", "ledger"},
        "DNS": {"zone", "arrivals"},
        "Outside": {"pages", "cases"},
        "Phone": {"calls", "inbox", "alerts"},
        "People": {"staff"},
        "Tickets": {"hours", "tickets"},
        "Room": {"words", "decisions", "openings"},
        "Log": {"feed"},
    }
    for view in VIEWS[1:]:
        assert needed[view] <= {slot.pane for slot in plan(width, height, view, coach=False)}, view
