"""What the gateway's console, a probe, a call and a restored way out go by stands in files: another number
there, and another thing is seen.
"""

import shutil
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from sim.drill import house_rules, shipped, vendor_file
from sim.drill.command import Accepted
from sim.drill.commands.probe_mx import ProbeMx
from sim.drill.commands.status import StatusCheck
from sim.drill.outside import round_trip
from sim.drill.scenario import Scenario
from sim.drill.scenario_file import load_scenario
from sim.drill.session import Session
from sim.drill.shipped import shipped_folder
from sim.kernel.document import BadFile
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.assumed import assumed_numbers
from tests.offices import office, start
from tests.plays import ONSET_MS

VENDOR, RULES = "vendors/gateway-vendor.yaml", "house/rules.yaml"
Edit = Callable[[str, str, str], None]


@pytest.fixture
def edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`edit(file, old, new)`: the shipped file says `new` for `old` until the test is over."""
    folder = tmp_path / "scenarios"
    shutil.copytree(shipped_folder(), folder)
    monkeypatch.setattr(shipped, "shipped_folder", lambda: folder)
    monkeypatch.setattr(house_rules, "shipped_folder", lambda: folder)

    def change(file: str, old: str, new: str) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert text.count(old) == 1
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
        forget()

    yield change
    forget()


def forget() -> None:
    vendor_file.load_vendor.cache_clear()
    house_rules.read_house_rules.cache_clear()


def scenario(console: str = "slow", **organisation: Any) -> Scenario:
    """`gateway-down` for 20 users: it holds what it accepts, and its console is like that."""
    content = deepcopy(load_scenario("gateway-down", {"users": "20"}).content())
    content["timeline"][0] |= {"fault": "gateway accepts and holds", "reply": None, "console": console}
    content["organisation"] |= {"approvals": None, **organisation}
    return Scenario.model_validate(content)


def drill(console: str = "slow", seed: int = 1) -> Session:
    """Two hours into it."""
    session = Session(scenario(console), seed, None)
    session.advance(session.scenario.timeline[0].at_ms + 2 * HOUR_MS)
    return session


def takes_ms(session: Session, text: str) -> int:
    answer = session.dispatch(text)
    assert isinstance(answer, Accepted), answer
    return answer.effective_ms - session.now_ms


def said(session: Session, text: str) -> list[str]:
    """What is heard of a command for an hour."""
    session.dispatch(text)
    session.advance(session.now_ms + HOUR_MS)
    return [
        event.text for event in session.events() if event.ref.startswith(text) and event.kind != "command"
    ]


def test_a_slow_console_takes_so_many_times_as_long(edit: Edit) -> None:
    assert takes_ms(drill(), "status check gateway") == 12 * MINUTE_MS
    edit(VENDOR, "slow_times: 3", "slow_times: 5")
    assert takes_ms(drill(), "status check gateway") == 20 * MINUTE_MS
    assert takes_ms(drill("works"), "status check gateway") == 4 * MINUTE_MS


def test_a_slow_console_times_out_and_acts_in_such_shares(edit: Edit) -> None:
    def fates() -> set[tuple[bool, bool]]:
        """Of a pause with eight seeds: whether it was answered, whether deliveries stand."""
        found = set()
        for seed in range(1, 9):
            session = drill(seed=seed)
            heard = said(session, "deliveries pause inbound")
            answered = not any("did not answer in time" in text for text in heard)
            found.add((answered, session.drill.world.queue.paused))
        return found

    assert fates() == {(True, True), (False, True), (False, False)}
    edit(VENDOR, "times_out_percent: 40", "times_out_percent: 0")
    assert fates() == {(True, True)}
    edit(VENDOR, "times_out_percent: 0", "times_out_percent: 100")
    edit(VENDOR, "carried_out_percent: 50", "carried_out_percent: 100")
    assert fates() == {(False, True)}
    edit(VENDOR, "carried_out_percent: 100", "carried_out_percent: 0")
    assert fates() == {(False, False)}


@pytest.mark.parametrize(
    ("old", "new", "ages"),
    [
        ("stale: 20m", "stale: 20m", (20, 25)),
        ("stale: 20m", "stale: 40m", (40, 45)),
        ("refresh: 5m", "refresh: 15m", (20, 35)),
    ],
)
def test_figures_of_a_console_that_lags_are_that_old(
    edit: Edit, old: str, new: str, ages: tuple[int, int]
) -> None:
    edit(VENDOR, old, new)
    session, seen = drill("stale"), set()
    for _minute in range(60):
        session.advance(session.now_ms + MINUTE_MS)
        seen.add((session.now_ms - session.snapshot().queue.seen.at_ms) // MINUTE_MS)
    least, most = ages
    assert seen == set(range(least, most)), "from just refreshed to just before the next time"


def test_both_probes_are_waited_for_by_the_same_rule(edit: Edit) -> None:
    for minutes in (8, 13):
        session = drill()
        assert takes_ms(session, "status check probe") == (2 + minutes) * MINUTE_MS
        session = drill()
        assert f"no reply within {minutes}m" in said(session, "status check probe")[0]
        session = drill()
        taken, came = said(session, "probe mx gateway-1")
        assert "taken with 250" in taken
        assert f"has not come back within {minutes}m" in came
        moments = [event.t_ms for event in session.events() if event.text in (taken, came)]
        assert moments[1] - moments[0] == minutes * MINUTE_MS
        if minutes == 8:
            edit(RULES, "waits: 8m", "waits: 13m")


def test_a_slow_round_trip_takes_what_the_file_says(edit: Edit) -> None:
    def waits() -> set[str]:
        fault = {"fault": "mail-server is intermittent", "share_percent": 50, "reply": "451 4.3.2 busy"}
        drills = [start(office(fault=fault), ONSET_MS + HOUR_MS, seed).drill for seed in range(12)]
        found = [round_trip(one, 8 * MINUTE_MS).partition("reply came back, after ")[2] for one in drills]
        return {text.partition(":")[0] for text in found if text}

    assert waits() <= {"2m", "3m", "4m", "5m"}
    edit(RULES, "slow_minutes: [2, 3, 4, 6]", "slow_minutes: [7, 7]")
    assert waits() == {"7m"}


def test_talking_to_a_vendor_takes_what_its_file_says(edit: Edit) -> None:
    before_ms = takes_ms(drill(), "phone gateway-vendor")
    others_ms = takes_ms(drill(), "phone partner")
    edit(VENDOR, "talk_minutes: 5", "talk_minutes: 9")
    assert takes_ms(drill(), "phone gateway-vendor") == before_ms + 4 * MINUTE_MS
    assert takes_ms(drill(), "phone partner") == others_ms


def test_outbound_counts_as_restored_from_such_a_share_on(edit: Edit) -> None:
    def restored() -> bool:
        session = drill()
        said(session, "connector set outbound direct")
        fate = session.drill.protection.fate("direct")
        assert not fate.times_out
        assert 1000 - fate.rejected == 300
        return "outbound.restored" in session.drill.milestones

    assert not restored()
    edit(RULES, "restored_permille: 900", "restored_permille: 301")
    assert not restored()
    edit(RULES, "restored_permille: 301", "restored_permille: 300")
    assert restored()


def test_a_console_s_numbers_count_without_its_vendor_only_when_it_is_in_trouble() -> None:
    def counted(console: str) -> list[str]:
        organisation = scenario().content()["organisation"]
        vendors = [use for use in organisation["vendors"] if use["vendor"] != "gateway-vendor"]
        session = Session(scenario(console, vendors=vendors), 1, None)
        names = assumed_numbers(session.drill)["names"]
        return [name.rpartition(".")[2] for name in names if name.startswith("vendors/gateway-vendor.")]

    numbers = ["slow_times", "times_out_percent", "carried_out_percent", "stale", "refresh"]
    assert counted("slow") == counted("stale") == numbers
    assert counted("works") == counted("unreachable") == []


def test_the_help_of_both_probes_names_the_wait_of_the_file() -> None:
    minutes = house_rules.read_house_rules().probe.waits_ms // MINUTE_MS
    assert ProbeMx.facts.product.how_long.endswith(f"is waited for {minutes} minutes more")
    assert StatusCheck.facts.product.how_long.endswith(f"its wait of up to {minutes}")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (VENDOR, "refresh: 5m", "refresh: 0s"),
        (VENDOR, "slow_times: 3", "slow_times: 0"),
        (RULES, "waits: 8m", "waits: 0s"),
        (RULES, "restored_permille: 900", "restored_permille: 1001"),
    ],
)
def test_numbers_that_make_no_sense_are_refused_with_their_place(
    edit: Edit, file: str, old: str, new: str
) -> None:
    edit(file, old, new)
    with pytest.raises(BadFile, match=old.partition(":")[0]):
        vendor_file.load_vendor("gateway-vendor") if file == VENDOR else house_rules.read_house_rules()
