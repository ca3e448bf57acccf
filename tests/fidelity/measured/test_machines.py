"""The engine's machines in the worlds of the recorded runs of real servers: what they do there is what the
oracle does, which the other tests here compare with the real servers; and it explains the runs as well.
"""

from typing import Any

import pytest

from tests.fidelity.measured.recorded import RUNS, always, compare, explained
from tests.fidelity.measured.test_deviations import SEVERAL, circumstances
from tests.fidelity.measured.test_dns_down import DOWN, NO_HOST, UNBOUND_BACK_MS, unresolved
from tests.oracle.destination import Resolver, Timeline
from tests.oracle.played import differences, play
from tests.oracle.senders import History


def machine_says(name: str, given: dict[str, Any]) -> tuple[History, History]:
    """The oracle's history of a run, and the machine's in the same world, looked ahead from in between."""
    run, history = explained(name, **given)
    seen = given.get("as_seen", False) and run.period_ms > 0
    world = run.world(given["resolver"](run), None, given.get("service_ms", 0), as_seen=seen)
    middle_ms = run.back_ms if run.run["modes"] else world.arrivals_ms[-1]
    cuts_ms = [middle_ms - 1, middle_ms + 5_000, middle_ms + 30_000]
    return history, play(world, cuts_ms, ahead_ms=60_000)


@pytest.mark.parametrize("name", SEVERAL)
def test_recovery_drain_two_mx_mx_change_and_flapping(name: str) -> None:
    history, machine = machine_says(name, circumstances(name))
    run, _ = explained(name, **circumstances(name))
    assert differences(history, machine) == []
    assert compare(run, machine) == compare(run, history)
    assert compare(run, machine).fates_agree or name == "e1-opensmtpd-real-down"  # stopped before the end


@pytest.mark.parametrize("name", [name for name in SEVERAL if name.startswith("e3-")])
@pytest.mark.parametrize("as_seen", [False, True], ids=["regular scans", "scans as they came"])
def test_ten_waiting_messages_on_either_grid(name: str, as_seen: bool) -> None:
    history, machine = machine_says(name, {"resolver": always("mx1"), "as_seen": as_seen})
    assert len(history.messages) >= 10
    assert differences(history, machine) == []


@pytest.mark.parametrize("late_ms", range(*UNBOUND_BACK_MS, 1000))
def test_a_resolver_that_gets_no_answers(late_ms: int) -> None:
    history, machine = machine_says(DOWN, {"resolver": unresolved(late_ms)})
    assert {message.fate for message in history.messages} == {"delivered"}
    assert differences(history, machine) == []


@pytest.mark.parametrize("name", sorted(path.stem for path in RUNS.glob("e9-*.json")))
def test_a_name_without_hosts(name: str) -> None:
    why = NO_HOST[name.rsplit("-", 1)[1]]
    no_host = Resolver(Timeline(((0, why),)))
    history, machine = machine_says(name, {"resolver": lambda _: no_host})
    assert not any(message.attempts for message in machine.messages)
    assert differences(history, machine) == []
