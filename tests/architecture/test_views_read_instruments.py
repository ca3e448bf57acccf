"""What a trainee sees is made of what instruments read: views never look at the world themselves."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VIEWS = sorted((ROOT / "sim/drill/views").glob("[a-z]*.py"))
SCREENS = sorted([*(ROOT / "tui/widgets").rglob("[a-z]*.py"), *(ROOT / "tui/screens").glob("[a-z]*.py")])

MAY_BE_ASKED = {
    "drill": {
        "now_ms", "ended", "clock", "local", "scenario", "last_seen", "alerting", "staff", "room",
        "continuity", "dns", "protection", "consoles",
    },
    "consoles": {"hung"},
    "scenario": {"starts_utc_ms", "zone", "neutral_title", "organisation", "rules"},
    "organisation": {"server", "correspondent_count", "users", "vendors", "behind_gateway"},
    "continuity": {"events", "started_by", "group_of", "in_force"},
    "protection": {"connector", "connected", "gates_now", "gates", "tried"},
    "dns": {
        "shown", "names", "route", "ttl_ms", "entered", "answers", "file", "policy", "policies", "ids",
        "arrivals",
    },
}  # fmt: skip
"""What people have done, written down and been told; and of the scenario, what stands in the briefing."""
SHOWS = {
    "drill.snapshot",
    "drill.room.events",
    "drill.commands.command",
    "drill.scoring.verdict",
    "report",
    "study.what_if.preview",
    "kernel",
}
"""What screens may know of the simulator."""


def looks_behind(source: str) -> list[str]:
    """Where a view asks for more than it may: `line: name.attribute`."""
    return [
        f"{node.lineno}: {owner}.{node.attr}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and (owner := _last_name(node.value)) in MAY_BE_ASKED
        and node.attr not in MAY_BE_ASKED[owner]
    ]


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def imported(source: str) -> set[str]:
    """Modules of `sim` that are imported, without `sim.`, but for types."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and _last_name(node.test) == "TYPE_CHECKING":
            node.body = []
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    return {str(node.module).removeprefix("sim.") for node in found if str(node.module).startswith("sim.")}


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: path.stem)
def test_a_view_asks_instruments_and_what_people_wrote_down(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert looks_behind(source) == []
    assert {module for module in imported(source) if module.startswith("mail")} <= {"mail.server.guard"}


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: path.stem)
def test_a_screen_knows_snapshots_and_events_only(path: Path) -> None:
    for module in imported(path.read_text(encoding="utf-8")):
        assert any(module == known or module.startswith(f"{known}.") for known in SHOWS), module


@pytest.mark.parametrize(
    "line",
    [
        "without_mail(drill.world.users, moment)",
        "drill.scenario.timeline[0].until_ms",
        "scenario.title",
        "drill.continuity.users_in()",
        "dns.world.zone",
        "protection.path(name)",
        "drill.milestones",
    ],
)
def test_a_view_that_looks_behind_is_found(line: str) -> None:
    assert looks_behind(f"def view(drill):\n    return {line}\n")


def test_a_screen_that_knows_the_world_is_found() -> None:
    assert imported("from sim.mail.world import World\n") == {"mail.world"}
