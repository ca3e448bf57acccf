"""Words of the console that do not speak for themselves are explained where one looks for them."""

from sim.drill.commands.dns.probe_mx import ProbeMx
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from tui.painting.pace import Pace
from tui.screens.help import READING
from tui.widgets.frame.header import clock


def test_what_a_drill_that_lags_shows_is_under_help() -> None:
    pace = Pace(900, paused=False, lags=True, reached=158)
    (told,) = [does for key, does in READING if key == clock(pace, 20)]
    assert f"`{clock(pace, 10)}`" in told


def test_help_says_which_host_a_report_means() -> None:
    drill = Session(load_scenario("gateway-down", {"users": "40"}), 3, None).drill
    told = [name.partition(".")[0] for name in drill.dns.names(("gateway-1", "gateway-2"))]
    assert told == ["mx-a", "mx-b"]
    assert f"{' and '.join(told)} in reports" in str(ProbeMx.__dataclass_fields__["host"].metadata)
