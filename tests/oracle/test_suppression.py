"""Bulk senders' lists in a world: who is refused for good is written to no more, as the oracle says."""

from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.message.traffic import INBOUND
from sim.mail.platforms.platform import load_platform
from sim.mail.queue.receiver_condition import UP, Condition
from sim.mail.senders.hosts.correspondents import CorrespondentTable
from sim.mail.senders.hosts.host import Behaviour
from sim.mail.server.guard import Gates
from tests.oracle.path import BACKUP, GATEWAY, Plan
from tests.oracle.test_gateway import MIMECAST
from tests.oracle.test_path import CUTS, at, both
from tests.oracle.watched import Watched, agree, played
from tests.shipped import FILES

BULK = ("sendgrid", "mailgun", "amazon-ses", "sparkpost", "postfix")


@cache
def bulk_senders() -> CorrespondentTable:
    platforms = tuple(load_platform(FILES, name) for name in BULK)
    return CorrespondentTable(3, platforms, (20,) * len(BULK), (1, 2, 2, 1, 2), 1)


class ByBulkSenders(Watched):
    """A world to which hardly anybody else writes."""

    who = staticmethod(bulk_senders)


LOCKED = Gates("rejects")
DAY = Plan(
    5, 2_000, in_an_hour=False, table=MIMECAST, until_ms=24 * HOUR_MS, cuts_ms=CUTS, ahead_ms=[0, HOUR_MS]
)
WORLDS = {
    "hosts refuse for good for an hour": [*both(3, "reject"), *both(4, "up")],
    "and some of them clear their lists": [
        *both(3, "reject"), at(3.6, "clear", 60), *both(4, "up"), at(7.1, "clear", 60), *both(9, "reject"),
        at(9.25, "clear", 90), *both(9.3, "up"),
    ],
    "now and then": [at(3, "host", (GATEWAY[0], Behaviour("reject", 100))), *both(9, "up")],
    "the MX leads to a server that is locked, and back": [
        at(0.5, "gates", LOCKED), *both(1, "timeout"), at(2, "mx", ("server",)), *both(7, "up"),
        at(7, "mx", GATEWAY), at(9, "gates", Gates()),
    ],
    "the server refuses what its gateway brings": [
        at(4, "server", Condition("reject", 300)), at(4.6, "server", UP),
        at(9, "server", Condition("refused")), at(10, "rejected"), at(10.25, "server", UP),
    ],
    "the server refuses what a backup brings": [
        *both(1, "refused"), at(1, "gates", LOCKED), at(2, "mx", (BACKUP,)),
        at(8, "gates", Gates("rejects", trusted=frozenset({"backup"}))),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("every_ms", [MINUTE_MS, 15 * MINUTE_MS])
def test_permanently_rejected_addresses_get_no_more_mail(name: str, every_ms: int) -> None:
    plan = replace(DAY, changes=WORLDS[name], lists_every_ms=every_ms)
    seen = Counter(legs[-1][1] for legs in agree(plan, ByBulkSenders).legs.values())
    assert seen["suppressed"] >= 40, seen
    assert seen["rejected"] >= 20, seen


def test_lists_save_senders_the_tries_and_cost_the_mail_after_the_return() -> None:
    """Beside a world in which lists take nothing in before it is over."""
    plan = replace(DAY, changes=WORLDS["hosts refuse for good for an hour"])
    listed = played(plan, ByBulkSenders)
    never = played(replace(plan, lists_every_ms=24 * HOUR_MS), ByBulkSenders)
    assert never.ledger.suppressed == 0 < listed.ledger.suppressed
    assert listed.ledger.rejected[INBOUND] < never.ledger.rejected[INBOUND], "some of it in the same hour"
    lost = never.ledger.delivered[INBOUND] - listed.ledger.delivered[INBOUND]
    assert lost > 100, "the server takes mail again, and they do not write"
    for world in (listed, never):
        book = world.custody()["inbound"]
        assert sum(book.values()) == world.generated()[INBOUND]
