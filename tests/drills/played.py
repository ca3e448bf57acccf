"""Shipped scenarios with few users, played to their end: well, badly, not at all."""

from dataclasses import dataclass
from functools import cache, cached_property

from sim.drill.commands.grammar import parse
from sim.drill.scenario.runbook import Runbook, load_runbook, reference_runbook
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.conductor import FOREVER_MS
from sim.kernel.duration import HOUR_MS, parse_duration
from sim.report.outcome import RunOutcome, outcome, verdicts
from tests.examples import TIMES
from tests.kept import kept
from tests.plays import check_conservation

SEEDS = range(1, 3) if TIMES == 1 else range(1, 11)
"""Of plays that must come out alike whatever is drawn: two in `make test`, ten in `make test-long`."""


@dataclass
class Played:
    """A drill that has stopped. A test must not change it: what is read of it once is kept."""

    session: Session

    @cached_property
    def outcome(self) -> RunOutcome:
        return outcome(self.session)

    @cached_property
    def objectives(self) -> dict[str, str]:
        """States by objective."""
        return {verdict.id: verdict.state for verdict in verdicts(self.session)}

    @property
    def milestones(self) -> dict[str, int]:
        return self.session.drill.milestones

    def said(self, kind: str) -> list[str]:
        """Texts of all events of a kind."""
        return [event.text for event in self.session.events() if event.kind == kind]


@cache
def scenario(name: str, users: int = 100, outage: str = "") -> Scenario:
    settings = {"users": str(users)} | ({"outage": outage} if outage else {})
    return load_scenario(name, settings)


def lasting(name: str, users: int, outage: str) -> Scenario:
    """The scenario with its faults so long, whatever its parameter allows: when a word is not kept, say."""
    given = scenario(name, users)
    faults = [fault.model_copy(update={"for_ms": parse_duration(outage)}) for fault in given.timeline]
    return given.model_copy(update={"timeline": tuple(faults)})


def steps(name: str, *given: tuple[str, str]) -> Runbook:
    """A runbook for the scenario `name`: (when, command)."""
    rows = [{"id": f"s{n}", "at": at, "do": do} for n, (at, do) in enumerate(given)]
    return Runbook.model_validate({"mxdrill": 1, "id": "r", "scenario": name, "steps": rows})


def without(book: Runbook, *ids: str) -> Runbook:
    """`book` without some of its steps, all of which it must have."""
    assert set(ids) <= {step.id for step in book.steps}
    return book.model_copy(update={"steps": tuple(step for step in book.steps if step.id not in ids)})


def run(one: Scenario, book: Runbook | None, seed: int = 1, hours: float | None = None) -> Played:
    """`hours`: stop so long after the onset (None: at the drill's end), for tests of a drill's beginning."""
    session = Session.start(one, seed)
    until_ms = FOREVER_MS if hours is None else one.outage_start_ms + int(hours * HOUR_MS)
    play(session, book, until_ms)
    check_conservation(session)
    assert session.complete or hours is not None
    return Played(session)


def shipped(name: str, runbook: str = "reference", users: int = 100, seed: int = 1) -> Played:
    """A shipped outage, played by its reference, by another shipped runbook, or by nobody: `none`.

    With a hundred users and seed 1 it is kept for every module of this process, else for this module. A test
    must not change it: `session.fork(at_ms)` gives it a drill of its own.
    """
    play_once = for_all_modules if (users, seed) == (100, 1) else for_one_module
    return play_once(name, runbook, users, seed)


def _shipped(name: str, runbook: str, users: int, seed: int) -> Played:
    match runbook:
        case "none":
            book = None
        case "reference":
            book = reference(name)
        case _:
            book = load_runbook(runbook, parse)
    return run(scenario(name, users), book, seed)


for_all_modules, for_one_module = cache(_shipped), kept(_shipped)


def waiting(name: str, seed: int = 1) -> Played:
    """Nobody does anything."""
    return shipped(name, "none", 100, seed)


def well(name: str, seed: int = 1) -> Played:
    """The reference runbook."""
    return shipped(name, "reference", 100, seed)


@cache
def reference(name: str) -> Runbook:
    book = reference_runbook(scenario(name), parse)
    assert book is not None
    return book
