"""Mail round a gateway that refuses: the lock first or not, the path out ready or not, closed too early.

Played on the world itself: no people and no lead times; the MX is followed at once by honest resolvers.
"""

from dataclasses import replace

import numpy as np
import pytest

from sim.drill.scenario.build_users import users_of
from sim.drill.scenario.build_world import windows_of, world_spec
from sim.drill.session.load import load_scenario
from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS
from sim.mail.routes.authentication import Path, Receivers, fate_of
from sim.mail.routes.connector import Connector
from sim.mail.routes.inbound import BACKUP, DIRECT, GATEWAY
from sim.mail.senders.hosts.host import Behaviour
from sim.mail.server.guard import Gates
from sim.mail.world import World

ONSET_MS = HOUR_MS
CHANGE_MS = ONSET_MS + 10 * MINUTE_MS
END_MS = 9 * HOUR_MS
LOCKED = Gates(lock="rejects")
OPENED = Gates(lock="rejects", trusted=frozenset({"backup", "internet"}))


def world(gates: Gates, ttl_ms: int = 5 * MINUTE_MS) -> World:
    """Two hundred users on a Wednesday morning; the gateway refuses mail both ways from ONSET_MS on."""
    scenario = load_scenario("gateway-down", {"users": "200"})
    spec = world_spec(scenario, 1)
    zone = replace(spec.zone, ttl_ms=ttl_ms, hosting="cloudflare", sts=None, population="bind")
    spec = replace(spec, zone=zone, gates=gates)
    one = World(spec, users_of(scenario, 1), windows_of(scenario, 1), lambda _gone: None)
    one.advance(ONSET_MS)
    one.gateway_door.becomes(Behaviour("refused"))
    one.gateway_door.outbound_becomes("gateway", Behaviour("refused"))
    one.advance(CHANGE_MS)
    return one


def mx(one: World, route: tuple[str, ...], at_ms: int, ttl_ms: int = 5 * MINUTE_MS) -> None:
    one.advance(at_ms)
    one.zone.publish(at_ms, route, ttl_ms)
    one.zone_changed()


def inbound(one: World) -> dict[str, int]:
    return one.custody()["inbound"]


@pytest.mark.parametrize("host", [DIRECT, BACKUP])
def test_mx_before_the_lock_returns_everything_that_follows_it_at_once(host: str) -> None:
    one = world(LOCKED)
    before = inbound(one)["delivered"]
    mx(one, (host,), CHANGE_MS)
    one.advance(END_MS)
    book = inbound(one)
    assert book["rejected"] > 1_500
    assert book["delivered"] == before, "nothing gets in"
    assert book.get("relay_queue", 0) == 0, "nothing waits: a 5xx at RCPT is final"
    assert one.intake.unfiltered == 0
    locked_after = book["rejected"]
    one.server_door.change_gates(OPENED)
    one.advance(END_MS + HOUR_MS)
    assert inbound(one)["rejected"] == locked_after, "unlocking ends it"
    assert inbound(one)["delivered"] > before


@pytest.mark.parametrize(
    ("host", "gates", "filtered"),
    [
        (DIRECT, OPENED, False),
        (BACKUP, OPENED, True),
        (BACKUP, replace(OPENED, backup_filters=False), False),
        (BACKUP, replace(OPENED, backup_filters=False, server_filters=True), True),
        (DIRECT, replace(OPENED, server_filters=True), True),
        (DIRECT, replace(OPENED, server_filters=True, skips=True), False),
    ],
)
def test_with_the_lock_opened_first_all_mail_is_delivered_filtered_or_not(
    host: str, gates: Gates, filtered: bool
) -> None:
    one = world(gates)
    before = inbound(one)["delivered"]
    mx(one, (host,), CHANGE_MS)
    one.advance(END_MS)
    book = inbound(one)
    assert "rejected" not in book
    gained = book["delivered"] - before
    assert gained > 1_500
    assert one.intake.unfiltered == (0 if filtered else gained)


