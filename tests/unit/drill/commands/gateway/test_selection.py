"""`queue … oldest= to= from=` and `deliveries limit`: which messages are meant."""

from collections import Counter

import numpy as np
import pytest

from sim.drill.commands.gateway.deliveries import DeliveriesLimit
from sim.drill.commands.outcome import Accepted, Refused
from sim.drill.instruments import gateway_console
from sim.drill.instruments.mail_addresses import from_addresses
from sim.drill.room.work_given import Turn
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.kernel.quantities import counted
from sim.mail.message.rows import Rows
from sim.mail.message.traffic import INTERNAL, REAL_MAIL, direction_of
from sim.mail.server.pressure_gauge import PressureEffect
from sim.report.debrief import doing_nothing
from sim.report.outcome import outcome
from sim.report.table import comparison_rows
from tests.plays import LETTER, ONSET_MS, check_conservation, play

NOW_MS = ONSET_MS + 2 * HOUR_MS


def waiting() -> Session:
    """The server is down, users write to each other in continuity; nothing is in line."""
    return play("8h", [(ONSET_MS + MINUTE_MS, "continuity start via=console")], NOW_MS)


def identity_of(session: Session, number: int) -> int:
    found = session.drill.world.numbering.identity(number, session.now_ms)
    assert found is not None
    return found


def done(session: Session, text: str) -> tuple[str, Rows, set[int]]:
    """What is said of it, what was in the queue before it, and who left at it."""
    answer = session.dispatch(text)
    assert isinstance(answer, Accepted), answer
    session.advance(answer.effective_ms)
    before = session.drill.world.cloud.live().in_arrival_order()
    session.advance(answer.effective_ms + 1)
    gone = set(before.id.tolist()) - set(session.drill.world.cloud.live().id.tolist())
    said = [event for event in session.events() if event.kind == "done" and event.t_ms == answer.effective_ms]
    return said[-1].text, before, gone


def test_the_oldest_leave_and_the_others_stay() -> None:
    session = waiting()
    text, rows, gone = done(session, "queue reject inbound oldest=7")
    assert text == "7 messages rejected; their senders are notified"
    assert gone == set(rows.id[:7].tolist())
    check_conservation(session)


def test_by_recipient_and_by_origin() -> None:
    session = waiting()
    rows = session.drill.world.cloud.live()
    user = int(np.bincount(rows.user).argmax())
    _text, rows, gone = done(session, f"queue bounce inbound to=user{user:04d} from=colleagues")
    meant = (rows.user == user) & (direction_of(rows.id) == INTERNAL)
    assert meant.sum() > 0
    assert ((rows.user == user) & ~meant).sum() > 0, "there is mail from outside to that user too"
    assert gone == set(rows.id[meant].tolist())


def test_by_domain_and_by_address_of_who_wrote() -> None:
    """What the list shows is what is selected, and nothing else."""
    session = waiting()
    rows = session.drill.world.cloud.live()
    shown = dict(zip(rows.id.tolist(), from_addresses(session.drill, rows.id), strict=True))
    domains = Counter(one.partition("@")[2] for one in shown.values() if not one.startswith("user"))
    (domain, count), *_ = domains.most_common()
    assert 10 < count < len(rows) // 2
    newest = gateway_console.listing(session.drill, gateway_console.newest(session.drill, 20))
    assert len(newest) == 20
    assert [view.sender for view in newest] == [shown[identity_of(session, view.number)] for view in newest]
    _text, rows, gone = done(session, f"queue reject inbound from={domain}")
    shown = dict(zip(rows.id.tolist(), from_addresses(session.drill, rows.id), strict=True))
    assert gone == {one for one, name in shown.items() if name.endswith(f"@{domain}")}
    address = next(name for one, name in shown.items() if one not in gone and "user" not in name)
    text, rows, gone = done(session, f"queue bounce inbound from={address}")
    assert gone >= {one for one, name in shown.items() if name == address}
    assert len(gone) < 5, "one person there, not the whole organisation"
    assert text == f"{counted(len(gone), 'message')} returned to their senders"
    check_conservation(session)


def test_by_the_colleague_who_wrote() -> None:
    session = waiting()
    rows = session.drill.world.cloud.live()
    internal = rows.id[direction_of(rows.id) == INTERNAL]
    (name, count), *_ = Counter(from_addresses(session.drill, internal)).most_common()
    _text, rows, gone = done(session, f"queue bounce inbound from={name}")
    shown = from_addresses(session.drill, rows.id)
    assert gone == {one for one, sender in zip(rows.id.tolist(), shown, strict=True) if sender == name}
    assert len(gone) >= count > 0


def test_a_real_letter_by_its_domain() -> None:
    session = play("8h", [(ONSET_MS + MINUTE_MS, LETTER)], NOW_MS)
    _text, _rows, gone = done(session, "queue reject inbound from=example.test")
    (letter,) = gone
    assert letter >= REAL_MAIL
    assert LETTER.envelope_from == "anna@example.test"


