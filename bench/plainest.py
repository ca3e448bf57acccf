"""`python -m bench.plainest`: the oracle, a process for each message, on the outage of `bench`.

Inbound mail only: no mail from users, no monitors, no people. Prints one JSON document.
"""

import argparse
import dataclasses
import json
import sys
import time

import numpy as np
import simpy

from bench.world import Fates, fates, inbound_spec, scenario
from sim.kernel.duration import DAY_MS, parse_duration
from sim.mail.message.traffic import INBOUND
from tests.oracle.gateway import Gateway, Message


def played(users: int, outage: str, until_ms: int) -> Gateway:
    """The oracle's gateway at `until_ms`, with the life of every message."""
    spec, fault = inbound_spec(users, outage), scenario(users, outage).timeline[0]
    gaps_ms = tuple(np.diff(spec.offsets(spec.limit_ms + until_ms)).tolist())
    env = simpy.Environment()
    receiver = spec.receiver
    gateway = Gateway(
        env, gaps_ms, spec.limit_ms, spec.last_try, receiver.connections, receiver.per_message_ms
    )
    gateway.change(fault.at_ms, "down")
    gateway.change(fault.until_ms, "up")
    mail = spec.stream(INBOUND)
    # one day's mail at a time, because each process takes some kilobytes
    for a_ms in range(0, until_ms, DAY_MS):
        b_ms = min(a_ms + DAY_MS, until_ms)
        some = mail.between(a_ms, b_ms)
        for identity, arrival_ms in zip(some.id.tolist(), some.arrival_ms.tolist(), strict=True):
            gateway.accept(Message(identity, arrival_ms))
        env.run(until=b_ms)
    return gateway


def fates_of(gateway: Gateway) -> Fates:
    """The fate of each message."""
    messages = gateway.messages
    rows = [(one.id, one.left_ms if one.place == "delivered" else -1, one.attempts) for one in messages]
    return fates(np.array(rows, dtype=np.int64))


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.plainest", description=__doc__)
    parser.add_argument("--users", type=int, default=1000)
    parser.add_argument("--outage", default="72h")
    parser.add_argument("--until", default="5d")
    asked = parser.parse_args()
    began_s = time.process_time()
    gateway = played(asked.users, asked.outage, parse_duration(asked.until))
    cpu_s = time.process_time() - began_s
    print(json.dumps({"cpu_s": cpu_s, **dataclasses.asdict(fates_of(gateway))}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
