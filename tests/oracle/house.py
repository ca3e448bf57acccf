"""Mail that an organisation's own users write, in the plainest form: person by person, message by message.

Each message leaves its writer's program by the mail server, by a continuity app or out of the Outbox; what
the server takes for the outside waits in a queue of its own; what colleagues write to each other in an app
goes to the gateway. Times are milliseconds. Draws are the engine's keyed ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.kernel.draws import I64, below, mix, pick, quantile, within
from sim.mail.accounts.duplicates import Habits
from sim.mail.message.rows import NEVER_MS as NEVER
from sim.mail.platforms.platform import load_platform
from sim.mail.senders.hosts.host import Behaviour
from sim.mail.users.announcements import UpdateChannel
from sim.mail.users.continuity_access import AccessGroup, AppShare
from tests.oracle.clockwork import Clockwork
from tests.oracle.destination import Host, Partly, Resolver, Timeline
from tests.oracle.path import Change
from tests.oracle.senders import World, relay_together, sender_of
from tests.shipped import FILES

RECONNECT_MS = 5 * 60_000
WAYS_OUT = ("gateway", "secondary", "direct")
Letter = tuple[int, int]
"""(id, written_ms)."""


def one(number: int) -> I64:
    return np.array([number], dtype=np.int64)


def drawn_below(seed: int, purpose: str, bound: int, *keys: int) -> int:
    return int(below(mix(seed, purpose, *keys), bound)[0])


@dataclass
class Event:
    """A continuity event for `who`; when each of them is in it, as things stand."""

    number: int
    start_ms: int
    end_ms: int
    who: frozenset[int]
    since_ms: dict[int, int] = field(default_factory=dict)
    over: bool = False


@dataclass
class Person:
    """One user: the program, the group, what was heard; whether it finds the server; what waits in it."""

    number: int
    app: AppShare
    group: int
    knows_cloud_password: bool
    lost: bool = False
    informed_ms: int = NEVER
    advised_ms: int = NEVER
    """From when on it knows that nothing is to be sent again."""
    outbox: dict[int, int] = field(default_factory=dict)
    """When each letter in it leaves; NEVER as long as the server is not found."""
    session_ms: int = -1
    """Until when it is signed in to its own program, without the directory."""
    thrown_out: list[list[int]] = field(default_factory=list)
    """[from, to]: the session is over and no log-on works."""


@dataclass
class Posts:
    """What has become of each letter: ids, and times."""

    by_program_ms: dict[int, int] = field(default_factory=dict)
    """What the mail server took, from a program at once or out of an Outbox."""
    by_app_ms: dict[int, int] = field(default_factory=dict)
    in_outbox: dict[int, int] = field(default_factory=dict)
    """What is there at the end, and when it will leave."""
    were_in_outbox: set[int] = field(default_factory=set)


class House:
    """Everybody, and the changes that concern them, in the order in which things happen."""

    def __init__(
        self,
        seed: int,
        users: int,
        apps: Sequence[AppShare],
        groups: Sequence[AccessGroup],
        cloud_percent: int,
        session_ms: Sequence[int],
    ) -> None:
        self.session_ms, self.deaths = list(session_ms), 0
        self.seed, self.apps, self.tellings = seed, list(apps), 0
        self.events: list[Event] = []
        self.permitted = {
            (g, a): 0 if a in group.permitted else NEVER
            for g, group in enumerate(groups)
            for a in range(len(apps))
        }
        self.cloud_ms, self.directory_ms = NEVER, 0
        self.apart: list[list[int]] = []
        self.people = []
        for n in range(users):
            app = int(pick(mix(seed, "app", one(n)), [each.share_percent for each in apps])[0])
            group = int(pick(mix(seed, "group", one(n)), [each.share_percent for each in groups])[0])
            knows = drawn_below(seed, "cloud password", 100, n) < cloud_percent
            self.people.append(Person(n, self.apps[app], group, knows))
        self.posts = Posts()

    # Who is in an event

    def usable_ms(self, person: Person, app: AppShare) -> int:
        """From when on `person` can sign in to `app` anew, as things stand."""
        from_ms = self.permitted[person.group, self.apps.index(app)]
        return max(from_ms, self.signs_in_ms(person)) if app.asks_directory else from_ms

    def signs_in_ms(self, person: Person) -> int:
        return min(self.directory_ms, self.cloud_ms if person.knows_cloud_password else NEVER)

    def gets_in_ms(self, person: Person, from_ms: int, event: Event, takes_ms: int = 0) -> int:
        """When `person` is in the own program who begins at `from_ms`: while the session lasts, else anew."""
        signed_in_ms = max(self.permitted[person.group, self.apps.index(person.app)], event.start_ms, from_ms)
        if person.app.asks_directory and signed_in_ms + takes_ms < person.session_ms:
            return signed_in_ms + takes_ms
        return max(self.usable_ms(person, person.app), event.start_ms, from_ms) + takes_ms

    def opens_ms(self, person: Person, event: Event) -> int:
        """When `person`'s app is in `event`: by itself, once told, or another app once told."""
        possible = [NEVER]
        if person.app.polls_ms:
            bits = mix(self.seed, "poll", event.number, one(person.number))
            takes_ms = int(within(bits, person.app.polls_ms)[0])
            possible.append(self.gets_in_ms(person, 0, event, takes_ms))
        if person.app.when_told:
            possible.append(self.gets_in_ms(person, person.informed_ms, event))
        if person.app.falls_back_to is not None:
            other_ms = self.usable_ms(person, self.apps[person.app.falls_back_to])
            possible.append(max(other_ms, event.start_ms, person.informed_ms))
        return min(possible)

    def reckon(self, now_ms: int) -> None:
        """Whoever is in an event stays in; of all others it is worked out anew."""
        for event in self.events:
            if event.over or event.end_ms <= now_ms:
                continue
            for person in self.people:
                if person.number in event.who and event.since_ms.get(person.number, NEVER) > now_ms:
                    event.since_ms[person.number] = self.opens_ms(person, event)

    def in_event(self, person: Person, now_ms: int) -> bool:
        if any(from_ms <= now_ms < to_ms for from_ms, to_ms in [*self.apart, *person.thrown_out]):
            return False
        return any(e.since_ms.get(person.number, NEVER) <= now_ms < e.end_ms for e in self.events)

    # Changes

    def happens(self, change: Change) -> None:
        now_ms, what = change.at_ms, change.what
        match change.word:
            case "lost":
                self.reach(now_ms, what)
            case "event":
                after_ms, length_ms, who = what
                start_ms = now_ms + after_ms
                self.events.append(Event(len(self.events), start_ms, start_ms + length_ms, who))
            case "end event":
                if self.events:
                    last = self.events[-1]
                    last.end_ms, last.over, last.start_ms = now_ms, True, min(last.start_ms, now_ms)
            case "tell":
                self.tell(now_ms, *what)
            case "apps":
                self.apps_reach(now_ms, what)
            case "permit":
                group, app, after_ms = what
                self.permitted[group, app] = min(self.permitted[group, app], now_ms + after_ms)
            case "directory":
                if not what and self.directory_ms < NEVER:
                    self.sessions_run_out(now_ms)
                self.directory_ms = now_ms if what else NEVER
            case "cloud":
                self.cloud_ms = min(self.cloud_ms, now_ms + what)
        for person in self.people:
            if person.thrown_out:
                from_ms, to_ms = person.thrown_out[-1]
                person.thrown_out[-1][1] = max(from_ms, min(to_ms, self.signs_in_ms(person)))
        self.reckon(now_ms)

    def sessions_run_out(self, now_ms: int) -> None:
        """The directory has died: how old each session was that has to be renewed is drawn."""
        self.deaths += 1
        for person in self.people:
            drawn = mix(self.seed, "app's session", self.deaths, one(person.number))
            whole_ms = int(quantile(drawn, self.session_ms)[0])
            aged = mix(self.seed, "age of the app's session", self.deaths, one(person.number))
            person.session_ms = now_ms + whole_ms - int(within(aged, whole_ms)[0])
            if person.app.asks_directory and person.app.falls_back_to is None:
                person.thrown_out.append([person.session_ms, NEVER])

    def reach(self, now_ms: int, lost: frozenset[int]) -> None:
        """From now on the programs of `lost` do not find the server, and everybody else's do."""
        for person in self.people:
            person.lost = person.number in lost
            for identity, leaves_ms in person.outbox.items():
                if person.lost:
                    person.outbox[identity] = NEVER
                elif leaves_ms == NEVER:
                    after_ms = int(within(mix(self.seed, "reconnect", one(identity)), RECONNECT_MS)[0])
                    person.outbox[identity] = now_ms + after_ms

    def tell(self, now_ms: int, channel: UpdateChannel, who: frozenset[int], advises: bool) -> None:
        self.tellings += 1
        for person in self.people:
            purpose, key = "reached", self.tellings
            if channel.same_people:
                purpose, key = f"has {channel.same_people}", 0
            reached = drawn_below(self.seed, purpose, 100, key, person.number) < channel.reaches_percent
            if channel.needs_mail and person.lost and not self.in_event(person, now_ms):
                reached = False
            if reached and person.number in who:
                bits = mix(self.seed, "acts", self.tellings, one(person.number))
                acts_ms = now_ms + int(quantile(bits, list(channel.acts_after_ms))[0])
                person.informed_ms = min(person.informed_ms, acts_ms)
                if advises:
                    person.advised_ms = min(person.advised_ms, acts_ms)

    def apps_reach(self, now_ms: int, reach: bool) -> None:
        apart = bool(self.apart) and self.apart[-1][1] == NEVER
        if reach and apart:
            self.apart[-1][1] = now_ms
        elif not reach and not apart:
            self.apart.append([now_ms, NEVER])

    # Letters

    def writer(self, identity: int) -> Person:
        return self.people[drawn_below(self.seed, "sender", len(self.people), identity)]

    def writes(self, identity: int, now_ms: int) -> None:
        person = self.writer(identity)
        if self.in_event(person, now_ms):
            self.posts.by_app_ms[identity] = now_ms
        elif not person.lost:
            self.posts.by_program_ms[identity] = now_ms
        else:
            person.outbox[identity] = NEVER
            self.posts.were_in_outbox.add(identity)

    def sends(self, before_ms: int) -> None:
        """What leaves Outboxes before that moment does."""
        for person in self.people:
            for identity, leaves_ms in list(person.outbox.items()):
                if leaves_ms < before_ms:
                    self.posts.by_program_ms[identity] = leaves_ms
                    del person.outbox[identity]

    def live(self, mail: Sequence[Letter], changes: Sequence[Change], until_ms: int) -> Posts:
        """What has become of `mail` before `until_ms`. A change comes before the letters of its moment."""
        steps = [(change.at_ms, 0, n) for n, change in enumerate(changes)]
        steps += [(written_ms, 1, identity) for identity, written_ms in mail]
        for at_ms, is_letter, key in sorted(steps):
            self.sends(at_ms)
            if is_letter:
                self.writes(key, at_ms)
            else:
                self.happens(changes[key])
        self.sends(until_ms)
        for person in self.people:
            self.posts.in_outbox |= person.outbox
        return self.posts

    # Copies

    def writes_again(self, identity: int, written_ms: int, left_ms: int, habits: Habits) -> bool:
        """Whether its writer, in an app before the letter was gone, wrote it there once more."""
        person = self.writer(identity)
        opened_ms = [
            moment_ms
            for event in self.events
            for moment_ms in self.openings(event, person, written_ms)
            if moment_ms < left_ms and self.in_event(person, moment_ms)
        ]
        if not opened_ms:
            return False
        bits = mix(self.seed, "writes again at", one(identity))
        again_ms = min(opened_ms) + int(quantile(bits, list(habits.after_ms))[0])
        told = person.advised_ms <= again_ms
        share = habits.outbox_told_permille if told else habits.outbox_permille
        could = again_ms < left_ms and self.in_event(person, again_ms)
        return could and self.wants(identity, share)

    def openings(self, event: Event, person: Person, from_ms: int) -> list[int]:
        """Moments at which the person's app may come into the event, from then on."""
        since_ms = max(event.since_ms.get(person.number, NEVER), from_ms)
        return [since_ms, *(max(since_ms, until_ms) for _from_ms, until_ms in self.apart)]

    def after_notice(self, identity: int, notice_ms: int, habits: Habits) -> bool:
        """Whether its writer, told by the server that it is late, wrote it again."""
        told = self.writer(identity).advised_ms <= notice_ms
        return self.wants(identity, habits.notice_told_permille if told else habits.notice_permille)

    def wants(self, identity: int, permille: int) -> bool:
        return drawn_below(self.seed, "writes again", 1000, identity) < permille


