"""Files that are like another one, and what lint says of a scenario's story."""

from pathlib import Path

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.lint.lint import lint_file
from sim.drill.scenario.runbook import load_runbook
from sim.drill.session.load import load_organisation, load_scenario
from sim.drill.session.load_plan import load_plan
from sim.kernel.document import BadFile
from sim.kernel.shipped_folder import shipped_folder

BASE = load_scenario("gateway-down")


def write(folder: Path, text: str, name: str = "mine.yaml") -> str:
    path = folder / name
    path.write_text("mxdrill: 1\n" + text, encoding="utf-8")
    return str(path)


def test_what_a_file_does_not_say_stands_in_the_other(tmp_path: Path) -> None:
    text = "like: gateway-down\nid: mine\ntitle: Mine\nwithout: [links-dead, way-back]\n"
    mine = load_scenario(write(tmp_path, text))
    assert (mine.id, mine.title, mine.briefing) == ("mine", "Mine", BASE.briefing)
    assert mine.timeline == BASE.timeline
    left = [one.id for one in BASE.injects if one.id != "links-dead"]
    assert [one.id for one in mine.injects] == left
    assert "way-back" not in [one.id for one in mine.objectives]


def test_an_entry_replaces_the_one_with_its_id_in_its_place_and_a_new_one_comes_last(tmp_path: Path) -> None:
    text = (
        "like: gateway-down\nid: mine\n"
        "timeline:\n"
        "  - { id: gateway-fails, at: T+1h10m, fault: gateway times out, for: 14h }\n"
        "  - { id: more, at: T+2h, fault: mail-server is slow, per_message: 5s, for: 1h }\n"
    )
    mine = load_scenario(write(tmp_path, text), {"outage": "3h"})
    assert [(one.id, one.fault) for one in mine.timeline] == [
        ("gateway-fails", "gateway times out"),
        ("more", "mail-server is slow"),
    ]
    assert mine.timeline[0].for_ms == 3 * 3_600_000, "its parameters are those of the other file"


def test_runbooks_and_organisations_too(tmp_path: Path) -> None:
    base = load_runbook("gateway-down", parse)
    book = load_runbook(write(tmp_path, "like: gateway-down\nid: mine\nwithout: [tell-users]\n"), parse)
    assert [one.id for one in book.steps] == [one.id for one in base.steps if one.id != "tell-users"]
    assert book.scenario == "gateway-down"
    house = load_organisation(Path(write(tmp_path, "like: harbour-1000\nid: mine\nusers: 50\n")))
    shipped = load_organisation(shipped_folder() / "organisations" / "harbour-1000.yaml")
    assert house.users == 50
    assert house.zone == shipped.zone


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("like: gateway-up\nid: mine\n", "2:7", "`like` 'gateway-up': no such scenario; "),
        ("like: gone.yaml\nid: mine\n", "2:7", "`like` 'gone.yaml': no such file; name one in the same"),
        ("like: [a]\nid: mine\n", "2:1", "`like` is not text; write a path"),
        ("like: mine.yaml\nid: mine\n", "2:7", "`like` names this file itself; name another file"),
        ("id: mine\nwithout: [x]\n", "3:1", "`without` has no effect without `like`; add `like`"),
        (
            "like: gateway-down\nwithout: x\nid: m\n",
            "3:10",
            "`without` is not a list of ids; write [one, two]",
        ),
        ("like: gateway-down\nwithout: [no-such]\nid: m\n", "3:1", "`without` names 'no-such', which"),
        (
            "like: gateway-down\nid: m\nends: {}\n",
            "4:1",
            "`ends.after_recovery_at_most` is missing; this block replaces the one in gateway-down (`like`) "
            "as a whole, so copy `after_recovery_at_most` from there",
        ),
        (
            "like: gateway-down\nid: m\ninjects:\n  - { id: quiet-morning, at: soon }\n",
            "4:3",
            "",
        ),
    ],
)
def test_a_mistake_has_its_place(text: str, where: str, what: str, tmp_path: Path) -> None:
    file = write(tmp_path, text)
    with pytest.raises(BadFile) as found:
        load_scenario(file)
    first = str(found.value).splitlines()[0]
    assert what in first
    if what:
        assert first.startswith(f"{file}:{where}: ")
    else:
        assert first.startswith(f"{file}:5:"), "its own entry, in its own file"


