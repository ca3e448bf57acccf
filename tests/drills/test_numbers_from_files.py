"""What the gateway's console, a probe, a call and a restored way out go by stands in files: another number
there, and another thing is seen.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from math import gcd
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.drill.commands.command_help import explain
from sim.drill.commands.dns.mx import MxSet
from sim.drill.commands.dns.probe_mx import ProbeMx
from sim.drill.commands.outcome import Accepted, Refused
from sim.drill.commands.registry import COMMANDS, check_minutes
from sim.drill.commands.room.status import StatusCheck
from sim.drill.organisation.house_rules import HouseRules, read_house_rules
from sim.drill.organisation.vendor_file import load_vendor
from sim.drill.people.outside_reports import round_trip
from sim.drill.room.announcements import promises
from sim.drill.scenario.milestones import MILESTONES
from sim.drill.scenario.scenario import Scenario
from sim.drill.scoring.mail_shares import duplicates, written_again
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.document import BadFile
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.assumed_numbers import assumed_numbers
from tests.offices import office, start
from tests.plays import ONSET_MS, small
from tests.shipped import FILES

VENDOR, RULES = "vendors/gateway-vendor.yaml", "house/rules.yaml"


class Edited:
    """The data files as a test has edited them."""

    def __init__(self) -> None:
        self.files = FILES

    def __call__(self, file: str, old: str, new: str) -> None:
        """The file says `new` for `old` until the test is over."""
        text = self.files.texts()[file]
        assert text.count(old) == 1
        self.files = self.files.replaced(file, text.replace(old, new), Path(file))

    @property
    def rules(self) -> HouseRules:
        return read_house_rules(self.files)

    def of(self, scenario: Scenario) -> Scenario:
        """`scenario`, resting on these files."""
        return scenario.model_copy().came_from(self.files, None, {})


NOW = Edited()


@pytest.fixture
def edit() -> Iterator[Edited]:
    yield NOW
    NOW.files = FILES


def scenario(console: str = "slow", **organisation: Any) -> Scenario:
    """`gateway-down` for 20 users: it holds what it accepts, and its console is like that."""
    content = load_scenario("gateway-down", {"users": "20"}).content()
    content["timeline"][0] |= {"fault": "gateway accepts and holds", "reply": None, "console": console}
    content["organisation"] |= {"approvals": None, **organisation}
    return NOW.of(Scenario.model_validate(content))


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


def test_a_slow_console_takes_so_many_times_as_long(edit: Edited) -> None:
    assert takes_ms(drill(), "status check gateway") == 12 * MINUTE_MS
    edit(VENDOR, "slow_times: 3", "slow_times: 5")
    assert takes_ms(drill(), "status check gateway") == 20 * MINUTE_MS
    assert takes_ms(drill("works"), "status check gateway") == 4 * MINUTE_MS


def test_a_slow_console_times_out_and_acts_in_such_shares(edit: Edited) -> None:
    def fates() -> set[tuple[bool, bool]]:
        """Of a pause with eight seeds: whether it was answered, whether deliveries stand."""
        found = set()
        for seed in range(1, 9):
            session = drill(seed=seed)
            heard = said(session, "deliveries pause inbound")
            answered = not any("timed out" in text for text in heard)
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
    edit: Edited, old: str, new: str, ages: tuple[int, int]
) -> None:
    edit(VENDOR, old, new)
    session, seen = drill("stale"), set()
    for _minute in range(60):
        session.advance(session.now_ms + MINUTE_MS)
        seen.add((session.now_ms - session.snapshot().queue.seen.at_ms) // MINUTE_MS)
    least, most = ages
    assert seen == set(range(least, most)), "from just refreshed to just before the next time"


def test_both_probes_are_waited_for_by_the_same_rule(edit: Edited) -> None:
    for minutes in (8, 13):
        session = drill()
        assert takes_ms(session, "status check probe") == (2 + minutes) * MINUTE_MS
        session = drill()
        assert f"no reply within {minutes} min" in said(session, "status check probe")[0]
        session = drill()
        taken, came = said(session, "probe mx gateway-1")
        assert "accepted with 250" in taken
        assert f"has not returned within {minutes} min" in came
        moments = [event.t_ms for event in session.events() if event.text in (taken, came)]
        assert moments[1] - moments[0] == minutes * MINUTE_MS
        if minutes == 8:
            edit(RULES, "waits: 8m", "waits: 13m")


def test_a_slow_round_trip_takes_what_the_file_says(edit: Edited) -> None:
    def waits() -> set[str]:
        fault = {"fault": "mail-server is intermittent", "share_percent": 50, "reply": "451 4.3.2 busy"}
        drills = [start(NOW.of(office(fault=fault)), ONSET_MS + HOUR_MS, seed).drill for seed in range(12)]
        found = [
            round_trip(one, 8 * MINUTE_MS, 0).text.partition("reply came back after ")[2] for one in drills
        ]
        return {text.partition(":")[0] for text in found if text}

    assert waits() <= {"2 min", "3 min", "4 min", "5 min"}
    edit(RULES, "slow_minutes: [2, 3, 4, 6]", "slow_minutes: [7, 7]")
    assert waits() == {"7 min"}


def test_talking_to_a_vendor_takes_what_its_file_says(edit: Edited) -> None:
    before_ms = takes_ms(drill(), "phone gateway-vendor")
    others_ms = takes_ms(drill(), "phone partner")
    edit(VENDOR, "talk_minutes: 5", "talk_minutes: 9")
    assert takes_ms(drill(), "phone gateway-vendor") == before_ms + 4 * MINUTE_MS
    assert takes_ms(drill(), "phone partner") == others_ms


def test_outbound_counts_as_restored_from_such_a_share_on(edit: Edited) -> None:
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
    minutes = NOW.rules.probe.waits_ms // MINUTE_MS
    assert ProbeMx.facts.product.how_long.endswith(
        f"and up to {minutes} more until an accepted message arrives"
    )
    assert StatusCheck.facts.product.how_long.endswith(f"up to {minutes} for its reply")


def test_each_command_keeps_people_busy_for_what_the_file_says(edit: Edited) -> None:
    for text, line, minutes in (("mx set backup", "mx set: 5", 5), ("track to=user0001", "track: 3", 3)):
        assert takes_ms(drill("works"), text) >= minutes * MINUTE_MS
        before_ms = takes_ms(drill("works"), text)
        edit(RULES, line, f"{line.partition(':')[0]}: {minutes + 7}")
        assert takes_ms(drill("works"), text) == before_ms + 7 * MINUTE_MS
    assert "Hands-on: 12 min" in explain(MxSet, NOW.rules)
    before_ms = takes_ms(drill(), "status check probe")
    edit(RULES, "send_minutes: 2", "send_minutes: 6")
    assert takes_ms(drill(), "status check probe") == before_ms + 4 * MINUTE_MS


def test_every_command_has_its_minutes_and_nothing_else_has() -> None:
    named = list(NOW.rules.hands_on.minutes)
    assert named == [" ".join(kind.words) for kind in COMMANDS]


@pytest.mark.parametrize(
    ("new", "found"),
    [
        ("    mx sett: 5", "'mx sett' is not a command; did you mean mx set?"),
        ("", "minutes are missing for mx set; give each command its minutes"),
    ],
)
def test_a_command_that_is_unknown_or_left_out_is_told_in_one_line(
    edit: Edited, new: str, found: str
) -> None:
    edit(RULES, "    mx set: 5", new)
    for reads in (lambda: check_minutes(edit.files), lambda: Session.start(scenario("slow"), 1)):
        with pytest.raises(BadFile, match=found) as told:
            reads()
        assert re.search(r"rules\.yaml:[1-9]\d*:\d+: `hands_on\.minutes`", told.value.lines[0])
        assert len(told.value.lines) == 1


def test_a_kept_drill_that_is_older_than_a_command_goes_on_and_refuses_only_that_command(
    edit: Edited, tmp_path: Path
) -> None:
    path = tmp_path / "old.jsonl"
    with pytest.MonkeyPatch.context() as older:
        older.setattr("sim.drill.session.session.check_minutes", lambda _files: None)
        edit(RULES, "    mx set: 5", "")
        session = Session.start(scenario("slow"), 1, path)
        session.dispatch("note begun")
        session.close()
    resumed = Session.resume(path)
    refused = resumed.dispatch("mx set backup")
    assert isinstance(refused, Refused)
    assert (
        refused.reason == "the house rules of this drill predate `mx set`, and do not set its hands-on time"
    )
    assert "Hands-on: not in this drill" in explain(MxSet, resumed.scenario.rules)
    assert not isinstance(resumed.dispatch("note also"), Refused)
    resumed.close()
    assert [text for _, text in Session.replay(path).commands] == [
        "note begun",
        "mx set backup",
        "note also",
    ]


def test_words_are_kept_and_diagnoses_are_right_by_the_rules_of_the_file(edit: Edited) -> None:
    def kept() -> tuple[int | None, int | None]:
        """Of a word that comes 20 min late, and of a diagnosis three hours after the end."""
        session = Session(NOW.of(small("2h")), 1, None)
        for after_ms, text in (
            (0, "notify users via=phone next=1h"),
            (80 * MINUTE_MS, "notify users via=phone state=down"),
            (5 * HOUR_MS, "diagnose component=mail-server failure=refuses"),
        ):
            session.advance(ONSET_MS + after_ms)
            session.dispatch(text)
        session.advance(ONSET_MS + 6 * HOUR_MS)
        due = promises(session.drill.room.said, session.now_ms, NOW.rules.words)
        return sum(one.kept_ms is not None for one in due), session.drill.milestones.get("diagnosis.correct")

    assert kept() == (0, None)
    edit(RULES, "late_by: 10m", "late_by: 20m")
    edit(RULES, "over: 2h", "over: 4h")
    assert kept() == (1, ONSET_MS + 5 * HOUR_MS + MINUTE_MS)


def test_who_was_called_out_stays_and_programs_find_their_server_within_the_file_s_times(
    edit: Edited,
) -> None:
    def called() -> int:
        """How often the admin is called out for two looks, two and a half hours apart at night."""
        session = start(NOW.of(office("30h")), ONSET_MS + 14 * HOUR_MS)
        for _look in range(2):
            session.dispatch("continuity show")
            session.advance(session.now_ms + 150 * MINUTE_MS)
        desk = session.drill.staff.named("rahman")
        assert desk is not None
        return desk.calls_out

    def longest_ms() -> int:
        session = Session(NOW.of(small("2h")), 1, None)
        session.advance(ONSET_MS + 2 * HOUR_MS)
        session.advance(ONSET_MS + 2 * HOUR_MS + 1)
        writers = session.drill.world.writers
        return int(writers.clients.outboxes[1].live()[1].max()) - ONSET_MS - 2 * HOUR_MS

    assert called() == 2
    assert 4 * MINUTE_MS < longest_ms() < 5 * MINUTE_MS
    edit(RULES, "stays: 2h", "stays: 3h")
    edit(RULES, "reconnect: 5m", "reconnect: 50m")
    assert called() == 1
    assert 40 * MINUTE_MS < longest_ms() < 50 * MINUTE_MS


def test_the_server_team_names_times_as_exactly_and_as_often_as_the_file_says(edit: Edited) -> None:
    def spoken() -> tuple[int, int]:
        """To how many minutes times are named; the least minutes between two words."""
        content = small("20h").content()
        content["organisation"]["estimates"] |= {"off_percent": [1, 1], "after_minutes": [60, 60]}
        session = start(NOW.of(Scenario.model_validate(content)), ONSET_MS + 20 * HOUR_MS)
        words = session.drill.estimates.given
        named = [one.by_ms // MINUTE_MS for one in words] + [one.sure_ms // MINUTE_MS for one in words]
        apart = min(later.t_ms - one.t_ms for one, later in pairwise(words))
        return gcd(*named), apart // MINUTE_MS

    assert spoken() == (15, 30)
    edit(RULES, "named_to: 15m", "named_to: 20m")
    edit(RULES, "named_to: 20m\n  apart: 30m", "named_to: 20m\n  apart: 45m")
    assert spoken() == (20, 45)


def test_mail_has_moved_when_such_a_share_goes_elsewhere(edit: Edited) -> None:
    def moved_ms() -> int:
        content = scenario("works").content()
        content["organisation"]["zone"] |= {"population": "unbound"}
        content["organisation"]["zone"]["mta_sts"]["mode"] = "none"
        content["organisation"]["correspondents"] |= {"count": 2000, "zipf_exponent": 0}
        session = start(NOW.of(Scenario.model_validate(content)), 3 * HOUR_MS)
        session.dispatch("mx set backup")
        session.advance(12 * HOUR_MS)
        return session.drill.milestones["inbound.moved"] - session.drill.milestones["mx.changed"]

    most_ms = moved_ms()
    edit(RULES, "moved_permille: 950", "moved_permille: 500")
    half_ms = moved_ms()
    assert 25 * MINUTE_MS < most_ms - half_ms < 40 * MINUTE_MS, "old answers run out evenly over an hour"
    edit(RULES, "soon: 15m", "soon: 5m")
    sooner_ms = moved_ms()
    assert sooner_ms == half_ms - 10 * MINUTE_MS
    edit(RULES, "span: 30m", "span: 1h")
    assert moved_ms() > sooner_ms + 10 * MINUTE_MS
    edit(RULES, "least: 20\n", "least: 200\n")
    assert moved_ms() > sooner_ms + HOUR_MS, "two hundred messages take hours"


def test_milestones_speak_of_the_shares_that_the_file_has() -> None:
    rules = NOW.rules
    assert f"house rule: {rules.inbound.moved_permille / 10:.0f} %" in MILESTONES["inbound.moved"].facts.marks
    assert rules.outbound.restored_permille == 900
    assert "house rule: nine in ten" in MILESTONES["outbound.restored"].facts.marks


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (VENDOR, "refresh: 5m", "refresh: 0s"),
        (VENDOR, "slow_times: 3", "slow_times: 0"),
        (RULES, "waits: 8m", "waits: 0s"),
        (RULES, "restored_permille: 900", "restored_permille: 1001"),
        (RULES, "moved_permille: 950", "moved_permille: 0"),
        (RULES, "soon: 15m", "soon: 10s"),
        (RULES, "span: 30m", "span: 0s"),
        (RULES, "least: 20\n", "least: 0\n"),
        (RULES, "named_to: 15m", "named_to: 10s"),
        (RULES, "stays: 2h", "stays: 2d"),
        (RULES, "reconnect: 5m", "reconnect: 0s"),
        (RULES, "track: 3", "track: 481"),
    ],
)
def test_numbers_that_make_no_sense_are_refused_with_their_place(
    edit: Edited, file: str, old: str, new: str
) -> None:
    edit(file, old, new)
    with pytest.raises(BadFile, match=old.partition(":")[0]):
        load_vendor(edit.files, "gateway-vendor") if file == VENDOR else edit.rules


def test_from_how_many_messages_on_a_share_is_judged_the_file_says(edit: Edited) -> None:
    def judged() -> tuple[int | None, int | None]:
        session = Session(NOW.of(small("2h")), 1, None)
        session.advance(ONSET_MS + 3 * HOUR_MS)
        copies = duplicates(session.drill)
        session.drill.world.copies._could("outbox", np.full(9, ONSET_MS + HOUR_MS), np.arange(9) < 1)
        return copies, written_again(session.drill)

    assert judged() == (None, None)
    edit(RULES, "judged_from: 1000", "judged_from: 100")
    edit(RULES, "again_from: 40", "again_from: 9")
    assert judged() == (0, 112)
