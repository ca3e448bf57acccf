"""The bench still fits the product: `make bench` is not part of `make test`, so it would rot unseen."""

import pkgutil
from importlib import import_module

import pytest

import bench
from bench.engine import COMMANDS, command, commanded_ms, inbound_alone
from bench.engine import fates_of as engine_fates
from bench.plainest import fates_of as oracle_fates
from bench.plainest import played
from bench.where import STAGES, stages
from bench.world import SEED, scenario
from sim.drill.commands.outcome import Refused
from sim.drill.session.session import Session
from sim.kernel.duration import DAY_MS


@pytest.mark.parametrize("name", [one.name for one in pkgutil.iter_modules(bench.__path__)])
def test_every_module_can_be_imported(name: str) -> None:
    assert import_module(f"bench.{name}").__doc__


def test_every_stage_of_the_figure_of_costs_names_functions_that_exist() -> None:
    parts = [(owner, name) for parts in STAGES.values() for owner, name in parts]
    assert len(parts) > 10
    assert [
        f"{owner.__name__}.{name}" for owner, name in parts if not callable(getattr(owner, name, None))
    ] == []


def test_every_stage_of_the_figure_of_costs_takes_time() -> None:
    assert min(stages(20, "1h", DAY_MS).values()) > 0


def test_engine_and_oracle_agree_on_the_mail_that_they_are_measured_with() -> None:
    engine = engine_fates(inbound_alone(20, "1h", DAY_MS))
    assert engine.messages > 50
    assert engine == oracle_fates(played(20, "1h", DAY_MS))


def test_no_command_of_the_replayed_drill_is_refused() -> None:
    session = Session(scenario(20, "72h"), SEED, None)
    refused = []
    for number in range(COMMANDS):
        session.advance(commanded_ms(number))
        answer = session.dispatch(command(number))
        refused += [answer] if isinstance(answer, Refused) else []
    assert refused == []