def test_closing_the_lock_while_senders_still_follow_the_old_answer_is_an_own_goal() -> None:
    """The way back: the MX names the gateway again, and resolvers keep the other answer for its TTL."""

    def rejected(close_ms: int) -> int:
        one = world(OPENED)
        mx(one, (BACKUP,), CHANGE_MS, HOUR_MS)
        back_ms = CHANGE_MS + 3 * HOUR_MS
        one.advance(back_ms)
        one.gateway_door.becomes(Behaviour())
        mx(one, GATEWAY, back_ms)
        one.advance(back_ms + close_ms)
        one.server_door.change_gates(LOCKED)
        one.advance(END_MS)
        return inbound(one).get("rejected", 0)

    at_once, half, after = rejected(0), rejected(30 * MINUTE_MS), rejected(70 * MINUTE_MS)
    assert at_once > half > after == 0


def outbound_by(path: Path, shares: Receivers, end_ms: int = END_MS) -> tuple[World, dict[str, int]]:
    """The connector leads by `path` from CHANGE_MS on; how outbound mail stands at `end_ms`."""
    one = world(LOCKED)
    fate = fate_of(path, shares)
    one.gateway_door.outbound_becomes("direct", fate.behaviour)
    one.writers.outbound.junked_permille["direct"] = fate.junked_of_taken
    one.connect("direct", CHANGE_MS)
    one.advance(end_ms)
    return one, one.custody()["outbound"]


UNREADY = Path(spf="fail", signed=False, dmarc="reject")


def test_all_mail_is_rejected_if_every_receiver_follows_the_policy() -> None:
    one, book = outbound_by(UNREADY, Receivers(reject_dmarc=1000))
    waited = one.writers.outbound.handed
    assert book["rejected"] > 400
    assert waited["direct"] == 0
    assert "junked" not in book
    assert book.get("server_queue", 0) == 0


def test_a_share_of_it_is_refused_where_some_do_and_the_rest_is_junk() -> None:
    one, book = outbound_by(UNREADY, Receivers(reject_dmarc=700))
    left = one.writers.outbound.handed["direct"] + book["rejected"]
    assert left > 400
    assert 0.63 < book["rejected"] / left < 0.77
    assert book["junked"] == one.writers.outbound.handed["direct"]


def test_a_signed_path_loses_nothing() -> None:
    _, book = outbound_by(replace(UNREADY, signed=True), Receivers())
    assert {"rejected", "junked", "server_queue"}.isdisjoint(book)


def test_with_port_25_closed_mail_stays_queued_until_the_port_is_opened() -> None:
    one, book = outbound_by(replace(UNREADY, signed=True, port_25=False), Receivers())
    assert book["server_queue"] > 400
    assert {"rejected", "junked"}.isdisjoint(book)
    one.gateway_door.outbound_becomes("direct", Behaviour())
    one.advance(END_MS + HOUR_MS)
    assert one.custody()["outbound"].get("server_queue", 0) < 20
    assert one.writers.outbound.handed["direct"] > 400


def test_what_left_by_each_path_does_not_depend_on_where_time_is_cut() -> None:
    def handed(cuts_ms: list[int]) -> tuple[dict[Connector, int], int, dict[str, int]]:
        one = world(OPENED)
        one.gateway_door.outbound_becomes("direct", Behaviour("reject", 300))
        one.connect("direct", CHANGE_MS)
        mx(one, (BACKUP,), CHANGE_MS)
        for moment_ms in (*cuts_ms, END_MS):
            one.advance(moment_ms)
        return dict(one.writers.outbound.handed), one.intake.unfiltered, one.custody()["outbound"]

    whole = handed([])
    cuts_ms = np.sort(np.random.default_rng(7).integers(CHANGE_MS + 1, END_MS, 40)).tolist()
    assert handed(cuts_ms) == whole
    assert whole[0]["direct"] > 100


def test_a_firewall_makes_mail_wait_where_a_lock_returns_it() -> None:
    walled = world(Gates(firewall=frozenset()))
    mx(walled, (DIRECT,), CHANGE_MS)
    walled.advance(END_MS)
    book = inbound(walled)
    assert "rejected" not in book
    assert book["at_sender"] > 1_000
    walled.server_door.change_gates(Gates())
    walled.advance(END_MS + DAY_MS)
    assert inbound(walled).get("at_sender", 0) < 100
    assert inbound(walled)["delivered"] > 1_000
