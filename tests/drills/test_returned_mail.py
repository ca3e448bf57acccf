"""Own goals are heard of while they happen: writers and partners whose mail comes back, or does not."""

import re
from functools import cache

import pytest

from sim.drill.commands.outcome import Accepted
from sim.drill.room.phone_calls import called_ms
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS
from sim.mail.senders.hosts.host import Behaviour
from sim.report.outcome import outcome
from tests.drills.played import reference, scenario, steps, well

USERS = 300
HONEST = "notify users via=sms cause=gateway"
PARTNERS = "notify partners via=phone cause=gateway advise=do-not-resend"
READY = (
    ("outage.start + 3m", "probe mx all"),
    ("outage.start + 12m", "diagnose component=gateway failure=refuses"),
    ("outage.start + 15m", HONEST),
    ("outage.start + 15m", PARTNERS),
    ("outage.start + 13m", "approve outbound emergency=yes because=offers"),
    ("outage.start + 14m", "approve mx emergency=yes because=no estimate"),
    ("outage.start + 14m", "approve exposure emergency=yes because=backup"),
)
ON_AT_MIN = 95
"""When what the steps lead to is in force."""


@cache
def played(*given: tuple[str, str], minutes: int = 330, seed: int = 1) -> Session:
    one = scenario("gateway-down", USERS)
    session = Session(one, seed, None)
    play(session, steps("gateway-down", *READY, *given), one.outage_start_ms + minutes * MINUTE_MS)
    return session


def direct(*more: tuple[str, str]) -> Session:
    return played(("outage.start + 85m", "connector set outbound direct"), *more)


def mx_first(*more: tuple[str, str]) -> Session:
    return played(("outage.start + 85m", "mx set backup ttl=5m"), *more)


def after_min(session: Session, t_ms: int) -> int:
    return (t_ms - session.scenario.outage_start_ms) // MINUTE_MS


def tickets(session: Session) -> list[tuple[int, str]]:
    return [(after_min(session, one.t_ms), one.text) for one in session.events() if one.ref == "returned"]


def phoned(session: Session) -> list[int]:
    return [after_min(session, t_ms) for t_ms in called_ms(session.drill.room.stakeholder_calls, "partners")]


def asked(session: Session, since_min: int = 0) -> int:
    """Calls about mail that came back, from so many minutes after the onset on."""
    since_ms = session.scenario.outage_start_ms + since_min * MINUTE_MS
    return session.drill.about_returned.calls_between(since_ms, session.now_ms)


def test_the_first_report_of_an_unsigned_way_out_is_a_ticket_within_minutes() -> None:
    session = direct()
    back_ms = session.drill.world.ledger.returns.first_since(0, "server was refused")
    assert back_ms is not None
    (first_min, text), *more = tickets(session)
    assert 0 <= first_min - after_min(session, back_ms) <= 10
    assert re.fullmatch(r"my mail to \S+\.example bounced at Wed \d\d:\d\d: 550-5\.7\.26 .*", text)
    assert more, "and it is not the last"
    figures = outcome(session)
    assert 0 < asked(session) < figures.people.calls < 0.2 * USERS
    signed = played(("outage.start + 85m", "connector set outbound secondary"))
    assert tickets(signed) == []
    assert outcome(signed).people.calls == outcome(played()).people.calls < figures.people.calls - 10


def test_every_number_of_calls_has_those_about_returned_mail_in_it() -> None:
    session = direct()
    texts = [one.text for one in session.events() if one.kind == "ticket" and one.source == "helpdesk"]
    assert any(re.search(r"\d+ said that their mail bounced", text) for text in texts)
    by_hour = session.snapshot().helpdesk.by_hour
    assert sum(by_hour) == outcome(session).people.calls


def test_a_word_from_before_says_nothing_of_it_and_one_from_after_does() -> None:
    silent = direct()
    assert asked(silent) > 0, "they were told in the first quarter of an hour that mail is down"
    told = direct((f"outage.start + {ON_AT_MIN + 20}m", HONEST))
    assert asked(told, ON_AT_MIN + 90) < asked(silent, ON_AT_MIN + 90) / 2


