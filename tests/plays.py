"""Small drills, and everything that can be told of one: for tests of whole sessions."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from sim.drill.scenario.scenario import Scenario
from sim.drill.services.real_mail import Letter
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.message.traffic import DIRECTIONS
from sim.report.document.run_document import document

ONSET_MS = HOUR_MS + 12 * MINUTE_MS
"""When `exchange-down` begins, since the drill's start."""

LETTER = Letter("anna@example.test", ("ben@harbour.example",), "Quay 4", 700, "0001.eml")


@cache
def small(outage: str = "2h", users: int = 20) -> Scenario:
    """`exchange-down` with few users."""
    return load_scenario("exchange-down", {"users": str(users), "outage": outage})


def play(
    outage: str,
    given: Iterable[tuple[int, str | Letter]],
    until_ms: int,
    users: int = 20,
    seed: int = 1,
    path: Path | None = None,
) -> Session:
    """A drill to which `given` is given, each at its moment, then advanced to `until_ms`."""
    session = Session.start(small(outage, users), seed, path)
    for at_ms, what in given:
        session.advance(at_ms)
        give(session, what)
    session.advance(until_ms)
    return session


def give(session: Session, what: str | Letter) -> None:
    """A command or a letter."""
    if isinstance(what, Letter):
        session.receive(what)
    else:
        session.dispatch(what)


def told(session: Session) -> dict[str, Any]:
    """Everything that can be compared of a drill: events, figures, effects, series, the trainee's view."""
    figures = document(session, "none", 1.0)
    now_ms = session.now_ms
    return {
        "now_ms": now_ms,
        "digest": session.digest(),
        "events": session.events(),
        "figures": figures,
        "effects": session.effects(),
        "snapshot": session.snapshot(),
        "series": {
            what: session.true_series(what, 0, now_ms, 97)
            for what in ("queue", "delivered", "bounced", "without_mail")
        },
    }


NOT_AT_ITS_END = ("at_sender", "gateway_queue", "held", "server_queue", "relay_queue")


def check_custody(session: Session) -> None:
    """The truth: every message is in exactly one account, and what was delivered was attempted."""
    world = session.drill.world
    custody, attempts = world.custody(), world.attempts()
    assert list(custody) == list(DIRECTIONS)
    waits = world.waits()
    for (name, book), generated in zip(custody.items(), world.generated(), strict=True):
        assert sum(book.values()) == generated, name
        assert len(waits[name]) == sum(book.get(account, 0) for account in NOT_AT_ITS_END), name
        assert (waits[name] <= session.now_ms).all(), name
        assert all(count > 0 for count in book.values()), name
        assert attempts[name] >= book.get("delivered", 0) + book.get("junked", 0), name
    flags = world.flags()
    assert all(count >= 0 for count in flags.values())
    assert flags["readable"] <= sum(book.get("gateway_queue", 0) for book in custody.values())


def check_conservation(session: Session) -> None:
    """`check_custody`, and none of the figures that are seen is impossible."""
    check_custody(session)
    view = session.snapshot()
    assert [name for name, _accounts in view.ledger] == list(DIRECTIONS)
    assert all(figure.count > 0 for _name, accounts in view.ledger for _account, figure in accounts)
    assert view.queue.depth == sum(count for _name, count in view.queue.bands)
    assert 0 <= view.helpdesk.last_hour <= view.helpdesk.calls
    if view.queue.seen.at_ms < view.t_ms:
        return
    queued = [dict(accounts).get("gateway_queue") for _name, accounts in view.ledger]
    waiting = sum(figure.count for figure in queued if figure is not None)
    assert view.queue.depth + view.queue.outbound == waiting
