"""The whole way of inbound mail in the plainest form: the plain models of its parts, one behind the other.

Senders hand mail to the gateway's hosts, to the backup or to the mail server itself; the gateway's hosts
may accept it and hold it; the gateway's queue and the backup's bring it to the server, which works it off.
No part knows what comes after it, but for back pressure, which the queues feel. Times are milliseconds.
"""

import heapq
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import simpy

from sim.kernel.draws import below, mix
from sim.kernel.duration import SECOND_MS
from sim.mail.queue.receiver import Receiver
from sim.mail.queue.receiver_condition import UP, Condition
from sim.mail.senders.hosts.correspondents import CorrespondentTable
from sim.mail.senders.hosts.host import Behaviour
from sim.mail.server.guard import Gates
from sim.mail.server.mailbox_limit import MailboxRules
from sim.mail.server.pressure_gauge import BackPressureSpec, PressureEffect
from sim.mail.server.throttle import ThrottleRules
from tests.oracle.destination import Host, Partly, Resolver, Timeline
from tests.oracle.gateway import LOOKS, Gateway, Message, Moment
from tests.oracle.message import Message as SentMessage
from tests.oracle.senders import World, relay_together
from tests.oracle.test_gateway import MIMECAST, Table

GATEWAY, BACKUP, SERVER = ("gateway-1", "gateway-2"), "backup", "server"
HOSTS = (*GATEWAY, BACKUP, SERVER)
LEFT = ("delivered", "bounced", "rejected")
CONNECT_MS = 60_000

Leg = tuple[str, str, int | None, int, int]
"""Where a message was; `waiting`, how it was returned there or who took it; when; tries and put-offs."""


@dataclass(frozen=True)
class Change:
    """Something that happens at `at_ms`; `what` goes with `word`."""

    at_ms: int
    word: str
    what: Any = None


@dataclass
class Plan:
    """What shapes a path, what happens to it in the order in which it is listed, and where time is cut."""

    seed: int
    volume: int
    in_an_hour: bool
    table: Table
    until_ms: int
    changes: list[Change] = field(default_factory=list)
    most_attempts: int | None = None
    counts: tuple[bool, bool] = (True, True)
    """Whether paused time, and time in which the gateway is dead, makes messages older."""
    covers_queued: bool = True
    last_try: bool = False
    receiver: Receiver = Receiver(2, 1000)
    filter: Receiver | None = None
    """How many the gateway's filter takes at a time, and each for how long, once something has gathered."""
    backup: tuple[int | None, int] = (None, 0)
    """What the backup takes at a time, and for how long each message keeps it."""
    greylist: tuple[int, bool] = (0, False)
    """For how long the backup puts first contacts off, and whether each recipient is one."""
    pressure: BackPressureSpec | None = None
    throttle: ThrottleRules | None = None
    """How much the server takes from a backup that no connector names."""
    mailboxes: MailboxRules | None = None
    """How much one mailbox takes in a while from the gateway and the backup."""
    lists_every_ms: int = 15 * 60_000
    """How often bulk senders' lists take in who was refused for good."""
    sts: bool = False
    cuts_ms: list[int] = field(default_factory=list)
    ahead_ms: list[int] = field(default_factory=list)


@dataclass
class Journeys:
    """Each message's legs in their order, and when it lay in its mailbox."""

    legs: dict[int, list[Leg]] = field(default_factory=dict)
    mailbox_ms: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Mail:
    """All that is written to the organisation: (id, written_ms), by time; `users` are the recipients."""

    written: list[tuple[int, int]]
    users: dict[int, int]
    senders: dict[int, int]
    """Which correspondent writes each; what comes through a socket at the gateway has none."""
    who: CorrespondentTable
    spells: list[list[tuple[int, Any]]]
    """What the resolver of each correspondent says, from when on."""
    groups: dict[str, dict[int, int]] = field(default_factory=dict)
    """The number of the sender of each message from outside, by `senders`; by `platforms` that of its
    platform.
    """
    begun_ms: int = 0
    """From when on senders are modelled: mail written before passes at once (`docs/explanation/model.md`)."""

    def groups_of(self, identity: int) -> dict[str, int]:
        return {of: whose[identity] for of, whose in self.groups.items() if identity in whose}


