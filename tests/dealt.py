"""Which worker gets which test files, in `make test`: whole files, in the order of the tree, with two rules.

Files that read the same shipped drills go to one worker, which plays each drill once. Files whose tests wait,
for a clock, a screen or a program, go to one worker at a time: the others compute in the meantime, so that no
processor is idle while two of them wait.
"""

from functools import cache
from pathlib import Path

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

ROOT = Path(__file__).parents[1]
SHARED = "tests/drills/played.py"
"""The name of all files that read the same shipped drills."""
WAITING = ("tests/live/", "tests/tui/", "tests/unit/tui/table/facilitator/test_app.py")
"""Files of tests that wait, by the beginning of their path."""


class ByWaiting(LoadFileScheduling):
    """Deals out files by the rules of this module."""

    def _split_scope(self, nodeid: str) -> str:
        name = super()._split_scope(nodeid)
        return SHARED if reads_shared_drills(name) else name

    def _assign_work_unit(self, node: WorkerController) -> None:
        others = (work.items() for one, work in self.assigned_work.items() if one is not node)
        another_waits = any(waits(name) and not all(of.values()) for work in others for name, of in work)
        chosen = next((name for name in self.workqueue if waits(name) != another_waits), None)
        if chosen is not None:
            self.workqueue.move_to_end(chosen, last=False)
        super()._assign_work_unit(node)


def waits(name: str) -> bool:
    """True for a file whose tests wait for something else than a processor."""
    return name.startswith(WAITING)


@cache
def reads_shared_drills(name: str) -> bool:
    """True for a file that imports one of the functions that play a shipped drill for all."""
    text = (ROOT / name).read_text(encoding="utf-8")
    imported = text.partition("from tests.drills.played import ")[2].partition("\n")[0]
    return bool({"shipped", "waiting", "well"} & set(imported.split(", ")))