Leaving = tuple[str, int | None, int, int]
"""How a message left the server's queue (a way out, bounced, rejected, waiting), when, tries, put-offs."""


def server_queue(
    seed: int, platform: str, taken_ms: dict[int, int], changes: Sequence[Change], until_ms: int
) -> tuple[dict[int, Leaving], dict[int, int]]:
    """What becomes of outbound mail that the mail server took at these times; when it told the writer."""
    spells: dict[str, list[tuple[int, object]]] = {name: [(0, "up")] for name in WAYS_OUT}
    routes: list[tuple[int, tuple[str, ...]]] = [(0, ("outbound gateway",))]
    for change in changes:
        if change.word == "way out":
            name, behaviour = change.what
            spells[name].append((change.at_ms, told(behaviour, seed)))
        if change.word == "connector":
            name, after_ms = change.what
            from_ms = change.at_ms + after_ms
            routes = [one for one in routes if one[0] < from_ms] + [(from_ms, (f"outbound {name}",))]
    hosts = [Host(f"outbound {name}", Timeline(tuple(spells[name]))) for name in WAYS_OUT]
    letters = sorted((at_ms, identity) for identity, at_ms in taken_ms.items())
    times, ids = [at_ms for at_ms, _ in letters], [identity for _, identity in letters]
    world = World(load_platform(FILES, platform), times, hosts, Resolver(Timeline(tuple(routes))), until_ms)
    found: dict[int, Leaving] = {}
    notices_ms: dict[int, int] = {}
    ages_ms = sender_of(Clockwork(), world).notice_ages() if by_age(world) else []
    for message in relay_together([world], [ids])[0].messages:
        what = {"delivered": message.host.removeprefix("outbound "), "bounced": "bounced"}.get(
            message.fate, "waiting"
        )
        if what == "bounced" and message.cause in ("reject", "greeting_5xx"):
            what = "rejected"
        found[message.id] = (what, message.ended_ms, len(message.attempts), len(message.put_off))
        by_age_ms = [message.arrival_ms + age_ms for age_ms in ages_ms]
        notices_ms[message.id] = min([*message.notices, *by_age_ms], default=NEVER)
    return found, notices_ms