def travel(plan: Plan, mail: Mail) -> Journeys:
    """What becomes of every message before the end of `plan`.

    Who is never written to follows from who was refused for good before: so mail travels again and again,
    without what lists keep back, until lists keep back nothing else.
    """
    never: set[int] = set()
    while True:
        sent = [one for one in mail.written if one[0] not in never]
        journeys = without_lists(plan, replace(mail, written=sent))
        found = suppressed(plan, mail, journeys)
        if found == never:
            journeys.legs |= {identity: [("sender", "suppressed", None, 0, 0)] for identity in never}
            return journeys
        never = found


def suppressed(plan: Plan, mail: Mail, journeys: Journeys) -> set[int]:
    """What is written to addresses that are on a list by then."""
    taken_in_ms: dict[tuple[int, int], list[int]] = {}
    for identity, legs in journeys.legs.items():
        _place, what, at_ms, *_tried = legs[-1]
        if what != "rejected" or at_ms is None or identity not in mail.senders:
            continue
        sender = mail.senders[identity]
        if mail.who.platform_of(sender).file.suppression is not None:
            pair = sender, mail.users[identity]
            looks = at_ms // plan.lists_every_ms + 1
            taken_in_ms.setdefault(pair, []).append(looks * plan.lists_every_ms)
    asked = [
        (-(-change.at_ms // plan.lists_every_ms) * plan.lists_every_ms, change.what)
        for change in plan.changes
        if change.word == "clear"
    ]
    never = set()
    for identity, written_ms in mail.written:
        if identity not in mail.senders:
            continue
        sender, user = mail.senders[identity], mail.users[identity]
        cleared_ms = [at_ms for at_ms, percent in asked if account_is_reached(plan.seed, sender, percent)]
        since_ms = max((at_ms for at_ms in cleared_ms if at_ms <= written_ms), default=0)
        if any(since_ms <= at_ms <= written_ms for at_ms in taken_in_ms.get((sender, user), [])):
            never.add(identity)
    return never


def account_is_reached(seed: int, account: int, percent: int) -> bool:
    """Whether so many of a hundred includes it."""
    drawn = below(mix(seed, "clears its list", np.array([account], dtype=np.int64)), 100)
    return int(drawn[0]) < percent


def without_lists(plan: Plan, mail: Mail) -> Journeys:
    """The same if every sender writes to everybody."""
    journeys = Journeys()
    sent = by_senders(plan, mail)
    for identity, leg in sent.items():
        journeys.legs[identity] = [leg]
    office = Office(plan)
    come = sorted((leg[2], identity, leg[1]) for identity, leg in sent.items() if leg[2] is not None)
    letters = [(identity, at_ms) for identity, at_ms in mail.written if identity not in mail.senders]
    journeys.legs |= {identity: [] for identity, _at_ms in letters}
    at_gateway = [one for one in come if one[2] in GATEWAY]
    entries, kept = past_the_hosts(plan, [*at_gateway, *((at_ms, one, "") for one, at_ms in letters)])
    entries, inside = past_the_filter(plan, entries)
    kept += inside
    for identity, entered_ms in sorted(entries, key=lambda one: (one[1], one[0])):
        office.queue.accept(Message(identity, entered_ms, mail.users[identity], mail.groups_of(identity)))
    for came_ms, identity, host in come:
        if host == BACKUP:
            office.relay.accept(Message(identity, came_ms, mail.users[identity], mail.groups_of(identity)))
    office.env.run(until=plan.until_ms)
    for identity in kept:
        journeys.legs[identity].append(("held", "waiting", None, 0, 0))
    for name, gateway in (("gateway", office.queue), ("relay", office.relay)):
        for message in gateway.messages:
            what = message.place if message.place in LEFT else "waiting"
            journeys.legs[message.id].append((name, what, message.left_ms, message.attempts, 0))
    accepted = [
        *office.accepted(),
        *((came_ms, identity) for came_ms, identity, host in come if host == SERVER),
    ]
    ends = office.worked_off(sorted(accepted))
    journeys.mailbox_ms = {identity: end_ms for identity, end_ms in ends.items() if end_ms < plan.until_ms}
    return journeys


def by_senders(plan: Plan, mail: Mail) -> dict[int, Leg]:
    """How each message left its sender: at which host, returned, or not yet."""
    worlds, numbers = [], []
    hosts = [Host(name, timeline) for name, timeline in behaviours(plan, mail).items()]
    hosts[HOSTS.index(BACKUP)].servers, hosts[HOSTS.index(BACKUP)].service_ms = plan.backup
    delay_ms, by_pair = plan.greylist
    rules = [(c.at_ms, c.what * delay_ms) for c in plan.changes if c.word == "greylist"]
    hosts[HOSTS.index(BACKUP)].greylist = Timeline(((0, delay_ms), *rules))
    hosts[HOSTS.index(BACKUP)].users = mail.users if by_pair else None
    for sender in range(len(mail.who)):
        theirs = [one for one in mail.written if mail.senders.get(one[0]) == sender]
        resolver = Resolver(Timeline(tuple(mail.spells[sender])))
        written_ms = [at_ms for _identity, at_ms in theirs]
        platform, phase_ms = mail.who.platform_of(sender), mail.who.scan_phase_ms(sender)
        worlds.append(World(platform, written_ms, hosts, resolver, plan.until_ms, phase_ms))
        numbers.append([identity for identity, _at_ms in theirs])
    legs: dict[int, Leg] = {}
    for history in relay_together(worlds, numbers):
        for message in history.messages:
            what = {"delivered": message.host, "bounced": "bounced"}.get(message.fate, "waiting")
            if what == "bounced" and message.cause in ("reject", "greeting_5xx"):
                what = "rejected"
            tried = len(message.attempts), len(message.put_off)
            legs[message.id] = ("sender", what, ended_ms(message, mail.begun_ms), *tried)
    return legs


def ended_ms(message: SentMessage, begun_ms: int) -> int | None:
    """When it left its sender. An idle session of OpenSMTPD, which looks for mail once a second, is left out
    until the model plays senders.
    """
    straight = message.fate == "delivered" and message.arrival_ms < begun_ms
    if straight and message.ended_ms is not None and message.ended_ms - message.arrival_ms < SECOND_MS:
        return message.arrival_ms
    return message.ended_ms


def behaviours(plan: Plan, mail: Mail) -> dict[str, Timeline]:
    """What each host does to senders, from when on."""
    spells: dict[str, list[tuple[int, object]]] = {name: [(0, "up")] for name in HOSTS}
    condition, gates = UP, Gates()
    for change in plan.changes:
        if change.word == "host":
            name, behaviour = change.what
            spells[name].append((change.at_ms, behaviour_of(behaviour, plan.seed, mail)))
        elif change.word in ("server", "gates"):
            condition = change.what if change.word == "server" else condition
            gates = change.what if change.word == "gates" else gates
            met = meets("internet", gates, condition)
            spells[SERVER].append((change.at_ms, behaviour_of(met, plan.seed, mail)))
    return {name: Timeline(tuple(found)) for name, found in spells.items()}


def behaviour_of(what: Behaviour | Condition, seed: int, mail: Mail) -> str | Partly:
    if what.per_mille == 1000 or what.answer == "up":
        return what.answer
    users = mail.users if what.of == "recipients" else None
    senders = (what.of, mail.groups[what.of]) if what.of in mail.groups else None
    return Partly(what.answer, what.per_mille, seed, users, senders)


def meets(source: str, gates: Gates, condition: Condition) -> Condition:
    """What firewall, outage and lock, in this order, do to attempts that the gateway does not make."""
    if source not in gates.firewall:
        return Condition("timeout")
    down = condition.answer != "up" and condition.per_mille == 1000
    if gates.lock == "rejects" and source not in gates.trusted and not down:
        return Condition("reject")
    return condition


def past_the_hosts(
    plan: Plan, come: Sequence[tuple[int, int, str]]
) -> tuple[list[tuple[int, int, int]], list[int]]:
    """When each of `come` (time, id, host) came and goes on: (id, came, goes on); those that are held to the
    end.

    What a host holds goes on as soon as none holds any more. A letter through a socket has no host of its
    own: it is held while any holds.
    """
    steps: list[tuple[int, int, Any]] = [(c.at_ms, 0, c.what) for c in plan.changes if c.word == "holds"]
    steps += [(came_ms, 1, (identity, host)) for came_ms, identity, host in come]
    holding: tuple[str, ...] = ()
    kept: list[tuple[int, int]] = []
    entries: list[tuple[int, int, int]] = []
    for at_ms, arrives, what in sorted(steps, key=lambda step: step[:2]):
        if not arrives:
            holding = what
            if not holding:
                entries += [(identity, came_ms, at_ms) for identity, came_ms in kept]
                kept = []
        elif what[1] in holding or (holding and not what[1]):
            kept.append((what[0], at_ms))
        else:
            entries.append((what[0], at_ms, at_ms))
    return entries, [identity for identity, _came_ms in kept]


def past_the_filter(
    plan: Plan, entries: Sequence[tuple[int, int, int]]
) -> tuple[list[tuple[int, int]], list[int]]:
    """When each of `entries` (id, came, goes on) has passed the gateway's filter; those in it at the end.

    It takes a few at a time, each for so long; or all at once. What it is at when that changes, it ends as it
    began, but in a gateway that dies: then it begins again. With its usual pace it works off what has
    gathered, and what was held, until a message finds a free place: from then on it delays none.
    """
    steps: list[tuple[int, int, int, int, Any]] = [
        (c.at_ms, 0, n, 0, c) for n, c in enumerate(plan.changes) if c.word in ("filter", "dies", "revives")
    ]
    steps += [(on_ms, 1, came_ms, identity, None) for identity, came_ms, on_ms in entries]
    usual = plan.filter
    places = usual.connections if usual is not None else 1
    slow_ms: int | None = None
    dead, line, passed = False, list[int](), list[tuple[int, int]]()
    busy = list[tuple[int, int, int, int]]()
    """(until, place in the line once, since, whom) of everybody it is at."""
    begun = 0
    for at_ms, arrives, came_ms, identity, change in [
        *sorted(steps, key=lambda step: step[:4]),
        (plan.until_ms, 0, 0, 0, None),
    ]:
        every_ms = slow_ms if slow_ms is not None or usual is None else usual.per_message_ms
        while busy and busy[0][0] < at_ms + arrives:
            free_ms, _turn, _since_ms, whom = heapq.heappop(busy)
            passed.append((whom, free_ms))
            if line and every_ms is not None:
                begun += 1
                heapq.heappush(busy, (free_ms + every_ms, begun, free_ms, line.pop(0)))
        if arrives:
            at_once = slow_ms is None and not dead and (usual is None or came_ms == at_ms)
            if at_once and len(busy) < places and not line:
                passed.append((identity, at_ms))
                continue
            line.append(identity)
        elif change is not None:
            slow_ms = change.what if change.word == "filter" else slow_ms
            dead = {"dies": True, "revives": False}.get(change.word, dead)
            again = sorted(
                (turn, whom) for _until_ms, turn, since_ms, whom in busy if dead or since_ms == at_ms
            )
            busy = [one for one in busy if not dead and one[2] != at_ms]
            heapq.heapify(busy)
            line = [whom for _turn, whom in again] + line
        if dead or (not arrives and change is None):
            continue
        every_ms = slow_ms if slow_ms is not None or usual is None else usual.per_message_ms
        if every_ms is None:
            passed += [(whom, at_ms) for whom in line]
            line = []
        while line and every_ms is not None and len(busy) < places:
            begun += 1
            heapq.heappush(busy, (at_ms + every_ms, begun, at_ms, line.pop(0)))
    return passed, [*line, *(whom for _until_ms, _turn, _since_ms, whom in busy)]


class Office:
    """The mail server, and the queues of the gateway and of the backup in front of it."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.env = plan, simpy.Environment()
        self.condition, self.gates, self.pace, self.effect = UP, Gates(), plan.receiver, PressureEffect()
        self.level, self.polls = "low", 0
        self.most: int | None = None
        pace = plan.receiver.connections, plan.receiver.per_message_ms
        table = plan.table
        self.queue = Gateway(
            self.env, table.gaps_ms, table.limit_ms, plan.last_try, *pace,
            plan.most_attempts, CONNECT_MS, plan.covers_queued, *plan.counts, seed=plan.seed,
        )  # fmt: skip
        table = MIMECAST
        self.relay = Gateway(
            self.env, table.gaps_ms, table.limit_ms, False, *pace, None, CONNECT_MS, seed=plan.seed
        )
        for change in plan.changes:
            self.queue.at(change.at_ms, partial(self.happens, change.word, change.what))
        self.shut_ms: dict[int, int] = {}
        if plan.mailboxes is not None:
            for look_ms in range(plan.mailboxes.every_ms, plan.until_ms, plan.mailboxes.every_ms):
                look = Moment(self.env, look_ms, LOOKS)
                assert look.callbacks is not None
                look.callbacks.append(self.look_at_mailboxes)
        self.throttles = False
        if plan.throttle is not None:
            for look_ms in range(plan.throttle.every_ms, plan.until_ms, plan.throttle.every_ms):
                look = Moment(self.env, look_ms, LOOKS)
                assert look.callbacks is not None
                look.callbacks.append(self.look)
        if plan.pressure is not None:
            every_ms = plan.pressure.rules.poll_ms
            for poll_ms in range(every_ms, plan.until_ms, every_ms):
                poll = Moment(self.env, poll_ms, LOOKS)
                assert poll.callbacks is not None
                poll.callbacks.append(self.poll)

    def look_at_mailboxes(self, _event: simpy.Event) -> None:
        """Whose mailbox has taken too much within the last hour takes nothing for the next."""
        rules, now_ms, before = self.plan.mailboxes, int(self.env.now), set(self.shut_ms)
        assert rules is not None
        self.shut_ms = {user: until_ms for user, until_ms in self.shut_ms.items() if until_ms > now_ms}
        lately = [
            m.user
            for m in [*self.queue.messages, *self.relay.messages]
            if m.place == "delivered"
            and m.left_ms is not None
            and now_ms - rules.window_ms <= m.left_ms < now_ms
        ]
        for user, count in Counter(lately).items():
            if count > rules.most and user not in self.shut_ms:
                self.shut_ms[user] = now_ms + rules.stays_ms
        if set(self.shut_ms) != before:
            self.opens()

    def at_mailboxes(self, met: Condition) -> Condition:
        """What is met of a server that lets everything else through."""
        through = met.answer == "up" or met.per_mille == 0
        shut = tuple(sorted(self.shut_ms))
        return Condition("reject", of="recipients", users=shut) if shut and through else met

    def look(self, _event: simpy.Event) -> None:
        """The server looks how much it has taken from the backup lately."""
        rules, now_ms = self.plan.throttle, int(self.env.now)
        assert rules is not None
        taken = [m.left_ms for m in self.relay.messages if m.place == "delivered" and m.left_ms is not None]
        lately = sum(now_ms - rules.window_ms <= at_ms < now_ms for at_ms in taken)
        if (lately >= rules.most) != self.throttles:
            self.throttles = lately >= rules.most
            self.opens()

    def happens(self, word: str, what: Any) -> None:
        """A change that concerns the server or the gateway's queue."""
        match word:
            case "server":
                self.condition = what
                self.opens()
            case "gates":
                self.gates = what
                self.opens()
            case "pace":
                self.pace = what
                self.paces()
            case "pause" | "resume":
                self.queue.paused = word == "pause"
                self.queue.wind_clock()
                self.queue.tell(word)
            case "oldest":
                self.queue.retry_oldest(what)
            case "limit":
                self.most = what
                self.paces()
            case "dies" | "revives":
                self.queue.dead = word == "dies"
                self.queue.wind_clock()
                self.queue.tell("stop" if self.queue.dead else "start")
            case "retry" | "bounced" | "rejected":
                self.queue.tell(word)
            case "extend":
                self.extend(what)

    def extend(self, limit_ms: int) -> None:
        """The limit of age grows, and that of attempts by as many as the added time holds."""
        slots = self.plan.table.offsets(limit_ms + 1)
        if self.queue.most_attempts is not None:
            more = bisect_left(slots, limit_ms) - bisect_left(slots, self.queue.limit_ms)
            self.queue.most_attempts += more
        self.queue.limit_ms = limit_ms
        self.queue.tell("extend")

    def opens(self) -> None:
        """Whoever brings mail meets what the server does now."""
        down = self.condition.answer != "up" and self.condition.per_mille == 1000
        met = Condition("defer") if self.effect.refuses and not down else self.condition
        self.queue.condition, self.relay.condition = met, meets("backup", self.gates, met)
        named = self.gates.lock == "rejects" and "backup" in self.gates.trusted
        shut = self.relay.condition.answer != "up" and self.relay.condition.per_mille == 1000
        if self.throttles and not named and not shut:
            self.relay.condition = Condition("defer")
        self.queue.condition = self.at_mailboxes(self.queue.condition)
        self.relay.condition = self.at_mailboxes(self.relay.condition)
        self.queue.tell("meet")
        self.relay.tell("meet")

    def paces(self) -> None:
        """So much it takes at once from each; what has begun goes on as it began."""
        for gateway in (self.queue, self.relay):
            connections = self.pace.connections
            if gateway is self.queue and self.most is not None:
                connections = min(connections, self.most)
            gateway.free += connections - gateway.connections
            gateway.connections = connections
            gateway.per_message_ms = self.pace.per_message_ms + self.effect.tarpit_ms
            gateway.serve()

    def accepted(self) -> list[tuple[int, int]]:
        """(time, id) of what has been taken from the queues so far."""
        messages = [*self.queue.messages, *self.relay.messages]
        return [(m.left_ms, m.id) for m in messages if m.place == "delivered" and m.left_ms is not None]

    def worked_off(self, accepted: Sequence[tuple[int, int]]) -> dict[int, int]:
        """When each of `accepted`, in their order, lies in a mailbox."""
        if self.plan.pressure is None:
            return {identity: at_ms for at_ms, identity in accepted}
        works = self.plan.pressure.works
        free, ends = [-(10**15)] * works.connections, {}
        for at_ms, identity in accepted:
            ends[identity] = max(at_ms, heapq.heappop(free)) + works.per_message_ms
            heapq.heappush(free, ends[identity])
        return ends

    def poll(self, _event: simpy.Event) -> None:
        """The server looks how much it has accepted and not worked off, as its vendor describes it."""
        assert self.plan.pressure is not None
        rules, now_ms, before = self.plan.pressure.rules, int(self.env.now), self.level
        taken = sorted(one for one in self.accepted() if one[0] < now_ms)
        length = sum(end_ms >= now_ms for end_ms in self.worked_off(taken).values())
        if before == "low" and length > rules.low_to_medium:
            self.level = "medium"
        if before in ("low", "medium") and length > rules.medium_to_high:
            self.level = "high"
        if before == "medium" and length < rules.medium_to_low:
            self.level = "low"
        if before == "high" and length < rules.high_to_medium:
            self.level = "medium" if length >= rules.medium_to_low else "low"
        self.polls = 0 if self.level == "low" else self.polls + 1
        effect = PressureEffect()
        if self.level != "low":
            tarpit_ms = rules.tarpit_first_ms + (self.polls - 1) * rules.tarpit_step_ms
            refuses = self.level == "high" or self.polls > rules.patience_polls
            effect = PressureEffect(min(tarpit_ms, rules.tarpit_most_ms), refuses)
        if effect != self.effect:
            self.effect = effect
            self.paces()
            self.opens()
