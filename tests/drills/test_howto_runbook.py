"""The runbook of docs/howto/run-headless-and-in-ci.md has no findings, and all of it can be carried out."""

import re
import textwrap
from pathlib import Path

from sim.drill.commands.grammar import parse
from sim.drill.lint.lint import lint_file
from sim.drill.scenario.runbook import load_runbook
from sim.drill.session.load import load_scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session

PAGE = (Path(__file__).parents[2] / "docs/howto/run-headless-and-in-ci.md").read_text(encoding="utf-8")


def test_the_runbook_of_the_page_runs(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "mine.yaml"
    file.write_text(textwrap.dedent(block), encoding="utf-8")
    assert lint_file(str(file), parse) == []
    runbook = load_runbook(str(file), parse)
    session = Session(load_scenario(runbook.scenario, {"users": "50"}), 1, None)
    play(session, runbook)
    told = [event.kind for event in session.events()]
    assert [event.text for event in session.events() if event.kind in ("refused", "failed")] == []
    assert told.count("command") == len(runbook.steps)
