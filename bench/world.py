"""The outage that is measured: `bench/long-drill.yaml`, and its inbound mail alone."""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from sim.drill.scenario.build_world import world_spec
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.load import load_scenario
from sim.kernel.digest import Fingerprint
from sim.kernel.draws import I64
from sim.mail.message.traffic import INBOUND
from sim.mail.world_spec import WorldSpec

FILE = str(Path(__file__).with_name("long-drill.yaml"))
SEED = 1


@cache
def scenario(users: int, outage: str, **more: str) -> Scenario:
    """The benchmark's scenario with that number of users and that length of outage; `more`: its other
    parameters."""
    return load_scenario(FILE, {"users": str(users), "outage": outage, **more})


def inbound_spec(users: int, outage: str) -> WorldSpec:
    """Its world, with inbound mail only."""
    whole = world_spec(scenario(users, outage), SEED)
    return replace(
        whole, per_workday=(whole.per_workday[INBOUND], 0, 0), mailshots=(whole.mailshots[INBOUND], (), ())
    )


@dataclass(frozen=True, slots=True)
class Fates:
    """The results for inbound mail: totals, and a fingerprint of every message's fate."""

    messages: int
    delivered: int
    attempts: int
    fingerprint: str
    """Over (id, when it was delivered or -1, attempts), by id."""


def fates(rows: I64) -> Fates:
    """`rows`: id, moment of delivery or -1, attempts; one row for each message."""
    rows = rows[np.argsort(rows[:, 0])]
    record = Fingerprint("fates")
    record.rows(*rows.T)
    return Fates(len(rows), int((rows[:, 1] >= 0).sum()), int(rows[:, 2].sum()), record.hexdigest())
