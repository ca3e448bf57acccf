"""Progress of runs: a line on a terminal, with the number of runs and the time left; elsewhere nothing."""

import io

import pytest

from tui.shell.checking import run_progress
from tui.shell.checking.run_progress import RunProgress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("terminal", [True, False])
def test_the_line_has_the_runs_and_the_time_left_and_is_removed(
    terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = Terminal() if terminal else io.StringIO()
    now_s = 100.0
    monkeypatch.setattr(run_progress.sys, "stderr", out)
    monkeypatch.setattr(run_progress, "perf_counter", lambda: now_s)
    progress = RunProgress()
    progress.expect(50)
    progress.expect(150)
    now_s = 100.5
    progress.told(4)
    assert out.getvalue() == "", "not in the first second"
    now_s = 110.0
    progress.told(16)
    now_s = 110.1
    progress.told(4)
    now_s = 130.0
    progress.told(76)
    progress.clear()
    lines = ["20 of at most 200 runs, 1 min 30 s left", "100 of at most 200 runs, 30 s left", ""]
    told = "".join(f"\r{line}\x1b[K" for line in lines)
    assert out.getvalue() == (told if terminal else "")
    progress.clear()
    assert out.getvalue() == (told if terminal else ""), "only once"