def test_an_id_that_is_none_and_a_file_that_is_no_mapping_are_told(tmp_path: Path) -> None:
    text = "like: gateway-down\nid: mine\ninjects:\n  - { id: [a], at: T+1h }\n"
    with pytest.raises(BadFile, match=r"injects.*id"):
        load_scenario(write(tmp_path, text))
    listed = tmp_path / "list.yaml"
    listed.write_text("- a\n- b\n", encoding="utf-8")
    with pytest.raises(BadFile, match="not a mapping"):
        lint_file(str(listed), parse)


INJECT = (
    "injects:\n  - {{ id: quiet-morning, kind: call, at: {at}, {unless}from: a, to: helpdesk, text: b }}\n"
)


@pytest.mark.parametrize(
    ("at", "unless", "what"),
    [
        (
            "users.told + 1m",
            "unless: [users.told], ",
            "users.told is both in `at` and in `unless`",
        ),
        ("T+30d", "", "the drill is over by then; write an earlier time"),
        (
            "T+3h",
            "unless: [outage.start], ",
            "outage.start has always happened by then",
        ),
        ("diagnosis.correct + 1m", "", "only the debrief shows diagnosis.correct"),
        (
            "T+3h",
            "unless: [diagnosis.correct], ",
            "this entry would reveal it; write diagnosis.stated",
        ),
        ("outage.end - 3h", "", "outage.end - 3h cannot be known before outage.end has happened; count from"),
    ],
)
def test_an_inject_that_cannot_come_or_tells_too_much_is_found(
    at: str, unless: str, what: str, tmp_path: Path
) -> None:
    text = "like: gateway-down\nid: mine\nreference: runbook.yaml\n" + INJECT.format(at=at, unless=unless)
    write(tmp_path, "like: gateway-down\nid: mine\nscenario: mine.yaml\n", "runbook.yaml")
    (finding,) = lint_file(write(tmp_path, text), parse)
    assert what in finding
    assert finding.startswith(f"{tmp_path / 'mine.yaml'}:6:")


def test_an_objective_without_a_cue_before_it_is_found(tmp_path: Path) -> None:
    quiet = [one.id for one in BASE.injects if one.id != "vendor-restored"]
    text = f"like: gateway-down\nid: mine\nreference: runbook.yaml\nwithout: [{', '.join(quiet)}]\n"
    latest = min(one.without_outside_minutes[-1] for one in BASE.organisation.stakeholders)
    assert 35 < latest < 80, "partners phone before the limit of the others"
    write(tmp_path, "like: gateway-down\nid: mine\nscenario: mine.yaml\n", "runbook.yaml")
    findings = lint_file(write(tmp_path, text), parse)
    assert "diagnosis-correct requires diagnosis.correct within 30m of the onset" in findings[0]
    assert "add an earlier inject" in findings[0]
    asked = [
        one.id for one in BASE.objectives if {"outage.start"} & {*(one.met[0].within if one.met else {})}
    ]
    early = [name for name in asked if any(name in line for line in findings)]
    assert set(early) == {"diagnosis-correct", "users-told", "executives-told", "outbound-restored"}


def test_an_objective_that_outlasts_the_drill_is_found(tmp_path: Path) -> None:
    text = (
        "like: gateway-down\nid: mine\nreference: runbook.yaml\nobjectives:\n"
        "  - id: way-back\n    learns: x\n    source: y\n"
        "    met: [{ milestone: mx.restored, within: { outage.end: 30d } }]\n"
    )
    write(tmp_path, "like: gateway-down\nid: mine\nscenario: mine.yaml\n", "runbook.yaml")
    (finding,) = lint_file(write(tmp_path, text), parse)
    assert "way-back allows 30d after the recovery, but the drill ends before then" in finding


