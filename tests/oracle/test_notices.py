"""The first delay notice of a sending hop, however it is cut, and the earliest of the oracle's notices."""

import random
from functools import cache, partial

import numpy as np
import pytest

from sim.kernel.duration import HOUR_MS, MINUTE_MS, SECOND_MS
from sim.mail.message.traffic import Messages
from sim.mail.platforms.platform import Platform, load_platform
from sim.mail.senders.hop import SendingHop
from sim.mail.senders.hosts import host as engine
from sim.mail.senders.hosts.correspondents import CorrespondentTable
from tests.oracle.destination import Host, Partly, Resolver, Timeline
from tests.oracle.message import Message
from tests.oracle.senders import World, relay_together
from tests.shipped import FILES

NAMES = ("gateway-1", "gateway-2")
END_MS = 9 * HOUR_MS
SEED = 7
FAILURES = ("refused", "timeout", "greeting_4xx", "defer")
SETTINGS = {"gmail": {"delay_notice": "20m"}, "protonmail": {"delay_notice": "2h7m"}}
KINDS = {
    "own timers": ("gmail", "protonmail", "mimecast"),
    "one age": ("exchange-server",),
    "at a failure": ("sendmail", "courier"),
    "too late": ("opensmtpd",),
    "nobody tells": ("mailgun", "exchange-online", "qmail", "application"),
    "all": ("gmail", "mimecast", "mailgun", "sendmail", "courier", "opensmtpd", "exchange-server", "postfix"),
}
Changes = list[tuple[int, str, engine.Behaviour]]


@cache
def platform(name: str) -> Platform:
    return load_platform(FILES, name, SETTINGS.get(name))


def correspondents(names: tuple[str, ...]) -> CorrespondentTable:
    """Two organisations of each platform."""
    part = 100 // len(names)
    shares = (*(part,) * (len(names) - 1), 100 - part * (len(names) - 1))
    return CorrespondentTable(SEED, tuple(map(platform, names)), shares, (2,) * len(names), 1)


def changes_of(draw: random.Random) -> Changes:
    """Mostly failing hosts: a notice takes a long wait."""
    found: Changes = []
    for name in NAMES:
        early = draw.sample(range(5 * MINUTE_MS, HOUR_MS, 7 * SECOND_MS), draw.randint(1, 2))
        later = draw.sample(range(HOUR_MS, END_MS, 7 * SECOND_MS), draw.randint(0, 2))
        for at_ms in sorted(early) + sorted(later):
            answer = "up" if at_ms in later and draw.random() < 0.2 else draw.choice(FAILURES)
            share = draw.choice((1000, 1000, 1000, 950, 800))
            found.append((at_ms, name, engine.Behaviour(answer, share)))
    return sorted(found, key=lambda change: change[:2])


def mail_of(draw: random.Random) -> Messages:
    arrivals = sorted(draw.sample(range(0, 6 * HOUR_MS), 40))
    return Messages(np.arange(1, 41, dtype=np.int64), np.array(arrivals, dtype=np.int64))


def notices_of(who: CorrespondentTable, mail: Messages, changes: Changes) -> list[tuple[Message, list[int]]]:
    """Every message by the oracle, and when its writer got a notice."""
    spells: dict[str, list[tuple[int, object]]] = {name: [(0, "up")] for name in NAMES}
    for at_ms, name, behaviour in changes:
        partly = behaviour.per_mille < 1000 and behaviour.answer != "up"
        told: object = Partly(behaviour.answer, behaviour.per_mille, SEED) if partly else behaviour.answer
        spells[name].append((at_ms, told))
    hosts = [Host(name, Timeline(tuple(spells[name]))) for name in NAMES]
    sender, worlds, ids = who.of(mail.id), [], []
    for number in range(len(who)):
        theirs = sender == number
        route = Resolver(Timeline(((0, NAMES),)))
        phase_ms = who.scan_phase_ms(number)
        arrivals = mail.arrival_ms[theirs].tolist()
        worlds.append(World(who.platform_of(number), arrivals, hosts, route, END_MS, phase_ms))
        ids.append(mail.id[theirs].tolist())
    found = []
    for world, history in zip(worlds, relay_together(worlds, ids), strict=True):
        for message in history.messages:
            notices = list(message.notices)
            if world.platform.notice.when == "at-limit":
                end_ms = END_MS if message.ended_ms is None else message.ended_ms
                ages = world.platform.notice.after_ms
                notices += [message.arrival_ms + age for age in ages if message.arrival_ms + age < end_ms]
            found.append((message, notices))
    return found


