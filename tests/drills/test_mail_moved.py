"""When inbound mail counts as moved: by what was taken where, whichever host the record names first.

Where a gateway refuses, or drops packets, senders try the next host of the record, after minutes in the
second case. After a 4xx to a recipient most hosted senders try no other host; what is accepted is not offered
again.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from sim.drill.commands.outcome import Accepted
from sim.drill.organisation.house_rules import read_house_rules
from sim.drill.people.noticed_trouble import noticed
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.message.traffic import INBOUND
from sim.mail.routes.inbound import BACKUP, HOSTS, Inbound
from sim.mail.senders.arrivals import Arrivals
from sim.report.findings.mx_change import mx_findings
from tests.gateway_office import INVENTED, ONSET_MS, content
from tests.kept import kept
from tests.shipped import FILES

GO_MS = ONSET_MS + HOUR_MS
FAILURES = {
    "refuses": "gateway refuses",
    "drops": "gateway times out",
    "4xx": "gateway answers 4xx",
    "holds": "gateway accepts and holds",
}


@dataclass
class Took:
    """A drill, and every message that has left its sender by its id: when, when it was written, where to."""

    session: Session
    left: dict[int, tuple[int, int, int]]

    @property
    def moved_after_ms(self) -> int | None:
        come = self.session.drill.milestones
        return come["inbound.moved"] - come["mx.changed"] if "inbound.moved" in come else None


def scenario(failure: str, users: int, **secondary: Any) -> Scenario:
    changed = content()
    organisation = changed["organisation"]
    organisation |= {"approvals": None, "users": users}
    organisation["zone"] |= {"change_minutes": [0, 0], "mta_sts": {"mode": "none", **INVENTED}}
    organisation["guard"] |= {"change_minutes": [0, 0]}
    organisation["secondary"] |= secondary
    changed["timeline"][0] |= {"fault": FAILURES[failure], "reply": None, "for": "9h"}
    return Scenario.model_validate(changed)


def play(
    one: Scenario,
    *texts: str,
    seed: int = 1,
    until_ms: int = GO_MS + 4 * HOUR_MS,
    cut_ms: int = 24 * HOUR_MS,
) -> Took:
    """`texts` an hour after the onset, one after the other."""
    session = Session(one, seed, None)
    left: dict[int, tuple[int, int, int]] = {}
    usual = Inbound.advance

    def advance(inbound: Inbound, to_ms: int) -> Arrivals | None:
        gone = usual(inbound, to_ms)
        if gone is not None:
            columns = (gone.id, gone.time_ms, gone.written_ms, gone.host)
            for id_, *what in zip(*(column.tolist() for column in columns), strict=True):
                left[id_] = tuple(what)
        return gone

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Inbound, "advance", advance)
        session.advance(GO_MS)
        for text in texts:
            answer = session.dispatch(text)
            assert isinstance(answer, Accepted), answer
            session.advance(answer.effective_ms + 1)
        while session.now_ms < until_ms:
            session.advance(min(session.now_ms + cut_ms, until_ms))
    return Took(session, left)


@kept
def changed(failure: str, route: str, users: int = 60, seed: int = 1) -> Took:
    """The lock opened and the MX changed to `route`, four hours on."""
    return play(scenario(failure, users), "lock open backup", f"mx set {route} ttl=300", seed=seed)


def counted_ms(took: Took) -> int | None:
    """The same by counting messages one by one, minute by minute."""
    drill, rule = took.session.drill, read_house_rules(FILES).inbound
    who, heeds = drill.spec.correspondents(), drill.world.zone.heeds_ttl()
    changed_ms = drill.milestones["mx.changed"]
    mail = drill.spec.stream(INBOUND).between(changed_ms, drill.now_ms)
    rows = zip(mail.id.tolist(), mail.arrival_ms.tolist(), heeds[who.of(mail.id)].tolist(), strict=True)
    asked = [(written_ms, id_) for id_, written_ms, heeding in rows if heeding]

    def moved(id_: int) -> bool:
        at_ms, written_ms, host = took.left.get(id_, (0, 0, -1))
        return host == HOSTS.index(BACKUP) and at_ms - written_ms <= rule.soon_ms

    for minute_ms in range(0, drill.now_ms, MINUTE_MS):
        end_ms = minute_ms - rule.soon_ms
        if end_ms - rule.span_ms < changed_ms:
            continue
        before = [(written_ms, id_) for written_ms, id_ in asked if written_ms < end_ms]
        if len(before) < rule.least:
            continue
        begin_ms = min(end_ms - rule.span_ms, before[-rule.least][0])
        some = [moved(id_) for written_ms, id_ in before if written_ms >= begin_ms]
        if sum(some) * 1_000 >= len(some) * rule.moved_permille:
            return minute_ms - changed_ms
    return None


@pytest.mark.parametrize("users", [10, 60, 300])
@pytest.mark.parametrize("route", ["backup", "gateway+backup"])
@pytest.mark.parametrize("failure", FAILURES)
def test_mail_has_moved_when_enough_new_mail_is_accepted_elsewhere(
    failure: str, route: str, users: int
) -> None:
    took = changed(failure, route, users)
    assert took.moved_after_ms == counted_ms(took)
    assert (took.moved_after_ms is None) is (route != "backup" and failure in ("4xx", "holds"))


@pytest.mark.parametrize("seed", [2, 3])
def test_however_time_is_cut(seed: int) -> None:
    one, steps = scenario("drops", 60), ("lock open backup", "mx set gateway+backup ttl=300")
    whole = play(one, *steps, seed=seed)
    cut = play(one, *steps, seed=seed, cut_ms=7 * MINUTE_MS + 13)
    assert whole.moved_after_ms == cut.moved_after_ms is not None
    assert whole.session.digest() == cut.session.digest()


def waits_ms(took: Took) -> list[int]:
    """How long what was written once the old answers had run out took to the backup, in order."""
    from_ms = took.session.drill.milestones["mx.changed"] + 80 * MINUTE_MS
    backup = HOSTS.index(BACKUP)
    return sorted(
        at_ms - written_ms
        for at_ms, written_ms, host in took.left.values()
        if host == backup and written_ms >= from_ms
    )


@pytest.mark.parametrize("failure", ["refuses", "drops"])
def test_the_dead_host_that_stays_preferred_costs_attempts_and_where_packets_are_dropped_minutes(
    failure: str,
) -> None:
    right, wrong = changed(failure, "backup"), changed(failure, "gateway+backup")
    fast, slow = (waits_ms(took) for took in (right, wrong))
    assert len(fast) > 400
    assert fast[len(fast) // 2] == fast[-1], "each as it is written"
    if failure == "refuses":
        assert slow[len(slow) // 2] == fast[-1]
    else:
        assert slow[len(slow) // 2] > fast[-1] + MINUTE_MS - 1
        assert slow[-1] > 4 * MINUTE_MS
    tried = [took.session.drill.world.attempts()["inbound"] for took in (right, wrong)]
    assert tried[1] > tried[0] + len(slow)
    returned = [took.session.drill.world.custody()["inbound"]["bounced"] for took in (right, wrong)]
    assert returned[1] > returned[0], "an application tries one host, once"


def test_deferred_mail_stays_at_its_senders_and_held_mail_stays_at_the_gateway() -> None:
    for failure, account in (("4xx", "at_sender"), ("holds", "held")):
        right, wrong = (
            took.session.drill.world.custody()["inbound"][account]
            for took in (changed(failure, "backup"), changed(failure, "gateway+backup"))
        )
        assert wrong > 2 * right


def test_a_backup_with_too_little_room_has_not_got_the_mail() -> None:
    narrow = play(
        scenario("refuses", 60, at_a_time=1, per_message="60s"),
        "lock open backup",
        "mx set backup ttl=300",
    )
    assert changed("refuses", "backup").moved_after_ms is not None
    assert narrow.moved_after_ms == counted_ms(narrow) is None


def test_people_notice_until_it_has_moved_round_the_gateway_and_again_once_it_is_led_back() -> None:
    outside = Session(scenario("refuses", 60), 1, None).drill.stakeholders
    strangers = [group.mailboxes for group in outside._groups if not len(group.mailboxes)]
    steps = ("lock open backup", "connector set outbound secondary", "mx set gateway+backup ttl=300")

    def missed(*texts: str, until_ms: int = GO_MS + 4 * HOUR_MS) -> bool:
        took = play(scenario("refuses", 60), *texts, until_ms=until_ms)
        return "outside" in noticed(took.session.drill, strangers[0])

    moved_ms = play(scenario("refuses", 60), *steps).session.drill.milestones["inbound.moved"]
    assert missed(*steps, until_ms=moved_ms)
    assert not missed(*steps, until_ms=moved_ms + 1)
    assert missed(*steps, "mx set gateway")


@pytest.mark.parametrize("route", ["backup", "gateway+backup"])
@pytest.mark.parametrize("failure", FAILURES)
def test_the_debrief_tells_who_knew_when_and_when_the_mail_was_taken_elsewhere(
    failure: str, route: str
) -> None:
    took = changed(failure, route)
    (told,) = mx_findings(took.session)
    assert f" the MX pointed to the {route.replace('+', ', then the ')}. After 1 h 5 min, senders of" in told
    assert told.endswith("Senders whose resolvers keep answers beyond the TTL are not counted.")
    if took.moved_after_ms is None:
        assert (
            "of their mail was accepted there by the end of the drill: senders try the gateway first" in told
        )
    else:
        minutes = -(-took.moved_after_ms // MINUTE_MS)
        assert f"; after 1 h {minutes - 60} min, 95 % of their mail was accepted there." in told


def test_it_tells_of_each_change_and_whose_fault_it_was_that_nothing_moved() -> None:
    steps = ("lock open backup", "mx set backup ttl=300", "mx set gateway", "mx set backup+gateway")
    hasty, second = mx_findings(play(scenario("refuses", 60), *steps).session)
    assert "the MX pointed to the backup. " in hasty
    assert "Senders of less than 95 % of the mail saw the change." in hasty
    assert "the MX pointed to the backup, then the gateway. " in second
    assert "% of their mail was accepted there." in second
    narrow = scenario("refuses", 60, at_a_time=1, per_message="60s")
    (told,) = mx_findings(play(narrow, *steps[:2]).session)
    assert (
        "accepted there by the end of the drill: mail arriving there was deferred, rejected or had to wait."
        in told
    )
    assert mx_findings(play(scenario("refuses", 60)).session) == []
