import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from sim.drill.session.journal_header import scenario_document, scenario_from_document
from sim.drill.session.load import load_scenario, settings_from, shipped_scenarios
from sim.kernel.document import BadFile
from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS
from sim.kernel.shipped_folder import shipped_folder

SHIPPED = (shipped_folder() / "outages" / "exchange-down.yaml").read_text(encoding="utf-8")
ORGANISATION = (shipped_folder() / "organisations" / "harbour-1000.yaml").read_text(encoding="utf-8")


def refusal(name_or_path: str | Path, **settings: str) -> str:
    with pytest.raises(BadFile) as raised:
        load_scenario(str(name_or_path), settings)
    (line,) = raised.value.lines
    assert "\n" not in line
    return line


def test_the_mail_server_stops_on_monday_at_0912_for_31_hours() -> None:
    scenario = load_scenario("exchange-down")
    assert scenario.starts_utc_ms == 1_772_438_400_000
    assert scenario.zone == "Europe/London"
    (fault,) = scenario.timeline
    assert (fault.id, fault.fault, fault.at_ms) == ("exchange-stops", "mail-server refuses", 72 * MINUTE_MS)
    assert fault.for_ms == 31 * HOUR_MS
    assert scenario.outage_start_ms == fault.at_ms
    assert scenario.outage_end_ms == fault.until_ms == 32 * HOUR_MS + 12 * MINUTE_MS


def test_the_organisation_has_its_numbers() -> None:
    organisation = load_scenario("exchange-down").organisation
    assert organisation.users == 1000
    assert organisation.correspondent_count == 200
    assert organisation.server_connections == 20
    assert organisation.traffic.inbound_per_user_workday == 40
    assert max(organisation.traffic.hours_permille) == 120
    assert organisation.gateway.continuity_monitor.window_ms == 2 * MINUTE_MS
    assert organisation.gateway.service_monitor.sample_ms == 15 * MINUTE_MS
    assert organisation.gateway.alerting.link_valid_ms == 24 * HOUR_MS
    assert organisation.gateway.continuity_monitor.confidence_of("window") == "vendor"
    assert organisation.gateway.continuity_monitor.confidence_of("threshold") == "assumed"
    (classic,) = [app for app in organisation.apps if app.continuity == "polls"]
    assert classic.polls_ms == 3 * MINUTE_MS


def test_the_mean_size_is_that_of_the_named_audit() -> None:
    points = load_scenario("exchange-down").organisation.sizes.quantiles_bytes
    assert len(points) == 51
    assert list(points) == sorted(points)
    mean = sum(left + right for left, right in pairwise(points)) / 2 / (len(points) - 1)
    assert 50_000 < mean < 65_000


def test_settings_change_what_the_parameters_name() -> None:
    scenario = load_scenario("exchange-down", {"users": "10000", "outage": "5d"})
    assert scenario.organisation.users == 10_000
    assert scenario.organisation.correspondent_count == 2_000
    assert scenario.organisation.server_connections == 200
    assert scenario.timeline[0].for_ms == 5 * DAY_MS
    assert scenario.settings == {"users": "10000", "outage": "5d"}
    assert load_scenario("exchange-down", {"users": "20"}).organisation.correspondent_count == 50


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"users": "9"}, "--set users=9: out of range; write 10 to 200000"),
        ({"users": "200001"}, "--set users=200001: out of range; write 10 to 200000"),
        ({"users": "-1"}, "--set users=-1: out of range; write 10 to 200000"),
        ({"users": "many"}, "--set users=many: not a whole number; write 10 to 200000"),
        ({"users": "1e3"}, "--set users=1e3: not a whole number; write 10 to 200000"),
        ({"users": "٣٠"}, "--set users=٣٠: not a whole number; write 10 to 200000"),
        ({"outage": "31"}, "--set outage=31: not a duration such as 31h; write 10m to 14d"),
        ({"outage": "9m"}, "--set outage=9m: out of range; write 10m to 14d"),
        ({"outage": "15d"}, "--set outage=15d: out of range; write 10m to 14d"),
        ({"outtage": "1h"}, "--set outtage: no such parameter of exchange-down; did you mean outage?"),
        (
            {"x": "1h"},
            "--set x: no such parameter of exchange-down; choose from users, outage, works-for, disk-used",
        ),
    ],
)
def test_a_wrong_setting_says_what_would_be_right(settings: dict[str, str], line: str) -> None:
    assert refusal("exchange-down", **settings) == line


def test_settings_are_words_of_the_command_line() -> None:
    assert settings_from(["users=10", " outage = 4h", "users=20"]) == {"users": "20", "outage": "4h"}
    for word in ("users", "users=", "=4", ""):
        with pytest.raises(BadFile, match="write name=value, such as users=10000"):
            settings_from([word])


def test_a_drill_can_be_rebuilt_from_its_journal() -> None:
    scenario = load_scenario("exchange-down", {"users": "50", "outage": "2h"})
    text = json.dumps(scenario_document(scenario))
    again = scenario_from_document(json.loads(text))
    assert again.content() == scenario.content()
    assert again.source_hash == scenario.source_hash
    assert again.settings == scenario.settings
    assert again.timeline == scenario.timeline
    assert again.injects == scenario.injects
    assert again.organisation == scenario.organisation
    assert scenario_document(again) == scenario_document(scenario)