def test_a_forced_attempt_of_some_is_an_attempt_of_no_others() -> None:
    session = waiting()
    answer = session.dispatch("queue retry inbound oldest=5 from=outside")
    assert isinstance(answer, Accepted)
    session.advance(answer.effective_ms)
    before = session.drill.world.cloud.live().in_arrival_order()
    session.advance(answer.effective_ms + 1)
    after = session.drill.world.cloud.live().in_arrival_order()
    more = after.id[after.attempts > before.attempts]
    outside = before.id[direction_of(before.id) != INTERNAL]
    assert set(outside[:5].tolist()) <= set(more.tolist())
    assert len(more) <= 5 + 2, "and at most one or two whose own time has come"
    (batch,) = session.drill.batches.all
    assert (len(batch.ids), batch.taken) == (5, 0)
    session.dispatch("status check gateway")
    session.advance(session.now_ms + 5 * MINUTE_MS)
    told = [event.text for event in session.events() if event.kind == "report"][-1]
    assert "5 (the oldest from outside): 0 accepted, 5 deferred again" in told


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "queue retry inbound oldest=many",
            "`many` is not a number of messages; write oldest=2000, for example",
        ),
        ("queue retry inbound oldest=0", "`0` is not a number of messages"),
        ("queue retry inbound to=boss", "`boss` is not a user here; write to=user0000 to to=user"),
        ("queue retry inbound to=user0001@else.example", "is not a user here"),
        ("queue retry inbound to=user9999999", "is not a user here"),
        ("queue reject inbound from=mars", "`mars` is not a known domain; use one shown in the console"),
        ("queue reject inbound from=oak-works99.example", "`oak-works99.example` is not a known domain"),
        ("queue reject inbound from=user9999999", "`user9999999` is not a known domain"),
        ("queue reject outbound from=colleagues", "all outbound mail is from your own users"),
        ("queue bounce inbound message=3 oldest=4", "leave out `oldest`, `to` and `from`"),
        (
            "deliveries limit inbound connections=0",
            "`0` is not a limit; write connections=1 to connections=20",
        ),
        ("deliveries limit inbound connections=21", "write connections=1 to connections=20, half or all"),
        (
            "deliveries limit inbound connections=all",
            "deliveries are not limited, so there is no limit to lift",
        ),
        ("deliveries limit inbound", "`connections=` is missing"),
    ],
)
def test_mistakes_get_one_line(text: str, says: str) -> None:
    answer = waiting().dispatch(text)
    assert isinstance(answer, Refused)
    assert says in answer.reason
    assert "\n" not in answer.reason


@pytest.mark.parametrize("users", [200, 2500])
def test_half_is_half_of_what_a_server_of_that_size_takes_at_a_time(users: int) -> None:
    session = play("1h", [], ONSET_MS, users=users)
    usual = session.drill.world.endpoint.usual_pace.connections
    assert usual == (20 if users == 200 else 60)
    said, *_ = done(session, "deliveries limit inbound connections=half")
    assert said.startswith(f"inbound deliveries limited to {usual // 2} at a time")
    assert session.drill.world.cloud.most_connections == usual // 2


def test_a_limit_halves_the_rate_and_is_lifted_again() -> None:
    session = play("8h", [], ONSET_MS + 8 * HOUR_MS + MINUTE_MS, users=200)
    assert done(session, "deliveries limit inbound connections=1")[0] == (
        "inbound deliveries limited to 1 at a time, at most 60 a minute"
    )
    done(session, "queue retry inbound")
    session.advance(session.now_ms + 2 * MINUTE_MS)
    from_ms = session.now_ms
    session.advance(from_ms + MINUTE_MS)
    assert session.drill.world.queue.delivered.between(from_ms, session.now_ms) in (59, 60)
    assert done(session, "deliveries limit inbound connections=all")[0] == (
        "inbound deliveries are no longer limited"
    )
    from_ms = session.now_ms
    session.advance(from_ms + MINUTE_MS)
    assert session.drill.world.queue.delivered.between(from_ms, session.now_ms) > 90


def test_what_colleagues_wrote_and_the_gateway_returned_stands_beside_the_inbound_mail() -> None:
    session = waiting()
    _text, _rows, gone = done(session, "queue bounce inbound from=colleagues")
    assert len(gone) > 5
    figures = outcome(session)
    assert (figures.lost.bounced, figures.internal.returned) == (0, len(gone))
    row = ("Internal, bounced", f"{len(gone):,}", "0")
    assert row in comparison_rows(figures, doing_nothing(session))


def test_a_limit_under_back_pressure_names_the_usual_rate_and_that_of_now() -> None:
    """Ten at a time: one a second each, 600 a minute; with 55 s at MAIL FROM one in 56 s each, 10."""
    session = play("1h", [], ONSET_MS - MINUTE_MS, users=200)
    session.drill.world.endpoint.effect = PressureEffect(tarpit_ms=55_000)
    session.drill.world.server_door.change_pace(session.drill.world.endpoint.pace)
    assert DeliveriesLimit("inbound", "10").act(session.drill, Turn("Nadia Rahman")) == (
        "inbound deliveries limited to 10 at a time, at most 600 a minute; "
        "10 while back pressure lasts, with 55 s at MAIL FROM"
    )