def by_age(world: World) -> bool:
    """Whether the server tells at an age, rather than at an attempt."""
    return world.platform.file.notice.when == "at-limit"


def told(behaviour: Behaviour, seed: int) -> str | Partly:
    if behaviour.per_mille == 1000 or behaviour.answer == "up":
        return behaviour.answer
    return Partly(behaviour.answer, behaviour.per_mille, seed)


def past_the_gateway(
    passes_ms: dict[int, int], changes: Sequence[Change], until_ms: int
) -> tuple[dict[int, int], set[int]]:
    """When outbound mail that comes to the gateway at these times is out; what is kept there to the end."""
    stretches: list[list[int]] = []
    for change in changes:
        if change.word == "keeps":
            if stretches and stretches[-1][1] == NEVER:
                stretches[-1][1] = change.at_ms
            if change.what:
                stretches.append([change.at_ms, NEVER])
    out_ms, kept = {}, set()
    for identity, at_ms in passes_ms.items():
        while at_ms < until_ms and any(a <= at_ms < b for a, b in stretches):
            at_ms = next(b for a, b in stretches if a <= at_ms < b)  # noqa: PLW2901 - it is kept on
        if at_ms < until_ms:
            out_ms[identity] = at_ms
        else:
            kept.add(identity)
    return out_ms, kept
