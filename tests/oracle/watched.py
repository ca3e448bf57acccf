"""A world that is played by a plan and tells each message's way through it as the oracle tells it."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np

from sim.kernel.draws import I64
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.accounts.duplicates import Habits
from sim.mail.message.receiver_draws import Sharers
from sim.mail.message.rows import BOUNCED, DELIVERED, REJECTED, Gone
from sim.mail.message.traffic import INBOUND, REAL_MAIL
from sim.mail.message.weekly_curve import Week
from sim.mail.queue.failure_windows import FailureWindows
from sim.mail.routes.inbound import BackupSpec
from sim.mail.routes.zone import StsSpec, ZoneSpec
from sim.mail.senders.arrivals import Arrivals
from sim.mail.senders.timers.answers import CAUSES
from sim.mail.users.continuity_access import AppShare
from sim.mail.users.outbox import recipients
from sim.mail.users.users import Users
from sim.mail.world import World
from sim.mail.world_spec import FilterSpec, FullRules, WorldSpec
from tests.oracle import test_hop
from tests.oracle.house import RECONNECT_MS
from tests.oracle.path import BACKUP, GATEWAY, HOSTS, Change, Journeys, Leg, Mail, Plan, travel
from tests.oracle.test_gateway import HASTY, MONDAY_UTC_MS, NIGHT_OF_MONDAY
from tests.shipped import FILES

correspondents = cache(test_hop.correspondents)

FLAT = Week("UTC", (42,) * 16 + (41,) * 8, (100,) * 7)
KINDS = {BOUNCED: "bounced", DELIVERED: "delivered", REJECTED: "rejected"}
USERS = 12
BY_SENDER: tuple[Sharers, ...] = ("senders", "platforms")
NEVER_FULL = FullRules(1 << 40, 0, HOUR_MS, "")


def week_of(plan: Plan) -> Week:
    return NIGHT_OF_MONDAY if plan.in_an_hour else FLAT


def written(plan: Plan) -> list[tuple[int, int]]:
    """(id, time) of the mail that correspondents write, as the world makes it."""
    return list(_written(plan.seed, plan.volume, plan.in_an_hour, plan.until_ms))


@cache
def _written(seed: int, volume: int, in_an_hour: bool, until_ms: int) -> tuple[tuple[int, int], ...]:
    mail = Watched(Plan(seed, volume, in_an_hour, HASTY, until_ms)).inbound.to_gateway(0, until_ms)
    return tuple(zip(mail.id.tolist(), mail.arrival_ms.tolist(), strict=True))


class Watched(World):
    """A world that notes what becomes of each message, leg by leg."""

    own_mail: tuple[int, int] = (0, 0)
    """Messages a day that users write, to the outside and to each other."""
    server_platform = "exchange-server"
    habits = Habits()
    who = staticmethod(correspondents)
    ttl_ms = HOUR_MS
    """Of the MX record before anybody changes it."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.found, self.begun_ms = plan, Journeys(), plan.until_ms
        """`begun_ms`: from when on the sending hop is modelled."""
        self.never: set[int] = set()
        """What lists have kept from being sent."""
        spec = WorldSpec(
            FILES,
            plan.seed, MONDAY_UTC_MS, week_of(plan), (plan.volume, *self.own_mail), plan.table.offsets,
            plan.table.limit_ms, plan.last_try, plan.receiver, (1000,), (HOUR_MS,), RECONNECT_MS,
            plan.most_attempts,
            plan.pressure, self.who, self.server_platform, habits=self.habits,
            backup=BackupSpec(*plan.backup, *plan.greylist),
            zone=ZoneSpec(
                GATEWAY, self.ttl_ms, sts=StsSpec(("gmail", "exchange-online"), HOUR_MS) if plan.sts else None
            ),
            standing_counts=plan.counts, throttle=plan.throttle, mailboxes=plan.mailboxes,
            lists_every_ms=plan.lists_every_ms,
            filter=FilterSpec(plan.filter, NEVER_FULL) if plan.filter is not None else None,
        )  # fmt: skip
        super().__init__(spec, self.everybody(), FailureWindows(5 * MINUTE_MS, 0), lambda _out: None)
        pass_on = self.intake.submission.pass_on

        def noted(parts: Any, to_ms: int) -> Any:
            out, ends_ms = pass_on(parts, to_ms)
            for identity, end_ms in zip(out.id.tolist(), ends_ms.tolist(), strict=True):
                assert self.found.mailbox_ms.setdefault(identity, end_ms) == end_ms
            return out, ends_ms

        self.intake.submission.pass_on = noted  # type: ignore[method-assign]

    def everybody(self) -> Users:
        """The organisation's users."""
        return Users(self.plan.seed, USERS, [AppShare(100, None, False)], 0, (0, 0))

    def advance(self, to_ms: int) -> None:
        all_ids = set(self._stream.between(self.now_ms, to_ms).id.tolist())
        self.never |= all_ids - set(self.suppression.sent(self.now_ms, to_ms).id.tolist())
        super().advance(to_ms)

    def note(self, identity: int, leg: Leg) -> None:
        legs = self.found.legs.setdefault(identity, [])
        assert leg[0] not in [before[0] for before in legs], "a message leaves a place once"
        legs.append(leg)

    def _left_senders(self, come: Arrivals) -> None:
        for row in range(len(come)):
            what = HOSTS[come.host[row]] if come.host[row] >= 0 else "bounced"
            if what == "bounced" and CAUSES[come.cause[row]] in ("reject", "greeting_5xx"):
                what = "rejected"
            tried = int(come.tries[row]), int(come.put_off[row])
            self.note(int(come.id[row]), ("sender", what, int(come.time_ms[row]), *tried))
        super()._left_senders(come)

    def _leave(self, out: Gone, *, of_backup: bool = False, by_hand: bool = False) -> None:
        for row in range(len(out)):
            numbers = int(out.time_ms[row]), int(out.attempts[row])
            name = "relay" if of_backup else "gateway"
            self.note(int(out.id[row]), (name, KINDS[int(out.kind[row])], *numbers, 0))
        super()._leave(out, of_backup=of_backup, by_hand=by_hand)

    def journeys(self) -> Journeys:
        """What was noted, and where the rest waits."""
        if self.inbound.hop is not None:
            still = self.inbound.hop.live()
            for row, identity in enumerate(still.id.tolist()):
                tried = int(still.tries[row]), int(still.put_off[row])
                self.note(identity, ("sender", "waiting", None, *tried))
        for identity in [*self.inbound.held.ids.tolist(), *self.cloud.processing.ids.tolist()]:
            self.note(identity, ("held", "waiting", None, 0, 0))
        for name, queue in (("gateway", self.queue), ("relay", self.relay)):
            rows = queue.live()
            for identity, attempts in zip(rows.id.tolist(), rows.attempts.tolist(), strict=True):
                self.note(identity, (name, "waiting", None, attempts, 0))
        assert len(self.never) == self.ledger.suppressed
        for identity in self.never:
            self.note(identity, ("sender", "suppressed", None, 0, 0))
        straight = [one for one in written(self.plan) if one[1] < self.begun_ms]
        for identity, at_ms in straight:
            self.note(identity, ("sender", GATEWAY[0], at_ms, 1, 0))
        order = ("sender", "held", "gateway", "relay")
        for legs in self.found.legs.values():
            legs.sort(key=lambda leg: order.index(leg[0]))
        return self.found

    def happens(self, change: Change) -> None:
        match change.word:
            case "host":
                self.gateway_door.becomes(change.what[1], change.what[:1])
            case "holds":
                self.gateway_door.holds(change.what)
            case "mx":
                self.zone.publish(self.now_ms, change.what, 5 * MINUTE_MS)
                self.zone_changed()
            case "policy":
                self.zone.serve_policy(self.now_ms, HOSTS)
                self.zone.change_id(self.now_ms)
                self.zone_changed()
            case "greylist":
                self.backup_greylists(change.what * self.plan.greylist[0])
            case "letter":
                self.receive(change.what)
            case "oldest":
                self.cloud.retry(self.queue.between_attempts().in_arrival_order().id[: change.what])
            case "dies" | "revives":
                self.gateway_door.dies() if change.word == "dies" else self.gateway_door.revives()
            case "bounced" | "rejected":
                self.cloud.remove(BOUNCED if change.word == "bounced" else REJECTED)
            case "pause" | "resume" | "retry":
                getattr(self.cloud, change.word)()
            case _:
                todo: dict[str, Callable[[Any], None]] = {
                    "server": self.server_door.meets, "gates": self.server_door.change_gates,
                    "pace": self.server_door.change_pace, "limit": self.server_door.limit_deliveries,
                    "extend": partial(self.cloud.extend, covers_queued=self.plan.covers_queued),
                    "clear": lambda percent: self.suppression.clears(self.now_ms, percent),
                    "filter": lambda every_ms: self.cloud.filters(every_ms, dead=self.queue.stopped),
                }  # fmt: skip
                todo[change.word](change.what)
        self._has_begun()

    def polled(self, to_ms: int) -> None:
        """Everything in [now, to): the server polls, as a conductor would see to."""
        watchers = [
            one
            for one in (self.intake.pressure, *self.server_door.watchers, self.suppression)
            if one is not None
        ]
        while True:
            seen = [(at_ms, n) for n, one in enumerate(watchers)
                    if (at_ms := one.first_crossing(self.now_ms, to_ms)) is not None]  # fmt: skip
            if not seen:
                break
            at_ms, first = min(seen)
            if at_ms > self.now_ms:
                self.advance(at_ms)
            watchers[first].cross(at_ms)
            self._has_begun()
        self.advance(to_ms)

    def _has_begun(self) -> None:
        if self.inbound.hop is not None:
            self.begun_ms = min(self.begun_ms, self.now_ms)


