"""Messages that come twice: each cause against brute force over all messages of a small world."""

import numpy as np
import pytest

from sim.kernel.draws import below, mix, quantile, within
from sim.kernel.duration import HOUR_MS, MINUTE_MS, NEVER_MS
from sim.mail.accounts.duplicates import Habits
from sim.mail.message.traffic import INBOUND, INTERNAL, OUTBOUND
from sim.mail.message.weekly_curve import Week
from sim.mail.platforms.platform import load_platform, offsets_ms
from sim.mail.queue.failure_windows import FailureWindows
from sim.mail.queue.receiver import Receiver
from sim.mail.queue.receiver_condition import REFUSED, Condition
from sim.mail.routes.inbound import GATEWAY
from sim.mail.senders.hosts.correspondents import correspondents
from sim.mail.senders.hosts.host import Behaviour
from sim.mail.users.announcements import UpdateChannel
from sim.mail.users.continuity_access import AppShare
from sim.mail.users.outbox import senders
from sim.mail.users.users import Users
from sim.mail.world import World
from sim.mail.world_spec import WorldSpec
from tests.outage import server_starts, server_stops
from tests.shipped import FILES

MONDAY_UTC_MS = 1_772_409_600_000  # 2026-03-02 00:00
FLAT = Week("UTC", (42,) * 16 + (41,) * 8, (100,) * 7)
SMS = UpdateChannel(60, (0, 10 * MINUTE_MS), needs_mail=False)
DOWN_MS, EVENT_MS, BACK_MS, END_MS = 9 * HOUR_MS, 10 * HOUR_MS, 14 * HOUR_MS, 15 * HOUR_MS
RECONNECT_MS = 5 * MINUTE_MS
MIX = (("gmail", 50), ("mailgun", 20), ("exchange-server", 20), ("application", 10))


def spec(habits: Habits, seed: int = 4, inbound: int = 100) -> WorldSpec:
    mimecast = load_platform(FILES, "mimecast")
    platforms = [(load_platform(FILES, name), share) for name, share in MIX]
    return WorldSpec(
        FILES,
        seed, MONDAY_UTC_MS, FLAT, (inbound, 400, 900), lambda up_to_ms: offsets_ms(mimecast, up_to_ms),
        96 * HOUR_MS, False, Receiver(4, 1_000), (1000,), (NEVER_MS,), RECONNECT_MS,
        correspondents=lambda: correspondents(seed, platforms, 20, 1), habits=habits,
    )  # fmt: skip


def office(what: WorldSpec) -> World:
    apps = [AppShare(60, 3 * MINUTE_MS, True), AppShare(40, None, True)]
    users = Users(what.seed, 30, apps, 0, (0, 0))
    return World(what, users, FailureWindows(MINUTE_MS, 0), lambda _out: None)


def counts(world: World) -> dict[str, int]:
    return world.copies.counts(world.inbound.hop)


def lost_and_found(habits: Habits, *, advised: bool, cuts_ms: tuple[int, ...] = ()) -> World:
    """The server is down from nine to two; an event from ten on, of which users get word."""
    world = office(spec(habits))
    for at_ms in sorted({DOWN_MS, EVENT_MS, BACK_MS, END_MS, *cuts_ms}):
        world.advance(at_ms)
        if at_ms == DOWN_MS:
            server_stops(world)
        if at_ms == EVENT_MS:
            world.users.start_event(at_ms, END_MS)
            world.users.tell(at_ms, SMS, advises=advised)
            world.users_changed()
        if at_ms == BACK_MS:
            server_starts(world)
    return world


def by_hand(world: World, habits: Habits, *, advised: bool) -> int:
    """Message by message: in its Outbox when its writer gets into the app, and wanted there once more."""
    seed, users, found = world.copies.seed, world.users, 0
    (event,) = users.membership.events
    for direction in (OUTBOUND, INTERNAL):
        mail = spec(habits).stream(direction).between(DOWN_MS, BACK_MS)
        for identity, at_ms in zip(mail.id.tolist(), mail.arrival_ms.tolist(), strict=True):
            one = np.array([identity])
            writer = int(senders(seed, one, users.count)[0])
            in_app_ms = int(event.since_ms[writer])
            if in_app_ms <= at_ms:
                continue  # it was written in the app
            again_ms = in_app_ms + int(quantile(mix(seed, "writes again at", one), [*habits.after_ms])[0])
            left_ms = BACK_MS + int(within(mix(seed, "reconnect", one), RECONNECT_MS)[0])
            told = advised and int(users.announcements.informed_ms[writer]) <= again_ms
            share = habits.outbox_told_permille if told else habits.outbox_permille
            found += again_ms < left_ms and int(below(mix(seed, "writes again", one), 1000)[0]) < share
    return found


@pytest.mark.parametrize("advised", [False, True])
def test_what_stands_in_an_outbox_is_written_again_in_the_app(advised: bool) -> None:
    habits = Habits(outbox_permille=600, outbox_told_permille=100, after_ms=(0, 4 * HOUR_MS))
    world = lost_and_found(habits, advised=advised)
    expected = by_hand(world, habits, advised=advised)
    assert counts(world) == {"outbox": expected, "notice": 0, "notice_outside": 0, "after_the_dot": 0}
    assert world.flags()["duplicates"] == expected > 5
    assert sum(sum(book.values()) for book in world.custody().values()) == sum(world.generated())
    cut = lost_and_found(habits, advised=advised, cuts_ms=tuple(range(1, END_MS, 1_234_567)))
    assert counts(cut) == counts(world)


