"""Any world, with anything happening to it at any time: no message is lost or doubled, and how time is cut
changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from sim.kernel.digest import Fingerprint
from sim.kernel.draws import I64
from sim.kernel.duration import HOUR_MS, MINUTE_MS, SECOND_MS
from sim.mail.accounts.duplicates import Habits
from sim.mail.message.rows import BOUNCED, REJECTED
from sim.mail.message.traffic import DIRECTIONS
from sim.mail.message.weekly_curve import Week
from sim.mail.platforms.platform import load_platform, offsets_ms
from sim.mail.queue.failure_windows import FailureWindows
from sim.mail.queue.receiver import Receiver
from sim.mail.queue.receiver_condition import REFUSED, UP, Condition
from sim.mail.routes.inbound import BACKUP, DIRECT, GATEWAY, BackupSpec
from sim.mail.routes.zone import StsSpec, ZoneSpec
from sim.mail.senders.hosts.correspondents import correspondents
from sim.mail.senders.hosts.host import Behaviour
from sim.mail.server.guard import Gates
from sim.mail.server.pressure_gauge import BackPressureSpec, PressureEffect, PressureRules
from sim.mail.users.announcements import UpdateChannel
from sim.mail.users.continuity_access import AppShare
from sim.mail.users.time_without_mail import lost_user_ms
from sim.mail.users.users import Users
from sim.mail.world import World
from sim.mail.world_spec import FilterSpec, FullRules, WorldSpec
from tests.examples import examples
from tests.outage import server_starts, server_stops
from tests.shipped import FILES

MONDAY_UTC_MS = 1_772_409_600_000  # 2026-03-02 00:00
FLAT = Week("UTC", (42,) * 16 + (41,) * 8, (100, 100, 100, 100, 100, 100, 100))
MIX = (("exchange-online", 40), ("gmail", 20), ("mailgun", 10), ("postfix", 10), ("exim", 8), ("sendmail", 4),
       ("courier", 3), ("application", 5))  # fmt: skip
UNTIL_MS = 20 * HOUR_MS
PHONE = UpdateChannel(90, (0, MINUTE_MS, 5 * MINUTE_MS), needs_mail=False)


SMALL = BackPressureSpec(
    PressureRules(2_000, 4, 8, 6, 2, 10_000, 5_000, 55_000, 10), Receiver(1, 60_000), "452 4.3.1 full"
)
"""A server that a handful of messages floods."""


CROWDED = FilterSpec(Receiver(2, 30_000), FullRules(4, 2, MINUTE_MS, "421 4.3.1 full"))
"""A filter before which four messages are too many."""


def world_of(seed: int, backup: BackupSpec, sts: bool, presses: bool) -> World:
    mimecast = load_platform(FILES, "mimecast")
    platforms = [(load_platform(FILES, name), share) for name, share in MIX]
    spec = WorldSpec(
        FILES,
        seed,
        MONDAY_UTC_MS,
        FLAT,
        (150, 60, 90),
        lambda up_to_ms: offsets_ms(mimecast, up_to_ms),
        6 * HOUR_MS,
        False,
        Receiver(2, 20_000),
        (900, 100),
        (1 << 60, 15 * MINUTE_MS),
        5 * MINUTE_MS,
        correspondents=lambda: correspondents(seed, platforms, 20, 1),
        back_pressure=SMALL if presses else None,
        backup=backup,
        zone=ZoneSpec(GATEWAY, HOUR_MS, sts=StsSpec(("gmail", "exchange-online"), HOUR_MS) if sts else None),
        filter=CROWDED if seed % 2 else None,
        standing_counts=(seed % 2 == 0, seed % 3 == 0),
        habits=Habits(600, 100, (0, HOUR_MS), 700, 100, 50, 10 * MINUTE_MS),
    )
    apps = [AppShare(60, 3 * MINUTE_MS, True), AppShare(40, None, True)]
    users = Users(seed, 12, apps, 20, (0, MINUTE_MS, HOUR_MS))
    return World(spec, users, FailureWindows(2 * MINUTE_MS, -77_777), lambda _out: None)


@dataclass(frozen=True)
class Change:
    """Something that happens at a moment; `word` names it."""

    at_ms: int
    word: str
    number: int


def _mx(world: World, route: tuple[str, ...]) -> None:
    world.zone.publish(world.now_ms, route, 5 * MINUTE_MS)
    world.zone_changed()


def _sts(world: World) -> None:
    if world.zone.has_policy:
        world.zone.serve_policy(world.now_ms, (*GATEWAY, BACKUP))
        world.zone.change_id(world.now_ms)
        world.zone_changed()


def _event(world: World) -> None:
    world.users.start_event(world.now_ms, world.now_ms + 3 * HOUR_MS)
    world.users_changed()


def _told(world: World) -> None:
    world.users.tell(world.now_ms, PHONE, advises=world.now_ms % 2 == 0)
    world.users_changed()


def _some(world: World, count: int) -> I64:
    """Some of what waits at the gateway."""
    ids: I64 = world.cloud.live().id[: count % 7]
    return ids


def _greylist(world: World, delay_ms: int) -> None:
    if world.inbound.hosts[BACKUP].greylist is not None:
        world.backup_greylists(delay_ms)


CONDITIONS = (
    UP, Condition("refused"), Condition("timeout"), Condition("defer", 600), Condition("reject", 500),
    Condition("defer", 300, "recipients"), Condition("timeout", 400),
)  # fmt: skip
OUTSIDE = (
    UP,
    Condition("defer", 500, "recipients"),
    Condition("defer"),
    Condition("reject", 200, "recipients"),
)
ANSWERS = ("refused", "timeout", "defer", "greeting_4xx", "reject", "up")
GATES = (
    Gates("rejects", firewall=frozenset({"backup"}), server_filters=True, junk_permille=200),
    Gates("open", firewall=frozenset()),
    Gates("quarantines", firewall=frozenset({"internet"})),
    Gates(server_filters=True, skips=True, backup_filters=False, junk_permille=300),
    Gates(server_filters=True, looks_behind=True, junk_permille=300),
)
WORDS: dict[str, Callable[[World, int], object]] = {
    "gateway": lambda world, n: world.gateway_door.becomes(Behaviour(ANSWERS[n % 6], 1000 if n % 2 else 500)),
    "one host": lambda world, n: world.gateway_door.becomes(Behaviour(ANSWERS[n % 6]), GATEWAY[:1]),
    "holds": lambda world, n: world.gateway_door.holds(GATEWAY[: 1 + n % 2], outbound=n % 3 == 0),
    "goes on": lambda world, _n: world.gateway_door.holds(()),
    "dies": lambda world, _n: (
        world.gateway_door.revives() if world.queue.stopped else world.gateway_door.dies()
    ),
    "filter": lambda world, n: world.cloud.filters(n if n % 2 else None, dead=world.queue.stopped),
    "slow out": lambda world, n: world.writers.outgoing.filters(n * 10 if n % 3 else None),
    "outside": lambda world, n: world.writers.outgoing.receivers_meet(OUTSIDE[n % len(OUTSIDE)]),
    "outbound": lambda world, n: world.gateway_door.outbound_becomes("gateway", Behaviour(ANSWERS[n % 6])),
    "connector": lambda world, n: world.connect(("secondary", "direct", "gateway")[n % 3], world.now_ms + n),
    "mx": lambda world, n: _mx(world, ((BACKUP,), GATEWAY, (DIRECT,), (GATEWAY[0], BACKUP))[n % 4]),
    "policy": lambda world, _n: _sts(world),
    "lost": lambda world, _n: None if not world.queue.answers else server_stops(world),
    "back": lambda world, _n: None if world.queue.answers else server_starts(world),
    "server": lambda world, n: world.server_door.meets(CONDITIONS[n % len(CONDITIONS)]),
    "pace": lambda world, n: world.server_door.change_pace(Receiver(1 + n % 3, 1_000 + n)),
    "lock": lambda world, n: world.server_door.change_gates(
        replace(world.server_door.gates, lock=("open", "rejects", "quarantines")[n % 3])
    ),
    "gates": lambda world, n: world.server_door.change_gates(GATES[n % len(GATES)]),
    "pause": lambda world, _n: None if world.queue.paused else world.cloud.pause(),
    "resume": lambda world, _n: world.cloud.resume() if world.queue.paused else None,
    "retry": lambda world, _n: None if world.queue.paused else world.cloud.retry(),
    "retry some": lambda world, n: None if world.queue.paused else world.cloud.retry(_some(world, n)),
    "limit": lambda world, n: world.server_door.limit_deliveries((None, 1, 2)[n % 3]),
    "extend": lambda world, n: world.cloud.extend(
        world.queue.slots.limit_ms + n * SECOND_MS, covers_queued=n % 2 == 0
    ),
    "remove": lambda world, n: world.cloud.remove(
        (BOUNCED, REJECTED)[n % 2], _some(world, n) if n % 3 else None
    ),
    "greylist": lambda world, n: _greylist(world, (0, MINUTE_MS, HOUR_MS)[n % 3]),
    "apps": lambda world, n: world.apps_reach(n % 2 == 0),
    "event": lambda world, _n: _event(world),
    "told": lambda world, _n: _told(world),
    "letter": lambda world, n: world.receive(n),
    "letter out": lambda world, n: world.receive(n, way="smart host", whom=n % 3),
    "letter backup": lambda world, n: world.receive(n, way="backup"),
    "letter direct": lambda world, n: world.receive(n, way="direct", whom=n % 5),
}

changes = st.builds(
    Change,
    st.integers(0, UNTIL_MS // MINUTE_MS - 1).map(lambda minute: minute * MINUTE_MS),
    st.sampled_from(sorted(WORDS)),
    st.integers(0, 30_000),
)


def advance(world: World, to_ms: int) -> None:
    """Everything in [now, to): server and gateway look how full they are, as a conductor would see to."""
    watchers = [
        one for one in (world.intake.pressure, *world.gateway_door.room.queues.values()) if one is not None
    ]
    while world.now_ms < to_ms:
        ahead_ms = min(to_ms, world.now_ms + HOUR_MS)
        found = [(one.first_crossing(world.now_ms, ahead_ms), n) for n, one in enumerate(watchers)]
        crossing_ms, first = min(
            [(at_ms, n) for at_ms, n in found if at_ms is not None], default=(ahead_ms, -1)
        )
        if crossing_ms > world.now_ms:
            world.advance(crossing_ms)
        if first >= 0:
            watchers[first].cross(crossing_ms)


def played(world: World, todo: list[Change], cuts_ms: list[int], ahead_ms: int) -> str:
    """The digest at the end; nothing is lost or doubled at any stop."""
    moments = sorted({*cuts_ms, *(change.at_ms for change in todo), UNTIL_MS})
    news: list[tuple[int, int, int]] = []
    world.real.departures.says = lambda _way, out: news.append(
        (int(out.time_ms[0]), int(out.kind[0]), int(out.id[0]))
    )
    for moment_ms in moments:
        if moment_ms > world.now_ms:
            world.queue.look_ahead(min(world.now_ms + ahead_ms, UNTIL_MS))
            advance(world, moment_ms)
        for number, change in enumerate(todo):
            if change.at_ms == moment_ms:
                WORDS[change.word](world, number if change.word.startswith("letter") else change.number)
        book = world.custody()
        assert tuple(sum(book[name].values()) for name in DIRECTIONS) == world.generated()
        assert all(count > 0 for accounts in book.values() for count in accounts.values())
        if world.intake.pressure is not None:
            assert world.intake.pressure.waiting(world.now_ms) == len(world.intake.submission)
    record = Fingerprint("a world's end")
    for one in news:  # of real mail, in an order that does not depend on how time was cut
        record.row(one, "left")
    assert [one[0] for one in news] == sorted(one[0] for one in news)
    world.digest(record)
    return record.hexdigest()


CRAWL = [
    Change(HOUR_MS, "filter", 1_200_001), Change(HOUR_MS, "slow out", 60_000), Change(HOUR_MS, "lost", 0),
    Change(HOUR_MS + MINUTE_MS, "event", 0), Change(6 * HOUR_MS, "filter", 2),
    Change(9 * HOUR_MS, "holds", 3), Change(12 * HOUR_MS, "goes on", 0), Change(12 * HOUR_MS, "slow out", 3),
]  # fmt: skip
"""Filters that crawl in both directions, fill up, and are well again; then a hold and its release."""

BACKUPS = (
    BackupSpec(), BackupSpec(1, 60_000), BackupSpec(2, 5_000), BackupSpec(None, 0, 20 * MINUTE_MS, True),
    BackupSpec(2, 5_000, 5 * MINUTE_MS),
)  # fmt: skip

FLOOD = [
    Change(HOUR_MS, "server", 1), Change(2 * HOUR_MS, "mx", 3), Change(4 * HOUR_MS, "holds", 1),
    Change(7 * HOUR_MS, "server", 0), Change(7 * HOUR_MS, "retry", 0), Change(7 * HOUR_MS, "event", 0),
    Change(7 * HOUR_MS + MINUTE_MS, "pause", 0), Change(7 * HOUR_MS + 2 * MINUTE_MS, "resume", 0),
    Change(8 * HOUR_MS, "goes on", 0), Change(8 * HOUR_MS + MINUTE_MS, "mx", 2),
    Change(9 * HOUR_MS, "server", 3), Change(9 * HOUR_MS, "pace", 500), Change(11 * HOUR_MS, "server", 0),
]  # fmt: skip
"""A backlog at once, from the gateway and the backup, to a server that fails again in between."""


@examples(20)
@example(1, FLOOD, BackupSpec(), False, True, [7 * HOUR_MS + n * 7_001 for n in range(40)], 0)
@example(
    2, FLOOD, BackupSpec(2, 5_000), True, True, [7 * HOUR_MS + 50_000, 8 * HOUR_MS + 12_345], 7 * HOUR_MS
)
@example(3, CRAWL, BackupSpec(), False, False, [n * 7_000_001 for n in range(1, 10)], HOUR_MS)
@given(
    st.integers(0, 5),
    st.lists(changes, min_size=3, max_size=12).map(
        lambda found: sorted(found, key=lambda change: change.at_ms)
    ),
    st.sampled_from(BACKUPS),
    st.booleans(),
    st.booleans(),
    st.lists(st.integers(1, UNTIL_MS - 1), max_size=8),
    st.sampled_from([0, HOUR_MS, 7 * HOUR_MS]),
)
def test_no_message_is_lost_and_the_division_of_time_changes_nothing(
    seed: int,
    todo: list[Change],
    backup: BackupSpec,
    sts: bool,
    presses: bool,
    cuts_ms: list[int],
    ahead_ms: int,
) -> None:
    make = partial(world_of, seed, backup, sts, presses)
    whole = played(make(), todo, [], 0)
    assert played(make(), todo, cuts_ms, ahead_ms) == whole


def test_what_has_happened_in_the_worlds_above() -> None:
    """The changes do what their names say: mail is held, taken by the backup, refused, returned."""
    world = world_of(1, BackupSpec(), sts=True, presses=False)
    todo = [
        Change(HOUR_MS, "gateway", 1), Change(HOUR_MS, "outbound", 0), Change(2 * HOUR_MS, "mx", 0),
        Change(4 * HOUR_MS, "policy", 0), Change(6 * HOUR_MS, "mx", 2), Change(9 * HOUR_MS, "lost", 0),
    ]  # fmt: skip
    played(world, todo, [], 0)
    assert world.intake.unfiltered > 0
    inbound, outbound = world.custody()["inbound"], world.custody()["outbound"]
    assert inbound["bounced"] > 0
    assert inbound["delivered"] > 30
    assert outbound["server_queue"] > 0


def test_a_backlog_at_once_floods_a_small_server() -> None:
    """It slows the gateway down, then refuses it; the gateway's last error says so; nothing is lost."""
    world, felt = world_of(1, BackupSpec(), sts=False, presses=True), list[PressureEffect]()
    world.intake.says = lambda _before, after: felt.append(after)
    played(world, [Change(HOUR_MS, "lost", 0), Change(9 * HOUR_MS, "back", 0)], [], 0)
    assert not felt, "by its own timers it comes one by one"
    world = world_of(1, BackupSpec(), sts=False, presses=True)
    world.intake.says = lambda _before, after: felt.append(after)
    back_ms = 9 * HOUR_MS
    todo = [Change(HOUR_MS, "lost", 0), Change(back_ms, "back", 0), Change(back_ms, "retry", 0)]
    for moment_ms in (HOUR_MS, back_ms, back_ms + 2 * MINUTE_MS):
        advance(world, moment_ms)
        for change in todo:
            if change.at_ms == moment_ms:
                WORDS[change.word](world, 0)
    assert any(effect.refuses for effect in felt)
    assert world.queue.last_reply == "452 4.3.1 full"
    assert world.custody()["inbound"]["server_queue"] > 0
    assert sum(world.custody()["inbound"].values()) == world.generated()[0]
    server_stops(world)
    assert world.queue.condition == REFUSED, "the outage is graver"
    server_starts(world)
    assert world.queue.condition.reply == ("452 4.3.1 full" if felt[-1].refuses else "")