def played(plan: Plan, kind: type[Watched] = Watched) -> Watched:
    """The world at the end of `plan`."""
    world = kind(plan)
    for turn, at_ms in enumerate(sorted({*plan.cuts_ms, *(c.at_ms for c in plan.changes), plan.until_ms})):
        if at_ms > world.now_ms:
            if plan.ahead_ms:
                ahead_ms = min(plan.until_ms, world.now_ms + plan.ahead_ms[turn % len(plan.ahead_ms)])
                world.queue.look_ahead(ahead_ms)
                world.emptied_of(world.now_ms, ahead_ms)
            world.polled(at_ms)
        for change in plan.changes:
            if change.at_ms == at_ms:
                world.happens(change)
    return world


def mail_of(plan: Plan, world: Watched) -> Mail:
    """The same mail for the oracle; what resolvers say is the zone's."""
    who, mail = world.who(), written(plan)
    ids: I64 = np.array([identity for identity, _ in mail], dtype=np.int64)
    senders = dict(zip(ids.tolist(), who.of(ids).tolist(), strict=True))
    mail += [(REAL_MAIL + change.what, change.at_ms) for change in plan.changes if change.word == "letter"]
    everything: I64 = np.array([identity for identity, _ in mail], dtype=np.int64)
    users = recipients(plan.seed, everything, USERS).tolist()
    versions: list[tuple[Any, I64]] = [(GATEWAY, np.zeros(len(who), dtype=np.int64))]
    if any(change.word in ("mx", "policy") for change in plan.changes):
        versions = world.zone.versions()
    spells = [
        sorted(((max(0, int(from_ms[n])), found) for found, from_ms in versions), key=lambda spell: spell[0])
        for n in range(len(who))
    ]
    groups = {
        of: dict(zip(everything.tolist(), who.groups(everything, of).tolist(), strict=True))
        for of in BY_SENDER
    }
    return Mail(
        mail, dict(zip(everything.tolist(), users, strict=True)), senders, who, spells, groups, world.begun_ms
    )


