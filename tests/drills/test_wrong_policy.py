"""An MTA-STS policy that does not name the MX's hosts keeps mail at those who honour it (RFC 8461 §4.1)."""

from functools import cache

import pytest

from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.findings.mx_change import policy_findings
from tests.drills.played import scenario, steps

ID_MIN = 60
"""When the id is changed, after the policy."""


@cache
def played(*given: tuple[str, str]) -> Session:
    """Nine hours from the onset; the MX names the gateway throughout."""
    one = scenario("exchange-down", 100)
    session = Session(one, 1, None)
    play(session, steps("exchange-down", *given), one.outage_start_ms + 9 * HOUR_MS)
    assert [event.text for event in session.events() if event.kind == "refused"] == []
    return session


def at_senders(*given: tuple[str, str]) -> int:
    """Messages that wait with senders then."""
    return played(*given).drill.world.custody()["inbound"].get("at_sender", 0)


POLICY = ("outage.start + 10m", "mta-sts policy server")
NEW_ID = (f"outage.start + {ID_MIN}m", "mta-sts id")


def test_a_wrong_policy_with_a_new_id_holds_mail_back_and_one_without_does_not() -> None:
    assert at_senders(POLICY, NEW_ID) > 100, "who honours it has no host left"
    assert at_senders(POLICY) == 0, "nobody looks at a policy whose id has not changed"
    assert at_senders(("outage.start + 10m", "mta-sts policy gateway+backup"), NEW_ID) == 0


@pytest.mark.parametrize(("undone", "waits"), [((), True), (("mta-sts policy gateway", "mta-sts id"), False)])
def test_it_ends_with_the_right_policy_and_another_id(undone: tuple[str, ...], waits: bool) -> None:
    back = tuple((f"outage.start + {ID_MIN + 60 + 30 * n}m", text) for n, text in enumerate(undone))
    assert (at_senders(POLICY, NEW_ID, *back) > 100) == waits


def test_before_the_id_is_known_nothing_waits() -> None:
    one = scenario("exchange-down", 100)
    session = Session(one, 1, None)
    play(session, steps("exchange-down", POLICY, NEW_ID), one.outage_start_ms + ID_MIN * MINUTE_MS)
    assert session.drill.world.custody()["inbound"].get("at_sender", 0) == 0


def test_the_debrief_names_the_policy_and_so_does_a_look_at_it() -> None:
    look = ("outage.start + 3h", "mta-sts show")
    session = played(POLICY, NEW_ID, look)
    (told,) = policy_findings(session)
    assert told.startswith("From Mon 10:")
    assert " to the end of the drill, the MX named gateway, but the MTA-STS policy that most senders" in told
    assert told.endswith("undo it with `mta-sts policy gateway`, and then `mta-sts id`.")
    (shown,) = (event.text for event in session.events() if event.text.startswith("MTA-STS: mode enforce"))
    assert shown.endswith(
        "; the policy does not list any host of the MX, so senders that honour it keep their mail"
    )
    back = (("outage.start + 4h", "mta-sts policy gateway"), ("outage.start + 4h5m", "mta-sts id"))
    (ended,) = policy_findings(played(POLICY, NEW_ID, *back))
    assert " until Mon 13:" in ended
    id_first = (("outage.start + 10m", "mta-sts id"), ("outage.start + 11m", "mta-sts policy server"))
    assert at_senders(*id_first) > 100, "they see the id later, and fetch what is served by then"
    assert len(policy_findings(played(*id_first))) == 1
    fine = ("outage.start + 10m", "mta-sts policy gateway+backup")
    for given in (
        (),
        (POLICY,),
        (fine, NEW_ID),
        (
            POLICY,
            NEW_ID,
            (f"outage.start + {ID_MIN + 20}m", back[0][1]),
            (f"outage.start + {ID_MIN + 25}m", back[1][1]),
        ),
    ):
        assert policy_findings(played(*given)) == []
