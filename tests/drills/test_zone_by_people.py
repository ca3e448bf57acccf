"""`gateway-down` played for its DNS: the order that works, and the price of the mistakes.

Approvals in an emergency and the lock opened for the backup. Harbour's zone is as its file has it: TTL an
hour, MTA-STS enforced for a good half of the mail. Gateways and applications that retry only for hours
lose mail first.
"""

import pytest

from sim.drill.commands.outcome import Accepted
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS, parse_duration
from sim.report.findings.mx_change import mx_findings
from tests.kept import kept

ONSET_MS = HOUR_MS + 10 * MINUTE_MS
GO_MS = ONSET_MS + HOUR_MS
END_MS = ONSET_MS + 14 * HOUR_MS
READY = ("approve mx emergency=yes", "approve exposure emergency=yes", "lock open backup")
STS = ("mta-sts policy backup", "mta-sts id")
MX = "mx set backup ttl=300"
RIGHT = (*READY, *STS, MX)
WITHIN_MS = HOUR_MS + 75 * MINUTE_MS
"""House target: the old TTL and 75 minutes."""


@kept
def played(steps: tuple[str, ...], seed: int = 1, until_ms: int = END_MS) -> Session:
    """Half a day with `steps`, given one after the other from an hour after the onset; `+2h` waits."""
    session = Session(load_scenario("gateway-down", {"users": "60"}), seed, None)
    session.advance(GO_MS)
    for text in steps:
        if text.startswith("+"):
            session.advance(session.now_ms + parse_duration(text[1:]))
            continue
        answer = session.dispatch(text)
        assert isinstance(answer, Accepted), (text, answer)
        session.advance(answer.effective_ms + 1)
    session.advance(until_ms)
    assert sum(session.drill.world.custody()["inbound"].values()) == session.drill.world.generated()[0]
    return session


def inbound(session: Session, account: str) -> int:
    return session.drill.world.custody()["inbound"].get(account, 0)


def moved_after_ms(session: Session) -> int:
    come = session.drill.milestones
    return come["inbound.moved"] - come["mx.changed"]


@pytest.mark.parametrize("seed", range(1, 6))
def test_policy_id_and_mx_move_the_mail_within_the_house_target(seed: int) -> None:
    session = played(RIGHT, seed)
    assert 50 * MINUTE_MS < moved_after_ms(session) <= WITHIN_MS
    nothing = played((), seed)
    assert inbound(session, "bounced") < inbound(nothing, "bounced")
    assert inbound(session, "at_sender") < inbound(nothing, "at_sender") / 5
    assert inbound(session, "delivered") > 2 * inbound(nothing, "delivered")


def test_the_mx_without_the_policy_leaves_most_of_the_mail_where_it_is() -> None:
    right, wrong = played(RIGHT), played((*READY, MX))
    assert "inbound.moved" not in wrong.drill.milestones
    assert inbound(wrong, "at_sender") > 3 * inbound(right, "at_sender")
    (told,) = mx_findings(wrong)
    assert (
        "of the mail saw the change and had an MTA-STS policy that allowed it by the end of the drill."
        in told
    )
    (moved,) = mx_findings(right)
    assert "of the mail had seen the change and had an MTA-STS policy that allowed it; after " in moved
    late = played((*READY, MX, "+2h", *STS))
    assert moved_after_ms(late) > 2 * HOUR_MS
    assert inbound(right, "at_sender") <= inbound(late, "at_sender") < inbound(wrong, "at_sender")


def test_a_policy_served_after_senders_have_looked_for_its_id_waits_for_another_id() -> None:
    steps = (*READY, "mta-sts id", MX, "+3h", "mta-sts policy backup")
    wrong, healed = played(steps), played((*steps, "mta-sts id"))
    assert "mta-sts.published" not in wrong.drill.milestones
    assert "inbound.moved" not in wrong.drill.milestones
    assert inbound(wrong, "at_sender") > 3 * inbound(healed, "at_sender")
    assert moved_after_ms(healed) > 3 * HOUR_MS


def test_lowering_the_ttl_in_the_outage_is_no_substitute_and_helps_the_way_back() -> None:
    only = played(("ttl set mx 300",))
    assert inbound(only, "at_sender") == inbound(played(()), "at_sender"), "it moves nothing"
    back = "mx set gateway ttl=3600"
    share = {}
    for ttl in ("300", "3600"):
        session = played((*RIGHT[:-1], f"mx set backup ttl={ttl}"), 1, END_MS + HOUR_MS)
        restored = session.fork(END_MS + HOUR_MS)
        answer = restored.dispatch(back)
        assert isinstance(answer, Accepted)
        restored.advance(answer.effective_ms + 20 * MINUTE_MS)
        share[ttl] = restored.drill.world.zone.moved_permille(restored.now_ms)
        assert "mx.restored" in restored.drill.milestones
    assert share["300"] > 850
    assert share["3600"] < 600


def test_a_flush_before_the_authority_shows_the_change_delays_those_resolvers_by_an_hour() -> None:
    flushes = ("dns flush google", "dns flush cloudflare")
    early, late = played((*RIGHT, *flushes)), played((*RIGHT, "dns ask all", "dns ask all", *flushes))
    plain = played(RIGHT)
    moments = [session.drill.milestones["mx.changed"] + 40 * MINUTE_MS for session in (early, plain, late)]
    assert len(set(moments)) == 1
    shares = [
        session.fork(moments[0]).drill.world.zone.moved_permille(moments[0])
        for session in (early, plain, late)
    ]
    assert shares[0] < shares[1] < shares[2]


def test_the_dead_host_left_as_the_preferred_mx() -> None:
    dead = played((*READY, "mta-sts policy gateway+backup", "mta-sts id", "mx set gateway+backup ttl=300"))
    right = played(RIGHT)
    assert moved_after_ms(dead) <= moved_after_ms(right) + 10 * MINUTE_MS, "it refuses, so others are tried"
    came = dead.drill.world.relay.entered.between(0, END_MS)
    assert came > 500
    assert dead.drill.world.attempts()["inbound"] - right.drill.world.attempts()["inbound"] > came


def test_the_mx_before_the_lock_is_opened_returns_mail_for_good() -> None:
    right, wrong = played(RIGHT), played((READY[0], *STS, MX))
    assert inbound(right, "rejected") == 0
    assert inbound(wrong, "rejected") > 100