def test_the_sooner_it_is_mended_the_fewer_call() -> None:
    ended = direct(("outage.start + 105m", "connector set outbound secondary"))
    assert 0 < asked(ended) < asked(direct())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_partners_phone_about_refusals_of_theirs_whatever_they_were_told_before(seed: int) -> None:
    wrong = played(("outage.start + 85m", "mx set backup ttl=5m"), seed=seed)
    opened = ("exposure.approved", "lock open backup")
    right = played(opened, ("lock.opened + 5m and mx.approved", "mx set backup ttl=5m"), seed=seed)
    assert len(right.drill.world.relay.delivered) > 100
    back_ms = wrong.drill.world.ledger.returns.first_since(0, "backup refused")
    assert back_ms is not None
    first, *_again = phoned(wrong)
    assert 5 <= first - after_min(wrong, back_ms) <= 40
    call = next(call for call in wrong.drill.room.stakeholder_calls if call.who == "partners")
    assert "bounces at once: your server answers 530 5.7.57" in call.says
    assert phoned(right) == []


def test_a_word_about_it_ends_their_calls() -> None:
    wrong = mx_first()
    told = mx_first((f"outage.start + {phoned(wrong)[0] + 5}m", PARTNERS))
    assert len(phoned(wrong)) > 1
    assert phoned(told) == phoned(wrong)[:1]


def ledger_shows(session: Session, direction: str, account: str) -> int:
    figures = dict(dict(session.snapshot().ledger)[direction])
    return figures[account].count if account in figures else 0


@pytest.mark.parametrize("to", ["backup", "server"])
def test_what_the_mail_server_refuses_itself_stands_in_its_log_while_it_does(to: str) -> None:
    session = played(("outage.start + 85m", f"mx set {to} ttl=5m"))
    refused = session.drill.world.custody()["inbound"]["rejected"]
    assert refused > 100
    assert ledger_shows(session, "inbound", "rejected") == refused
    goal = next(one for one in session.snapshot().objectives if one.id == "no-own-goals")
    assert goal.state == "failed", "whoever can see it knows"
    assert ledger_shows(played(), "inbound", "rejected") == 0


def test_what_other_hosts_refuse_to_senders_stands_in_no_log_of_ours() -> None:
    session = Session(scenario("gateway-down", USERS), 1, None)
    world, hosts = session.drill.world, session.drill.world.inbound.hosts
    assert world.inbound.only_server_refuses(0), "the lock rejects whoever comes by himself"
    session.advance(MINUTE_MS)
    world.gateway_door.becomes(Behaviour("reject"))
    assert hosts["gateway-1"].at(session.now_ms).answer == "reject"
    session.advance(60 * MINUTE_MS)
    assert world.custody()["inbound"]["rejected"] > 50
    assert ledger_shows(session, "inbound", "rejected") == 0


def test_nobody_asks_about_returned_mail_where_the_reference_is_followed() -> None:
    assert reference("gateway-down").steps
    session = well("gateway-down").session
    assert tickets(session) == []
    assert phoned(session) == []


@pytest.mark.parametrize("piece_ms", [7 * MINUTE_MS, 61_003])
def test_time_cut_anywhere_brings_the_same_calls(piece_ms: int) -> None:
    given = (("outage.start + 85m", "connector set outbound direct"), ("outage.start + 90m", "mx set backup"))
    whole, cut = (in_pieces(length_ms, *READY, *given) for length_ms in (1 << 40, piece_ms))
    assert [(one.t_ms, one.text) for one in cut.events()] == [(one.t_ms, one.text) for one in whole.events()]
    assert cut.digest() == whole.digest()
    assert tickets(whole)
    assert phoned(whole)


def in_pieces(length_ms: int, *given: tuple[str, str]) -> Session:
    one = scenario("gateway-down", 100)
    session = Session(one, 1, None)
    for at, text in (*given, ("outage.start + 330m", "")):
        at_ms = one.outage_start_ms + int(re.findall(r"\d+", at)[0]) * MINUTE_MS
        while session.now_ms < at_ms:
            session.advance(min(at_ms, session.now_ms + length_ms))
        if text:
            assert isinstance(session.dispatch(text), Accepted), text
    return session
