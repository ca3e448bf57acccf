"""The gateway's outbound queue in the plainest form: the queue of `gateway`, with the internet behind it.

Until something first concerns it, what the gateway takes is out at once.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import simpy

from tests.oracle.gateway import Gateway, Message
from tests.oracle.path import CONNECT_MS, Change, Plan

BEGINS = ("outside", "out pauses", "out extend")
AT_A_TIME = 1024


def begun(changes: Sequence[Change]) -> tuple[int, int]:
    """The moment, and the number of the change, from which on single messages are looked at."""
    found = [
        (change.at_ms, n) for n, change in enumerate(changes)
        if change.word in BEGINS and not (change.word == "out pauses" and not change.what)
    ]  # fmt: skip
    return min(found, default=(1 << 60, 0))


def passes_at_once(plan: Plan, came_ms: int, entered_ms: int) -> bool:
    """Whether what came at one moment and was let in at another met no queue yet."""
    begun_ms, number = begun(plan.changes)
    if entered_ms != begun_ms or came_ms == entered_ms:
        return entered_ms < begun_ms
    released = [
        n
        for n, one in enumerate(plan.changes)
        if one.word == "keeps" and one.at_ms == entered_ms and not one.what
    ]
    return min(released) < number


class Outgoing:
    """What happens to the queue, and what becomes of each message that enters it."""

    def __init__(self, plan: Plan, entered_ms: Mapping[int, int], with_whom: Mapping[int, int]) -> None:
        table = plan.table
        self.plan, self.env = plan, simpy.Environment()
        self.queue = Gateway(
            self.env, table.gaps_ms, table.limit_ms, plan.last_try, AT_A_TIME, 1, plan.most_attempts,
            CONNECT_MS, plan.covers_queued, *plan.counts, seed=plan.seed, name="receivers outside",
        )  # fmt: skip
        for n, change in enumerate(plan.changes):
            if change.word in ("dies", "revives") or (change.at_ms, n) >= begun(plan.changes):
                self.queue.at(change.at_ms, partial(self.happens, change.word, change.what))
        for identity, at_ms in sorted(entered_ms.items(), key=lambda one: (one[1], one[0])):
            self.queue.accept(Message(identity, at_ms, with_whom[identity]))

    def happens(self, word: str, what: Any) -> None:
        queue = self.queue
        match word:
            case "outside":
                queue.condition = what
                queue.tell("meet")
            case "out pauses" if what != queue.paused:
                queue.paused = what
                queue.wind_clock()
                queue.tell("pause" if what else "resume")
            case "out retry" if not queue.paused:
                queue.tell("retry")
            case "out bounced":
                queue.tell("bounced")
            case "out extend":
                queue.limit_ms += what
                if queue.most_attempts is not None:
                    ages = self.plan.table.offsets(queue.limit_ms + 1)
                    before_ms = queue.limit_ms - what
                    queue.most_attempts += sum(before_ms <= age < queue.limit_ms for age in ages)
                queue.tell("extend")
            case "dies" | "revives":
                queue.dead = word == "dies"
                queue.wind_clock()
                queue.tell("stop" if queue.dead else "start")

    def fates(self) -> dict[int, tuple[str, int | None, int]]:
        """How each message left or waits at the end, when, after how many attempts."""
        self.env.run(until=self.plan.until_ms)
        return {
            one.id: (one.place if one.left_ms is not None else "waiting", one.left_ms, one.attempts)
            for one in self.queue.messages
        }