def test_lint_plays_a_scenario_if_asked(tmp_path: Path) -> None:
    scenario = (
        "like: gateway-down\nid: mine\nreference: runbook.yaml\n"
        "parameters:\n"
        "  users: { default: 20, min: 10, max: 100, changes: organisation.users }\n"
        "  outage: { default: 14h, min: 10m, max: 7d, changes: timeline.gateway-fails.for }\n"
    )
    write(
        tmp_path,
        "like: gateway-down\nid: mine\nscenario: mine.yaml\nwithout: [tell-partners]\n",
        "runbook.yaml",
    )
    findings = lint_file(write(tmp_path, scenario), parse, deep=True)
    assert [line.split(": ", 1)[1] for line in findings if "partners-told" in line] == [
        "the reference runbook does not meet partners-told with seed 1, 2, 3, 4, 5 "
        "(too late: due by Wed 12:00, never reached); fix the runbook, or require less"
    ]
    assert lint_file(str(tmp_path / "mine.yaml"), parse) == []


def test_a_variant_that_ships_can_have_variants_and_a_file_of_ones_own_cannot(tmp_path: Path) -> None:
    mine = Path(write(tmp_path, "like: gateway-slow\nid: mine\ntitle: Mine\n"))
    loaded, shipped = load_scenario(str(mine)), load_scenario("gateway-slow")
    assert (loaded.timeline, loaded.injects) == (shipped.timeline, shipped.injects)
    third = tmp_path / "third.yaml"
    third.write_text("mxdrill: 1\nlike: mine.yaml\nid: third\n", encoding="utf-8")
    with pytest.raises(BadFile, match=r"third\.yaml:2:7: `like` names a file that is itself `like`"):
        load_scenario(str(third))


def test_a_plan_is_like_another_one(tmp_path: Path) -> None:
    """Also if it has no step of its own."""
    base = load_plan("gateway-down").plan
    text = "mxdrill: 2\nlike: gateway-down\nid: mine\nset: { users: 20 }\nwithout: [recipients-none]\n"
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace("recipients-none", "arrivals"), encoding="utf-8")
    mine = load_plan(str(path)).plan
    assert (mine.id, mine.scenario) == ("mine", base.scenario)
    assert [step.id for step in mine.steps] == [step.id for step in base.steps if step.id != "arrivals"]
    assert not [line for line in lint_file(str(path), parse) if "version" in line]
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadFile, match="`without` names 'recipients-none'"):
        load_plan(str(path))


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        (
            "steps:\n  - { id: change-mx, takes: 20m }\n",
            "4:5",
            "`steps.change-mx`: needs either `do` with a command, or `manual` with a description; write one "
            "of them; this block replaces the one in gateway-down (`like`) as a whole, so copy `after`, ",
        ),
        (
            "preparations:\n  - { id: dns-rota, people: [{ answers: 5m }] }\n",
            "4:30",
            "`preparations.dns-rota.people.0.role` is missing; add it",
        ),
        (
            "steps:\n  - { takes: 20m, manual: x, owner: lead }\n",
            "4:5",
            "`steps.0.id` is missing; add it",
        ),
    ],
)
def test_a_block_of_a_plan_that_lacks_keys_says_where_they_are(
    text: str, where: str, what: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("mxdrill: 2\nlike: gateway-down\n" + text + "id: mine\n", encoding="utf-8")
    with pytest.raises(BadFile) as found:
        load_plan(str(path))
    (line,) = found.value.lines
    assert line.startswith(f"{path}:{where}: {what}")


def test_a_key_that_a_replaced_block_does_not_have_either_is_simply_missing(tmp_path: Path) -> None:
    """A part inside a block that replaces another is compared with the same part there."""
    with pytest.raises(BadFile) as found:
        load_organisation(Path(write(tmp_path, "like: harbour-1000\nid: m\nzone: { mta_sts: {} }\n")))
    told = [line.partition(": ")[2] for line in found.value.lines]
    assert all("so copy `" in line for line in told)
    assert any(line.startswith("`zone.mta_sts.") for line in told)
