"""Makes the stored checks of the shipped plans, whose figures the pages of the outages quote.

    python -m tests.golden.make_checks

Make them again if a change is meant to change what happens in a run of a plan, or in its statistics (a
minute). Then correct the pages: `tests/architecture/test_verdicts_in_docs.py` names each figure on them that
is no longer in the stored check.
"""

import json
from pathlib import Path
from typing import Any

from sim.drill.session.load_plan import load_plan
from sim.study.check import check
from sim.study.documents.check_json import check_document
from sim.study.one_run import Study
from sim.study.workers import Workers

FOLDER = Path(__file__).parent / "checks"
RUNS = {"exchange-down": 200, "gateway-down": 800, "m365-offline": 800}
"""By plan, the maximum number of runs, as its page states it; 800 unless the page names `--runs`."""
JOBS = 2
TIMES = ("wall_s", "cpu_s")


def made(name: str) -> dict[str, Any]:
    """The document of `mxdrill check NAME --runs N --json`, without the time that it took."""
    with Workers(JOBS) as play:
        document = check_document(check(Study(load_plan(name), 1), play, RUNS[name]), 0.0, 0.0)
    return {key: value for key, value in document.items() if key not in TIMES}


def stored(name: str) -> dict[str, Any]:
    """The stored document of that plan; `coverage`: the counts of `tests/drills/test_plan_coverage.py`."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    for plan in RUNS:
        text = json.dumps(made(plan), indent=1, ensure_ascii=False)
        (FOLDER / f"{plan}.json").write_text(text + "\n", encoding="utf-8")
        print(f"{plan}: {stored(plan)['runs']} runs, {stored(plan)['verdict']}")
