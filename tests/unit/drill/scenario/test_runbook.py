from pathlib import Path

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.scenario.runbook import Runbook, load_runbook, reference_runbook, shipped_runbooks
from sim.drill.session.load import load_scenario
from sim.kernel.document import BadFile

TEXT = """\
mxdrill: 1
id: mine
scenario: exchange-down
steps:
  - { id: acknowledge, at: alert.first + 1m, do: alerts ack }
  - { id: declare, at: T+1h34m, do: continuity start group=all for=8h, unless: [server.reported-back] }
  - id: tell
    at: T+1h37m
    do: notify users via=sms text="Use the portal: leave nothing in the Outbox"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mine.yaml"


def load(file: Path, text: str) -> Runbook:
    file.write_text(text, encoding="utf-8")
    return load_runbook(str(file), parse)


def test_the_quotes_of_a_text_need_quotes_in_yaml(file: Path) -> None:
    with pytest.raises(BadFile, match=r":9:\d+: not YAML: mapping values are not allowed here"):
        load(file, TEXT)
    runbook = load(file, TEXT.replace("portal: leave", "portal, leave"))
    assert [step.id for step in runbook.steps] == ["acknowledge", "declare", "tell"]
    assert runbook.steps[0].at.milestones == ("alert.first",)
    assert runbook.steps[1].unless == ("server.reported-back",)
    assert runbook.steps[2].do == 'notify users via=sms text="Use the portal, leave nothing in the Outbox"'


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "alert.first + 1m",
            "alert.fist + 1m",
            "5:28: `steps.0.at`: there is no milestone 'alert.fist'; did you mean alert.first?",
        ),
        ("T+1h34m", "T+94", "6:24: `steps.1.at`: '94' is not a duration; write"),
        ("T+1h34m", "soon", "6:24: `steps.1.at`: there is no milestone 'soon'; choose from"),
        ("alerts ack", "alerts akc", "5:50: `steps.0.do`: "),
        ("for=8h", "for=8", "6:37: `steps.1.do`: "),
        (
            "id: declare",
            "id: acknowledge",
            "6:11: `steps.1.id`: 'acknowledge' is already used; give each step its own id",
        ),
        ("id: declare, ", "", "6:5: `steps.1.id` is missing; add it"),
        ("unless: [server", "unles: [server", "unknown key `steps.1.unles`; did you mean `unless`?"),
        (
            "[server.reported-back]",
            "[server.back]",
            "`steps.1.unless.0`: there is no milestone 'server.back'; did you mean server",
        ),
        ("mxdrill: 1", "mxdrill: 3", "1:10: format version 3 is newer than this mxdrill"),
        (
            "mxdrill: 1",
            "mxdrill: 2",
            "1:10: a continuity plan (version 2); use `mxdrill check` or `mxdrill play --plan`",
        ),
        ("steps:", "steps: 3\nx:", "4:8: `steps` is 3; write a list, as in [3]"),
    ],
)
def test_a_mistake_is_one_line_with_its_position(file: Path, old: str, new: str, expected: str) -> None:
    text = TEXT.replace("portal: leave", "portal, leave")
    assert old in text
    with pytest.raises(BadFile) as raised:
        load(file, text.replace(old, new, 1))
    assert any(line.startswith(f"{file}:") and expected in line for line in raised.value.lines), (
        raised.value.lines
    )


def test_commands_are_not_looked_at_without_a_parser(file: Path) -> None:
    file.write_text(TEXT.replace("portal: leave", "portal, leave").replace("alerts ack", "anything"))
    assert load_runbook(str(file)).steps[0].do == "anything"


def test_a_runbook_that_is_not_there_says_what_there_is() -> None:
    with pytest.raises(BadFile, match="no such runbook; did you mean exchange-down"):
        load_runbook("exchange-dwn")
    with pytest.raises(BadFile, match="no such file"):
        load_runbook("nowhere/mine.yaml")


@pytest.mark.parametrize("name", shipped_runbooks())
def test_a_shipped_runbook_has_only_commands(name: str) -> None:
    assert load_runbook(name, parse).steps


def test_the_reference_runbook_keeps_continuity_going_for_the_longest_outage() -> None:
    """Each extension is due before the event lapses, and after the one before."""
    scenario = load_scenario("exchange-down")
    runbook = reference_runbook(scenario, parse)
    assert runbook is not None
    hour_ms = 3_600_000
    lapses_ms = 0
    for step in runbook.steps:
        words = step.do.split()
        if words[:2] == ["continuity", "start"]:
            lapses_ms = step.at.moments[0].offset_ms + 8 * hour_ms  # type: ignore[union-attr]
        if words[:2] == ["continuity", "extend"]:
            assert step.at.moments[0].offset_ms <= lapses_ms - hour_ms  # type: ignore[union-attr]
            lapses_ms += int(words[2].removesuffix("h")) * hour_ms
    longest_ms = 14 * 24 * hour_ms
    assert lapses_ms >= longest_ms + 3 * hour_ms


def test_a_scenario_of_ones_own_has_its_runbook_beside_it(tmp_path: Path, file: Path) -> None:
    from sim.kernel.shipped_folder import shipped_folder

    text = (shipped_folder() / "outages" / "exchange-down.yaml").read_text(encoding="utf-8")
    scenario_file = tmp_path / "outage.yaml"
    scenario_file.write_text(
        text.replace("reference: exchange-down", "reference: mine.yaml"), encoding="utf-8"
    )
    file.write_text(TEXT.replace("portal: leave", "portal, leave"), encoding="utf-8")
    runbook = reference_runbook(load_scenario(str(scenario_file)), parse)
    assert runbook is not None
    assert runbook.id == "mine"
    scenario_file.write_text(text.replace("reference: exchange-down\n", ""), encoding="utf-8")
    assert reference_runbook(load_scenario(str(scenario_file)), parse) is None


def test_one_mistake_does_not_hide_others(file: Path) -> None:
    file.write_text(
        "mxdrill: 1\nid: mine\nscenario: exchange-down\nsteps:\n"
        "  - { id: a, at: alert.frist + 1m, do: alerts akc }\n"
        "  - { id: a, at: T+2h, do: alerts ack }\n"
        "  - { id: [], at: T+2h, do: 7 }\n  - none\n",
        encoding="utf-8",
    )
    with pytest.raises(BadFile) as caught:
        load_runbook(str(file), parse)
    told = "\n".join(caught.value.lines)
    for what in (
        "did you mean alert.first?",
        "unknown command `alerts akc`",
        "'a' is already used",
        "steps.3",
    ):
        assert told.count(what) == 1, told
