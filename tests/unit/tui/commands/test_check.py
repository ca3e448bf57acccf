"""`mxdrill check`: exit statuses, files, and one document wherever it is computed."""

import csv
import json
import shlex
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from multiprocessing import active_children
from multiprocessing.connection import wait
from pathlib import Path
from xml.dom import minidom

import pytest

from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS
from tests.plans import written
from tui.cli import main
from tui.playing.open_drill import go_on
from tui.shell.checking.run_progress import RunProgress
from tui.shell.drill_files import kept_drills

STEPS = """\
people: [{ role: lead }]
steps:
  - { id: declare, owner: lead, takes: 10m..50m, manual: Declare }
"""


def plan(folder: Path, *promises: str) -> str:
    rows = "".join(f"  - {{ {one} }}\n" for one in promises)
    return str(written(folder, f"{STEPS}assumptions:\n{rows}"))


SURE = "id: sure, to: declare.done, within: 1h"
HOPELESS = "id: hopeless, says: Declared | at once, to: declare.done, within: 5m"
EVEN = "id: even, to: declare.done, within: 30m, with: 50%"


@pytest.mark.parametrize(
    ("promises", "status", "verdict"),
    [((SURE,), 0, "holds"), ((SURE, HOPELESS), 1, "fails"), ((SURE, EVEN), 3, "undecided")],
)
def test_the_exit_status_is_the_verdict(
    promises: tuple[str, ...],
    status: int,
    verdict: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    argv = ["check", plan(tmp_path, *promises), "--runs", "40", "--jobs", "1", "--json"]
    assert main(argv) == status
    document = json.loads(capsys.readouterr().out)
    assert document["verdict"] == verdict
    assert [one["verdict"] for one in document["assumptions"]][-1] == verdict
    assert document["looks"] == [40]


def test_the_worth_of_each_preparation_and_the_cheapest_set_are_in_text_and_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Declaring takes 10 to 50 min, or 5 min once it is practised; a list that it does not need adds 0."""
    path = Path(plan(tmp_path, "id: quick, to: declare.done, within: 6m, with: 80%"))
    path.write_text(
        path.read_text() + "preparations:\n"
        "  - { id: list, costs: 1h, people: [{ role: helpdesk, answers: 1m }] }\n"
        "  - { id: practice, costs: 2d, takes: { declare: 5m } }\n"
    )
    argv = ["check", str(path), "--runs", "24", "--jobs", "1", "--readiness"]
    assert main([*argv, "--json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)["readiness"]
    assert found["worth"] == {"list": 0.0, "practice": 1.0}
    assert found["enough"] == [["practice"]]
    assert main(argv) == 1
    told = capsys.readouterr().out.partition("Value of the preparations")[2]
    assert "quick: 0 % → 100 % with all of them; practice +100 points, list +0 points" in told


def test_a_family_of_promises_shares_the_error_also_in_each_combination(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """40 of 40 runs show 90 % with an error of 5 % (36 do), and not with 2.5 % for each of two (42 would)."""
    path = plan(tmp_path, SURE, "id: also, to: declare.done, within: 55m")
    text = Path(path).read_text().replace("set: { users: 20 }", "varies: { readiness: { users: [20] } }")
    Path(path).write_text(text)
    told = []
    for more in ([], ["--family"]):
        argv = ["check", path, "--runs", "40", "--jobs", "1", "--json", "--set", "outage=2h", *more]
        told.append((main(argv), json.loads(capsys.readouterr().out)))
    assert [status for status, _ in told] == [0, 3]
    levels = [one["level"] for _, document in told for one in document["assumptions"]]
    assert levels == [0.95, 0.95, 0.975, 0.975]
    verdicts = [[one["verdict"], *(cell["verdict"] for cell in one["cells"])] for _, one in told]
    assert verdicts == [["holds", "holds"], ["undecided", "undecided"]]


def test_mistakes_are_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = plan(tmp_path, SURE)
    for argv in (
        ["--runs", "0"],
        ["--jobs", "0"],
        ["--against", "none.yaml"],
        ["--seed", "0"],
        ["--html", str(tmp_path / "no-folder" / "x.html")],
        ["--junit", str(tmp_path)],
        ["--insecure"],
        ["--tls-ca", "ca.pem"],
        ["--readiness"],
    ):
        try:
            status = main(["check", path, *argv])
        except SystemExit as left:
            status = int(left.code or 0)
        assert status == 2, argv
        told = capsys.readouterr()
        assert argv[-1] in told.err.splitlines()[-1] or argv[0] in told.err.splitlines()[-1]
        assert told.out == "", "before any run"


def test_one_document_for_one_seed_and_another_for_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = plan(tmp_path, EVEN)
    documents = []
    for seed in ("1", "1", "2"):
        main(["check", path, "--runs", "20", "--jobs", "1", "--json", "--seed", seed])
        document = json.loads(capsys.readouterr().out)
        documents.append({key: value for key, value in document.items() if key not in ("wall_s", "cpu_s")})
    assert documents[0] == documents[1]
    assert documents[0]["digests"] != documents[2]["digests"]


def test_files_for_other_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = {option: tmp_path / f"out.{option}" for option in ("junit", "html", "csv", "markdown")}
    argv = [word for option, path in names.items() for word in (f"--{option}", str(path))]
    assert main(["check", plan(tmp_path, SURE, HOPELESS), "--runs", "40", "--jobs", "1", *argv]) == 1
    text = capsys.readouterr().out
    assert "FAILS      hopeless: Declared | at once" in text
    assert "within the promised 5 min in 0 of 40 runs" in text

    suite = ET.parse(names["junit"]).getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    assert [case.find("failure") is not None for case in suite.iter("testcase")] == [False, True]
    told = [case.findtext("system-out") or "" for case in suite.iter("testcase")]
    assert [one.partition(";")[0] for one in told] == [
        "sure\nwithin the promised 1 h in 40 of 40 runs",
        "Declared | at once\nwithin the promised 5 min in 0 of 40 runs",
    ]

    table = names["csv"].read_text().splitlines()
    assert len(table) == 41
    assert table[0].startswith("run,seed,sure_s,sure_kept,sure_why_not,hopeless_s,hopeless_kept,")

    assert "| Declared \\| at once | fails |" in names["markdown"].read_text()

    assert "<th>Promise</th>" in names["html"].read_text()
    page = Page()
    page.feed(names["html"].read_text())
    assert page.asked == []
    assert {"svg", "table", "h2"} <= page.tags
    assert not {"script", "link", "img", "iframe"} & page.tags


def test_each_junit_case_has_the_sentence_of_its_promise_and_its_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Read by a parser that shares nothing with the writer."""
    says = {
        "sure": 'Declared "in time" & <at once>, \N{GRINNING FACE}',
        "late": "Declared within five minutes",
        "close": "Declared within half an hour",
        "unneeded": "Declared before the outage",
    }
    limits = {"sure": "1h", "late": "5m", "close": "30m, with: 50%", "unneeded": "1h, unless: [outage.start]"}
    quoted = {id_: json.dumps(sentence, ensure_ascii=False) for id_, sentence in says.items()}
    rows = [f"id: {id_}, says: {quoted[id_]}, to: declare.done, within: {limits[id_]}" for id_ in says]
    out = tmp_path / "out.xml"
    main(["check", plan(tmp_path, *rows), "--runs", "40", "--jobs", "1", "--junit", str(out)])
    document = minidom.parse(str(out))
    (suite,) = document.getElementsByTagName("testsuite")
    counts = [suite.getAttribute(name) for name in ("tests", "failures", "errors", "skipped")]
    assert counts == ["4", "1", "2", "0"]
    cases = {case.getAttribute("name"): case for case in document.getElementsByTagName("testcase")}
    assert list(cases) == list(says)
    tags = {"sure": "", "late": "failure", "close": "error", "unneeded": "error"}
    results = {
        "sure": "within the promised 1 h in 40 of 40 runs; 100 % (",
        "late": "within the promised 5 min in 0 of 40 runs; 0 % (",
        "close": "undecided after 40 runs; within the promised 30 min in ",
        "unneeded": "never applied: 40 runs reached outage.start before the limit",
    }
    for id_, case in cases.items():
        (output,) = case.getElementsByTagName("system-out")
        sentence, _, result = output.firstChild.data.partition("\n")  # type: ignore[union-attr]
        assert sentence == says[id_]
        assert result.startswith(results[id_])
        found = [one for tag in ("failure", "error") for one in case.getElementsByTagName(tag)]
        assert [one.tagName for one in found] == [tags[id_]] * bool(tags[id_])
        assert [one.getAttribute("message") for one in found] == [f"{says[id_]}: {result}"] * len(found)
    assert "0 of 0 runs" not in capsys.readouterr().out + out.read_text(encoding="utf-8")


class Page(HTMLParser):
    """Collects the tags of a page, and everything that a browser would ask for."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.asked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.asked += [
            f"{tag} {name}"
            for name, value in attrs
            if name in ("src", "srcset") or (name == "href" and not (value or "").startswith("#"))
        ]


def test_two_versions_are_compared_on_the_same_seeds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "old").mkdir()
    old = plan(tmp_path / "old", EVEN)
    new = Path(plan(tmp_path, EVEN))
    new.write_text(new.read_text().replace("10m..50m", "10m..40m"))
    argv = ["check", str(new), "--runs", "40", "--jobs", "1", "--json", "--against", old]
    assert main(argv) in (0, 3)
    (found,) = json.loads(capsys.readouterr().out)["against"]
    assert found["name"] == "even"
    assert found["after"] > found["before"]
    assert found["worse"] == 0, "each run of the new plan is the faster one of its pair"


def test_plans_of_two_outages_are_compared_with_a_note(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "old").mkdir()
    old = Path(plan(tmp_path / "old", EVEN))
    old.write_text(old.read_text().replace("scenario: exchange-down", "scenario: m365-offline"))
    main(["check", plan(tmp_path, EVEN), "--runs", "2", "--jobs", "1", "--against", str(old)])
    assert f"note: {old} is for m365-offline, not exchange-down; the" in capsys.readouterr().err
    main(["check", plan(tmp_path, EVEN), "--runs", "2", "--jobs", "1", "--against", plan(tmp_path, EVEN)])
    assert "is for" not in capsys.readouterr().err


def test_what_if_a_step_always_took_its_planned_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = plan(tmp_path, "id: late, to: declare.done, within: 35m, with: 90%")
    main(["check", path, "--runs", "40", "--jobs", "1", "--what-if", "--json"])
    (promise,) = json.loads(capsys.readouterr().out)["assumptions"]
    assert promise["drivers"][0]["name"] == "declare.takes"
    (held,) = promise["paired"]
    assert (held["name"], held["after"]) == ("declare.takes", 1.0)


def test_what_if_with_few_runs_says_why_there_is_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = plan(tmp_path, "id: late, to: declare.done, within: 35m, with: 90%")
    main(["check", path, "--runs", "8", "--jobs", "1", "--what-if"])
    told = capsys.readouterr().out.partition("late: with one duration always at its planned time\n")[2]
    assert told.strip() == "not run: 8 runs are too few to tell drivers from chance; check at least 30"


def test_an_interrupted_check_prints_the_last_complete_look(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.study import workers

    real = workers.run_of

    def until_60(study: workers.Study, number: int) -> workers.PlanRun:
        if number == 60:
            raise KeyboardInterrupt
        return real(study, number)

    monkeypatch.setattr(workers, "run_of", until_60)
    assert main(["check", plan(tmp_path, EVEN), "--runs", "100", "--jobs", "1", "--json"]) == 130
    document = json.loads(capsys.readouterr().out)
    assert (document["runs"], document["looks"]) == (50, [50])


def test_an_interrupted_pool_prints_the_last_complete_look_and_leaves_no_process(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted among the runs of the second look, while two workers are busy."""
    done = 0

    def told(_self: RunProgress, count: int) -> None:
        nonlocal done
        done += count
        if done > 56:
            raise KeyboardInterrupt

    monkeypatch.setattr(RunProgress, "told", told)
    assert main(["check", plan(tmp_path, EVEN), "--runs", "400", "--jobs", "2", "--json"]) == 130
    document = json.loads(capsys.readouterr().out)
    assert (document["runs"], document["looks"]) == (50, [50])
    for (
        process
    ) in active_children():  # the pool's thread waits for it as well, and may be the one that is told
        assert wait([process.sentinel], 10), "it is still alive"


def test_interrupted_before_the_first_look_there_is_no_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.study import workers

    def at_once(_study: workers.Study, _number: int) -> workers.PlanRun:
        raise KeyboardInterrupt

    monkeypatch.setattr(workers, "run_of", at_once)
    assert main(["check", plan(tmp_path, EVEN), "--runs", "100", "--jobs", "1"]) == 130
    told = capsys.readouterr()
    assert (told.out, told.err) == (
        "",
        "mxdrill: note: interrupted before the first 50 runs: no result yet\n",
    )


def test_the_command_that_is_printed_opens_that_very_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the check's seed and settings: another seed has other runs of the same numbers."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "a plan"
    folder.mkdir()
    late = plan(folder, "id: late, to: declare.done, within: 12m")
    path = Path(late)
    path.write_text(path.read_text().replace("set: { users: 20 }\n", ""))
    options = ["--seed", "2", "--set", "users=30"]
    main(["check", late, "--runs", "20", "--jobs", "1", "--csv", str(tmp_path / "runs.csv"), *options])
    (line,) = [one for one in capsys.readouterr().out.splitlines() if "to open it: " in one]
    command = shlex.split(line.partition("to open it: ")[2])
    assert command[:3] == ["mxdrill", "play", "--run"]
    assert command[4:] == options
    number = int(command[3].rpartition("#")[2])
    row = list(csv.DictReader((tmp_path / "runs.csv").read_text().splitlines()))[number - 1]
    assert main([*command[1:], "--journal", str(tmp_path / "opened.jsonl")]) == 0
    assert f"(seed {1_000_000 + number})" in capsys.readouterr().out
    assert main(["debrief", *command[2:], "--json"]) == 0
    debrief = json.loads(capsys.readouterr().out)
    assert debrief["seed"] == int(row["seed"]) == 1_000_000 + number
    opened = Session.replay(tmp_path / "opened.jsonl")
    assert opened.digest() == debrief["digest"]
    notes = [event.t_ms for event in opened.drill.events if event.ref.startswith("note declare")]
    since_ms = notes[0] - opened.scenario.outage_start_ms
    assert since_ms <= float(row["declare.done_s"]) * 1000 <= notes[-1] - opened.scenario.outage_start_ms


def test_the_debrief_of_a_run_saves_no_drill_and_its_files_save_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    asked = ["debrief", "--run", f"{plan(tmp_path, SURE)}#3"]
    assert main(asked) == main([*asked, "--json"]) == main(["play", *asked[1:]]) == 0
    (tmp_path / "file").write_text("mine")
    assert main([*asked, "-o", str(tmp_path / "file")]) == 2
    assert "file exists; name a folder to write to" in capsys.readouterr().err
    assert kept_drills() == []
    for _ in range(2):
        assert main([*asked, "-o", str(tmp_path / "papers")]) == 0
    (saved,) = kept_drills()
    assert capsys.readouterr().err.count(f"note: run 3 is saved as {saved.stem}, because") == 1
    assert main([*asked, "--form"]) == 0
    assert f"mxdrill debrief {saved.stem} -o FOLDER" in capsys.readouterr().out
    session = Session.resume(saved)
    session.dispatch("note it goes on")
    session.advance(session.now_ms + HOUR_MS)
    session.close()
    assert main([*asked, "-o", str(tmp_path / "papers")]) == 0
    assert len(kept_drills()) == 2, "the drill that was continued is not the run of the check"
    opened = go_on(saved, run="3")
    opened.close()
    assert opened.greeting.startswith("This is the end of run 3 of the check.")


def test_a_run_in_place_of_a_drill_is_told_its_option(capsys: pytest.CaptureFixture[str]) -> None:
    for run in ("m365-offline#1", "./mine.yaml#1"):
        assert main(["debrief", run]) == 2
        assert capsys.readouterr().err.endswith(f"; for a run of a plan: mxdrill debrief --run {run}\n")


def test_a_run_and_a_saved_drill_are_not_debriefed_together(capsys: pytest.CaptureFixture[str]) -> None:
    for argv in (["one", "--run", "m365-offline#1"], ["one", "--seed", "2"], ["--run", "m365-offline"]):
        assert main(["debrief", *argv]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_findings_of_lint_are_noted_and_a_figure_can_be_promised(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = """\
people: [{ role: lead }]
steps: [{ id: look, owner: lead, takes: 10m..50m, manual: Look }]
assumptions: [{ id: none-lost, figure: bounced, at most: 0 }]
"""
    path = written(tmp_path, text, until="3h")
    assert main(["check", str(path), "--runs", "6", "--jobs", "1", "--json"]) == 3
    told = capsys.readouterr()
    assert "tried.yaml:7:1: no step declares the incident" in told.err
    (promise,) = json.loads(told.out)["assumptions"]
    assert (promise["figure"], promise["target"], promise["observed"]["p95"]) == ("bounced", 0, 0)


def test_a_long_time_keeps_its_milliseconds_in_the_table(tmp_path: Path) -> None:
    text = """\
people: [{ role: lead }]
steps: [{ id: declare, owner: lead, takes: 1d3h17m36s789ms, manual: Declare }]
assumptions: [{ id: late, to: declare.done, within: 2d }]
"""
    out = tmp_path / "out.csv"
    path = written(tmp_path, text, until="2d")
    main(["check", str(path), "--runs", "1", "--jobs", "1", "--csv", str(out)])
    (row,) = csv.DictReader(out.read_text(encoding="utf-8").splitlines())
    assert (row["late_s"], row["declare.done_s"]) == ("98256", "98256.79"), "a promise counts whole seconds"
    assert float(row["declare.done_s"]) == pytest.approx(98_256.789, abs=0.002)


@pytest.mark.parametrize("number", ["100001", "9" * 5_000])
def test_a_run_beyond_the_largest_check_is_refused(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", "--run", f"gateway-down#{number}"]) == 2
    assert "a check has at most 100,000 runs" in capsys.readouterr().err


def test_a_result_replaces_neither_the_plan_nor_another_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = plan(tmp_path, SURE)
    one = str(tmp_path / "one")
    for options, told in (
        (["--html", str(path)], f"--html {path}: is the plan; name another file"),
        (["--csv", one, "--html", one], f"--html {one}: is the file of --csv; name another file"),
    ):
        assert main(["check", str(path), "--runs", "1", "--jobs", "1", *options]) == 2
        assert capsys.readouterr().err == f"mxdrill: {told}\n"
    both = ["--csv", "/dev/null", "--html", "/dev/null"] if Path("/dev/null").exists() else []
    assert main(["check", str(path), "--runs", "1", "--jobs", "1", *both]) == 3