def test_a_damaged_journal_header_is_one_line() -> None:
    document = scenario_document(load_scenario("exchange-down"))
    del document["content"]["title"]
    with pytest.raises(BadFile, match=r"^drill.jsonl:1:1: `title` is missing; add it$"):
        scenario_from_document(document, "drill.jsonl")
    with pytest.raises(BadFile, match=r"^drill.jsonl:1:1: "):
        scenario_from_document({}, "drill.jsonl")
    with pytest.raises(BadFile, match=r"^drill.jsonl:1:1: not a mapping"):
        scenario_from_document({"settings": {}, "content": None}, "drill.jsonl")


def test_the_hash_follows_the_content_and_not_the_comments(tmp_path: Path) -> None:
    original = load_scenario("exchange-down").source_hash
    file = tmp_path / "mine.yaml"
    file.write_text("# a comment\n" + SHIPPED)
    assert load_scenario(str(file)).source_hash == original
    file.write_text(SHIPPED.replace("watching the disk", "watching it"))
    assert load_scenario(str(file)).source_hash != original
    assert load_scenario("exchange-down", {"users": "999"}).source_hash != original
    assert load_scenario("exchange-down", {"users": "1000"}).source_hash == original


def test_an_organisation_is_found_beside_the_file_first(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(SHIPPED.replace("organisations/harbour-1000.yaml", "mine-org.yaml"))
    (tmp_path / "mine-org.yaml").write_text(ORGANISATION.replace("id: harbour-1000", "id: mine"))
    assert load_scenario(str(file)).organisation.id == "mine"
    file.write_text(SHIPPED.replace("organisations/harbour-1000.yaml", "harbour-1000"))
    assert load_scenario(str(file)).organisation.id == "harbour-1000"


def test_an_organisation_may_stand_in_the_file(tmp_path: Path) -> None:
    inline = "\n".join(f"  {line}" for line in ORGANISATION.splitlines())
    file = tmp_path / "mine.yaml"
    file.write_text(
        SHIPPED.replace(
            "organisation: { include: organisations/harbour-1000.yaml }", f"organisation:\n{inline}"
        )
    )
    assert load_scenario(str(file)).source_hash == load_scenario("exchange-down").source_hash


def test_a_mistake_in_an_included_file_is_reported_there(tmp_path: Path) -> None:
    file, included = tmp_path / "mine.yaml", tmp_path / "mine-org.yaml"
    file.write_text(SHIPPED.replace("organisations/harbour-1000.yaml", "mine-org.yaml"))
    included.write_text(ORGANISATION.replace("users: 1000", "users: lots"))
    at = ORGANISATION[: ORGANISATION.index("users: 1000")].count("\n") + 1
    assert refusal(file).startswith(f"{included}:{at}:8: `users` is 'lots'; write only a whole number")


def test_a_file_of_another_kind_and_a_folder_are_named_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("README.md").write_text("# mine\n")
    Path("mine").mkdir()
    assert refusal("README.md") == "README.md: does not end in .yaml; give the path of a .yaml file"
    assert refusal("mine") == "mine: is a folder; give the path of a .yaml file"


def test_a_name_that_is_not_shipped_says_what_there_is() -> None:
    assert refusal("exchange-don") == "'exchange-don': no such scenario; did you mean exchange-down?"
    assert "; or give the path of a .yaml file" in refusal("zzz")
    assert "choose from ex1224375, exchange-down, gateway-" in refusal("zzz")
    assert "no such file" in refusal("nowhere/zzz.yaml")
    assert "exchange-down" in shipped_scenarios()


COUNTED = re.compile(
    r"\b(\d+|two|three|four|five|six|seven|eight|nine|ten|dozens?) (calls|tickets|messages)\b", re.I
)


@pytest.mark.parametrize("name", shipped_scenarios())
def test_no_inject_counts_what_the_drill_counts(name: str) -> None:
    """The helpdesk's tally and the queue have the numbers; an author's would be others."""
    assert COUNTED.search("Nine tickets now about links")
    assert [one.text for one in load_scenario(name).injects if COUNTED.search(one.text)] == []


def test_a_parameter_can_change_each_entry_of_a_list() -> None:
    """Half of the gateway is one outage of two faults: neither outlasts the other."""
    faults = load_scenario("gateway-half", {"outage": "2h"}).timeline
    assert [fault.for_ms for fault in faults] == [2 * HOUR_MS, 2 * HOUR_MS]


def test_of_entries_that_a_parameter_changes_each_has_its_default(tmp_path: Path) -> None:
    path = tmp_path / "half.yaml"
    path.write_text(
        "mxdrill: 1\nlike: gateway-down\nid: half\nparameters:\n"
        "  users: { default: 1000, min: 10, max: 2000, changes: organisation.users }\n"
        "  outage: { default: 14h, min: 1h, max: 2d, changes: timeline.*.for }\n"
        "timeline:\n  - { id: more, at: T+2h, fault: gateway refuses, for: 3h }\n",
        encoding="utf-8",
    )
    with pytest.raises(BadFile, match=r"the default of `outage` is 14h, but `timeline\.\*\.for` is 3h"):
        load_scenario(str(path))