def test_who_has_been_told_writes_less_again() -> None:
    habits = Habits(outbox_permille=600, outbox_told_permille=100, after_ms=(0, 4 * HOUR_MS))
    silent, told = (counts(lost_and_found(habits, advised=advised)) for advised in (False, True))
    assert told["outbox"] < silent["outbox"]
    never = counts(lost_and_found(Habits(), advised=False))
    assert not any(never.values()), "nobody does, if nothing is said of it"


def gateway_gone(
    habits: Habits, hours: int, answer: str = "refused", partners_told_ms: int = NEVER_MS
) -> World:
    """The gateway answers nobody for so long, in both directions."""
    world = office(spec(habits, inbound=2_000))
    world.advance(DOWN_MS)
    world.copies.partners_told_ms = partners_told_ms
    world.gateway_door.becomes(Behaviour(answer))
    world.gateway_door.outbound_becomes("gateway", Behaviour(answer))
    world.advance(DOWN_MS + hours * HOUR_MS)
    world.gateway_door.becomes(Behaviour())
    world.gateway_door.outbound_becomes("gateway", Behaviour())
    world.advance(DOWN_MS + (hours + 8) * HOUR_MS)
    return world


def test_delay_notices_make_people_write_again_inside_and_outside() -> None:
    habits = Habits(notice_permille=1000)
    short, long = gateway_gone(habits, 3), gateway_gone(habits, 7)
    assert counts(short)["notice"] == counts(short)["notice_outside"] == 0, "the first come after four hours"
    found = counts(long)
    waited = spec(habits).stream(OUTBOUND).count(DOWN_MS, DOWN_MS + 3 * HOUR_MS)
    assert found["notice"] == pytest.approx(waited, abs=2), "all that was four hours old at the return"
    assert found["notice_outside"] > 30
    told = counts(
        gateway_gone(Habits(notice_permille=1000, partners_percent=100), 7, partners_told_ms=DOWN_MS)
    )
    assert told["notice_outside"] == 0
    assert told["notice"] == found["notice"], "partners are not users"
    late = counts(
        gateway_gone(
            Habits(notice_permille=1000, partners_percent=100), 7, partners_told_ms=DOWN_MS + 6 * HOUR_MS
        )
    )
    assert 0 < late["notice_outside"] < found["notice_outside"], "for some the word comes too late"


@pytest.mark.parametrize("answer", ["refused", "timeout", "greeting_4xx"])
def test_mail_whose_answer_was_not_heard_when_the_gateway_went(answer: str) -> None:
    habits = Habits(after_dot_ms=5 * MINUTE_MS)
    world = gateway_gone(habits, 1, answer)
    mail = spec(habits, inbound=2_000).stream(INBOUND).between(DOWN_MS - 5 * MINUTE_MS, DOWN_MS)
    who = spec(habits).correspondents()
    again = [who.platform_of(number).kind != "never" for number in who.of(mail.id).tolist()]
    assert counts(world)["after_the_dot"] == (0 if answer == "greeting_4xx" else sum(again))
    assert sum(again) > 2


def test_a_host_that_takes_nothing_leaves_nothing_unheard() -> None:
    """What comes to one host alone concerns that host alone; a second failure finds nobody."""
    world = office(spec(Habits(after_dot_ms=5 * MINUTE_MS), inbound=2_000))
    world.advance(DOWN_MS)
    world.gateway_door.becomes(Behaviour("refused"), GATEWAY[1:])
    assert counts(world)["after_the_dot"] == 0, "everybody uses the first"
    world.advance(DOWN_MS + HOUR_MS)
    world.gateway_door.becomes(Behaviour("timeout"), GATEWAY[:1])
    first = counts(world)["after_the_dot"]
    assert first > 3
    world.advance(DOWN_MS + 2 * HOUR_MS)
    world.gateway_door.becomes(Behaviour("refused"))
    assert counts(world)["after_the_dot"] == first


@pytest.mark.parametrize(
    "condition", [REFUSED, Condition("timeout"), Condition("defer"), Condition("refused", 500)]
)
def test_mail_that_the_server_was_taking_when_it_went(condition: Condition) -> None:
    """Forty letters at once, four at a time for a second each: of the four under way all are at the dot."""
    world = office(spec(Habits(after_dot_ms=600), inbound=0))
    world.advance(DOWN_MS)
    for number in range(40):
        world.receive(number)
    world.advance(DOWN_MS + 2_500)
    world.server_door.meets(condition)
    assert counts(world)["after_the_dot"] == (4 if condition.total and condition.breaks else 0)
    early = office(spec(Habits(after_dot_ms=400), inbound=0))
    early.advance(DOWN_MS)
    early.receive(0)
    early.advance(DOWN_MS + 500)
    server_stops(early)
    assert counts(early)["after_the_dot"] == 0, "its message was still on the way"