def by_the_oracle(who: CorrespondentTable, mail: Messages, changes: Changes) -> int | None:
    notices = [at_ms for _message, some in notices_of(who, mail, changes) for at_ms in some]
    return min((at_ms for at_ms in notices if at_ms < END_MS), default=None)


def by_the_engine(
    who: CorrespondentTable, mail: Messages, changes: Changes, cuts_ms: list[int]
) -> tuple[list[tuple[int, int | None]], dict[int, bool]]:
    """What is known at each cut, and at the end; of each that was taken, whether there was a notice."""
    hosts = [engine.ReceivingHost(name, SEED) for name in NAMES]

    def sent(a_ms: int, b_ms: int) -> Messages:
        some = slice(*np.searchsorted(mail.arrival_ms, (a_ms, b_ms)).tolist())
        return Messages(mail.id[some], mail.arrival_ms[some])

    hop = SendingHop(who, hosts, NAMES, sent, 0)
    known, gone = [], []
    for at_ms in sorted({*cuts_ms, *(at for at, _, _ in changes), END_MS}):
        hop.look(min(at_ms + HOUR_MS, END_MS))
        gone.append(hop.advance(at_ms))
        for when_ms, name, behaviour in changes:
            if when_ms == at_ms:
                hop.changes(partial(hop.hosts[name].becomes, at_ms, behaviour))
        if at_ms in cuts_ms or at_ms == END_MS:
            known.append((at_ms, hop.first_notice_ms()))
    taken = [one.host >= 0 for one in gone]
    columns = [
        np.concatenate([getattr(one, name)[some] for one, some in zip(gone, taken, strict=True)])
        for name in ("id", "written_ms", "time_ms", "notified")
    ]
    had = hop.notices.had_one(*columns)
    return known, dict(zip(columns[0].tolist(), had.tolist(), strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_notice_is_the_earliest_of_all_messages_notices(kind: str) -> None:
    who, told = correspondents(KINDS[kind]), 0
    for seed in range(15):
        draw = random.Random(f"{kind} {seed}")
        mail, changes = mail_of(draw), changes_of(draw)
        expected = by_the_oracle(who, mail, changes)
        told += expected is not None
        cuts_ms = draw.sample(range(MINUTE_MS, END_MS), 4)
        if expected is not None:
            cuts_ms += [expected, expected + 1]
        for at_ms, found in by_the_engine(who, mail, changes, cuts_ms)[0]:
            assert found == (expected if expected is not None and expected < at_ms else None), (seed, at_ms)
    assert told == 0 if kind == "nobody tells" else told >= 5


@pytest.mark.parametrize("kind", KINDS)
def test_who_had_a_notice_before_the_message_was_taken(kind: str) -> None:
    """Of every message that arrives in the end: those are written again."""
    who, told, untold = correspondents(KINDS[kind]), 0, 0
    for seed in range(12):
        draw = random.Random(f"taken {kind} {seed}")
        mail, changes = mail_of(draw), changes_of(draw)
        for name in NAMES:  # everything comes in at last
            changes.append((END_MS - HOUR_MS - draw.randrange(4 * HOUR_MS), name, engine.Behaviour()))
        changes.sort(key=lambda change: change[:2])
        expected = {
            message.id: bool(notices)
            for message, notices in notices_of(who, mail, changes)
            if message.fate == "delivered"
        }
        assert by_the_engine(who, mail, changes, [draw.randrange(1, END_MS)])[1] == expected, seed
        told += sum(expected.values())
        untold += len(expected) - sum(expected.values())
    assert untold > 100
    assert told == 0 if kind == "nobody tells" else told > 20