def agree(plan: Plan, kind: type[Watched] = Watched) -> Journeys:
    """Both answers, compared to the millisecond; returns the oracle's."""
    world = played(plan, kind)
    mail = mail_of(plan, world)
    expected, found = travel(plan, mail), world.journeys()
    assert found.legs.keys() == expected.legs.keys()
    differ = {one: (legs, found.legs[one]) for one, legs in expected.legs.items() if found.legs[one] != legs}
    lines = [f"{one}: {ours} by the oracle, {theirs}" for one, (ours, theirs) in list(differ.items())[:8]]
    assert not differ, "\n".join(lines)
    assert found.mailbox_ms == expected.mailbox_ms
    legs = [leg for journey in expected.legs.values() for leg in journey]
    passed_on = sum(leg[:2] in [("sender", host) for host in (*GATEWAY, BACKUP)] for leg in legs)
    assert world.attempts()["inbound"] == sum(leg[3] for leg in legs) - passed_on, "each hop's own attempts"
    assert world.deferrals()["inbound"] == sum(leg[4] for leg in legs)
    written_ms = dict(mail.written)
    delays_ms = sorted(at_ms - written_ms[one] for one, at_ms in expected.mailbox_ms.items())
    for percent in (1, 25, 50, 75, 95, 99, 100):
        rank = -(-percent * len(delays_ms) // 100)
        told = delays_ms[rank - 1] if delays_ms else None
        assert world.ledger.delay_ms(INBOUND, percent) == told, "from the writer to the mailbox"
    return expected