def test_without_its_gateway_continuity_helps_nobody() -> None:
    """The server is down, everybody is in an event; then the gateway's apps reach nothing for two hours."""
    todo = [Change(HOUR_MS, "lost", 0), Change(HOUR_MS, "event", 0), Change(HOUR_MS, "told", 0)]
    helped, alone = (world_of(2, BackupSpec(), sts=False, presses=False) for _ in range(2))
    played(helped, todo, [], 0)
    played(alone, [*todo, Change(2 * HOUR_MS, "apps", 1), Change(4 * HOUR_MS, "apps", 0)], [], 0)
    more_ms = lost_user_ms(alone.users, UNTIL_MS) - lost_user_ms(helped.users, UNTIL_MS)
    inside = helped.users.membership.in_continuity(np.arange(12), np.int64(3 * HOUR_MS)).sum()
    assert inside > 6
    assert more_ms == 2 * HOUR_MS * inside
    assert not alone.users.membership.in_continuity(np.arange(12), np.int64(3 * HOUR_MS)).any()
    sent = [world.custody()["outbound"].get("delivered", 0) for world in (helped, alone)]
    assert sent[0] > sent[1], "what was written meanwhile waits in Outboxes"


def test_a_gateway_that_holds_keeps_what_continuity_brings_and_letters_too() -> None:
    world = world_of(2, BackupSpec(), sts=False, presses=False)
    todo = [
        Change(HOUR_MS, "lost", 0), Change(HOUR_MS, "event", 0), Change(HOUR_MS, "told", 0),
        Change(2 * HOUR_MS, "holds", 3), Change(2 * HOUR_MS + MINUTE_MS, "letter", 0),
    ]  # fmt: skip
    played(world, todo, [], 0)
    book = world.custody()
    assert book["internal"]["held"] > 0
    assert book["outbound"]["held"] > 0
    assert book["inbound"]["held"] > 50
    world.gateway_door.holds(())
    world.advance(UNTIL_MS + MINUTE_MS)
    assert not any("held" in accounts for accounts in world.custody().values())
