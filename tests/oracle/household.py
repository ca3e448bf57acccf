"""A world whose users' own mail is watched on its way out of every place."""

from functools import partial
from typing import Any

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.accounts.duplicates import Habits
from sim.mail.message.rows import BOUNCED
from sim.mail.message.traffic import Messages
from sim.mail.senders.arrivals import REJECTED, Arrivals
from sim.mail.users.announcements import UpdateChannel
from sim.mail.users.continuity_access import AccessGroup, AppShare
from sim.mail.users.users import Users
from tests.oracle.house import WAYS_OUT, Leaving, Posts
from tests.oracle.path import Change, Plan
from tests.oracle.watched import USERS, Watched

APPS = (
    AppShare(40, 3 * MINUTE_MS, True),
    AppShare(30, None, True, asks_directory=True),
    AppShare(20, None, False, falls_back_to=1),
    AppShare(10, 8 * MINUTE_MS, False, asks_directory=True),
)
GROUPS = (AccessGroup(60, frozenset({0, 1})), AccessGroup(40, frozenset({0, 2, 3})))
CLOUD_PERCENT = 50
SESSION_MS = (40 * MINUTE_MS, HOUR_MS, 5 * HOUR_MS)
SMS = UpdateChannel(80, (0, 5 * MINUTE_MS, HOUR_MS), needs_mail=False, same_people="number")
EMAIL = UpdateChannel(100, (MINUTE_MS, 20 * MINUTE_MS), needs_mail=True)
EVERYBODY = frozenset(range(USERS))
NOBODY: frozenset[int] = frozenset()
SOME = frozenset({0, 3, 4, 7, 8, 11})
OWN_MAIL = (240, 300)
HABITS = Habits(900, 300, (0, 20 * MINUTE_MS, 2 * HOUR_MS, 12 * HOUR_MS), 600, 100)


class Household(Watched):
    """A world that notes how its users' own mail leaves each place as well."""

    own_mail = OWN_MAIL
    habits = HABITS

    def everybody(self) -> Users:
        self.posted = Posts()
        self.queue_left: dict[int, Leaving] = {}
        return Users(self.plan.seed, USERS, APPS, 0, (0, 0), GROUPS, CLOUD_PERCENT, session_ms=SESSION_MS)

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        for outbox in self.writers.clients.outboxes.values():
            outbox.put, outbox.leave = partial(self.put, outbox.put), partial(self.leaves, outbox.leave)  # type: ignore[method-assign]
        self.writers._left_server = partial(self.left_server, self.writers._left_server)  # type: ignore[method-assign]
        self.queue_begun_ms = plan.until_ms

    def put(self, put: Any, mail: Messages) -> None:
        self.posted.were_in_outbox |= set(mail.id.tolist())
        put(mail)

    def leaves(self, leave: Any, to_ms: int) -> tuple[Messages, I64]:
        mail, sent_ms = leave(to_ms)
        for identity, at_ms in zip(mail.id.tolist(), sent_ms.tolist(), strict=True):
            assert self.posted.by_program_ms.setdefault(identity, at_ms) == at_ms, "it leaves once"
        return mail, sent_ms

    def left_server(self, left_server: Any, gone: Arrivals) -> I64:
        for row, identity in enumerate(gone.id.tolist()):
            what = WAYS_OUT[gone.host[row]] if gone.host[row] >= 0 else "bounced"
            if what == "bounced" and gone.cause[row] in REJECTED:
                what = "rejected"
            numbers = int(gone.time_ms[row]), int(gone.tries[row]), int(gone.put_off[row])
            assert identity not in self.queue_left, "it leaves once"
            self.queue_left[identity] = (what, *numbers)
        sent_ms: I64 = left_server(gone)
        return sent_ms

    def happens(self, change: Change) -> None:
        now_ms, what = self.now_ms, change.what
        match change.word:
            case "lost":
                self.reach(mask(what))
            case "apps":
                self.apps_reach(what)
            case "event" | "end event" | "tell" | "permit" | "directory" | "cloud":
                self.people_change(change.word, what)
                self.users_changed()
            case "way out":
                self.gateway_door.outbound_becomes(*what)
            case "connector":
                self.connect(what[0], now_ms + what[1])
            case "keeps":
                self.gateway_door.holds(tuple(self.inbound.held.hosts), outbound=what)
            case "outside" | "out pauses" | "out retry" | "out bounced" | "out extend":
                self.outgoing_change(change.word, what)
            case "holds":
                self.gateway_door.holds(what, outbound=self.writers.held.holding)
            case _:
                super().happens(change)
        if self.inbound.hop is not None:
            self.begun_ms = min(self.begun_ms, now_ms)
        if self.writers.outbound.hop is not None:
            self.queue_begun_ms = min(self.queue_begun_ms, now_ms)

    def outgoing_change(self, word: str, what: Any) -> None:
        outgoing = self.writers.outgoing
        queue = outgoing.queue
        match word:
            case "outside":
                outgoing.receivers_meet(what)
            case "out pauses" if what != queue.paused:
                outgoing.pause() if what else outgoing.resume()
            case "out retry" if outgoing.modelled and not queue.paused:
                outgoing.retry()
            case "out bounced" if outgoing.modelled:
                outgoing.remove(BOUNCED)
            case "out extend":
                outgoing.extend(queue.slots.limit_ms + what, covers_queued=self.plan.covers_queued)

    def people_change(self, word: str, what: Any) -> None:
        now_ms, users = self.now_ms, self.users
        match word:
            case "event":
                start_ms = now_ms + what[0]
                users.start_event(now_ms, start_ms + what[1], start_ms, mask(what[2]))
            case "end event" if users.membership.events:
                users.end_event(now_ms)
            case "tell":
                users.tell(now_ms, what[0], who=mask(what[1]), advises=what[2])
            case "permit":
                users.membership.ways.permit(what[0], what[1], now_ms + what[2])
            case "directory" if what:
                users.membership.ways.directory_back(now_ms)
            case "directory":
                users.membership.ways.directory_lost(now_ms)
            case "cloud":
                users.membership.ways.take_cloud_passwords(now_ms + what)
        users.ways_changed(now_ms)

    def own(self) -> tuple[dict[int, int], dict[int, Leaving]]:
        """What is in Outboxes at the end, and how mail left the server's queue or waits in it."""
        inside: dict[int, int] = {}
        for outbox in self.writers.clients.outboxes.values():
            mail, due_ms = outbox.live()
            inside |= dict(zip(mail.id.tolist(), due_ms.tolist(), strict=True))
        if (hop := self.writers.outbound.hop) is not None:
            still = hop.live()
            for row, identity in enumerate(still.id.tolist()):
                self.queue_left[identity] = ("waiting", None, int(still.tries[row]), int(still.put_off[row]))
        return inside, self.queue_left


class Busy(Household):
    """The same with much more to write."""

    own_mail = (1_200, 1_000)


class Online(Household):
    """The same at a tenant, whose queue has other rules."""

    server_platform = "exchange-online"


def mask(who: frozenset[int]) -> Any:
    return np.isin(np.arange(USERS), sorted(who))
