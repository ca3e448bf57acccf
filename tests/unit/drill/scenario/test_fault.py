"""Faults of the mail server side: values allowed in the file, and the combined effect of several at once."""

from pathlib import Path

import numpy as np
import pytest

from sim.drill.scenario.fault import Fault
from sim.drill.scenario.scenario import Scenario
from sim.drill.services.gateway_faults import OF
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.document import BadFile
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.kernel.shipped_folder import shipped_folder
from sim.mail.message.traffic import INBOUND

SHIPPED = (shipped_folder() / "outages" / "m365-partial.yaml").read_text(encoding="utf-8")
TIMELINE = SHIPPED[SHIPPED.index("timeline:") : SHIPPED.index("injects:")]


def written(folder: Path, *faults: str) -> Scenario:
    """`m365-partial` with these faults instead of its own."""
    lines = "\n".join(f"  - {{ id: f{n}, {fault} }}" for n, fault in enumerate(faults))
    text = SHIPPED.replace(TIMELINE, f"timeline:\n{lines}\n\n")
    text = text.replace("timeline.part-of-the-tenant.for", "timeline.f0.for")
    text = text.replace(
        "organisations/meridian-1000.yaml", str(shipped_folder() / "organisations/meridian-1000.yaml")
    )
    path = folder / "outage.yaml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(str(path), {"users": "60"})


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("at: T+1h, for: 9h, fault: mail-server explodes", "`timeline.0.fault` is 'mail-server explodes'"),
        ("at: T+1h, for: 9h, fault: mail-server is partial", "needs `share_percent`; add it"),
        ("at: T+1h, for: 9h, fault: mail-server is intermittent", "needs `share_percent`; add it"),
        ("at: T+1h, for: 9h, fault: mail-server is slow", "needs `per_message`; add it"),
        ("at: T+1h, for: 9h, fault: mail-server refuses, share_percent: 10", "`share_percent` belongs to"),
        ("at: T+1h, for: 9h, fault: access lost, reply: no", "`reply` belongs to"),
        ("at: T+1h, for: 9h, fault: access lost, access: kept", "`access lost` cannot keep access"),
        ("at: T+1h, for: 9h, fault: mail-server is partial, share_percent: 101", "share_percent` is 101"),
        ("at: T+1h, for: 9h, fault: mail-server refuses, per_message: 2s", "`per_message` belongs to"),
        ("at: T+1h, for: 9h, fault: mail-server refuses, by: sender", "`by` belongs to"),
        ("at: T+1h, for: 9h, fault: gateway answers 4xx, by: sender", "add `share_percent`, or leave it out"),
        ("at: T+1h, for: 9h, fault: mail-server refuses, ramps_up: 1h", "has no value that could ramp"),
        ("at: T+1h, for: 9h, fault: gateway answers 4xx, ramps_up: 10h", "are longer than `for`"),
    ],
)
def test_a_mistake_gets_one_line_with_its_place(tmp_path: Path, fault: str, says: str) -> None:
    with pytest.raises(BadFile) as found:
        written(tmp_path, fault)
    (line,) = str(found.value).splitlines()
    where, column, rest = line.removeprefix(f"{tmp_path / 'outage.yaml'}:").split(":", 2)
    assert int(where) == SHIPPED[: SHIPPED.index("timeline:")].count("\n") + 2
    assert int(column) > 1
    assert says in rest


@pytest.mark.parametrize(
    ("kind", "users"),
    [
        ("mail-server refuses", 100),
        ("mail-server times out", 100),
        ("mail-server answers 4xx", 0),
        ("mail-server is intermittent", 0),
        ("mail-server is slow", 0),
        ("mail-server is partial", 30),
        ("access lost", 30),
    ],
)
def test_who_loses_the_mailbox_by_default(kind: str, users: int) -> None:
    own = {"mail-server is slow": {"per_message": "9s"}}.get(kind, {})
    if kind in ("mail-server is partial", "mail-server is intermittent", "access lost"):
        own = {"share_percent": 30}
    fault = Fault.model_validate({"id": "f", "at": "T+1h", "for": "2h", "fault": kind, **own})
    assert fault.users_percent == users
    if kind != "access lost":
        kept = Fault.model_validate({**fault.model_dump(by_alias=True, mode="json"), "access": "kept"})
        assert kept.users_percent == 0


def session_of(scenario: Scenario, until_ms: int) -> Session:
    session = Session.start(scenario, 1)
    session.advance(until_ms)
    return session


def test_of_overlapping_faults_the_gravest_decides_and_users_hit_add_up(tmp_path: Path) -> None:
    scenario = written(
        tmp_path,
        "at: T+1h, for: 9h, fault: mail-server is intermittent, share_percent: 50",
        "at: T+2h, for: 1h, fault: mail-server refuses, access: kept",
        "at: T+2h30m, for: 2h, fault: access lost, share_percent: 40",
        "at: T+3h30m, for: 2h, fault: access lost, share_percent: 40, sign_in: lost",
    )
    session = session_of(scenario, HOUR_MS + 30 * MINUTE_MS)
    drill = session.drill
    seen = []
    for minutes in (90, 150 + 1, 190, 220, 280, 340, 605):
        session.advance(minutes * MINUTE_MS)
        condition = drill.world.queue.condition
        seen.append(
            (
                condition.answer,
                condition.per_mille,
                int(drill.world.users.absences.lost.sum()) // 10,
                drill.faults.sign_in_lost,
            )
        )
    lost = [one[2] for one in seen]
    assert [(answer, share, gone) for answer, share, _lost, gone in seen] == [
        ("defer", 500, False),
        ("refused", 1000, False),
        ("defer", 500, False),
        ("defer", 500, True),
        ("defer", 500, True),
        ("defer", 500, False),
        ("up", 1000, False),
    ]
    assert lost[0] == lost[5] == lost[6] == 0
    assert lost[1] == lost[2] == 2
    assert lost[3] > lost[2]
    assert drill.milestones["outage.end"] == 10 * HOUR_MS


@pytest.mark.parametrize("first", [40, 30])
def test_of_faults_of_one_kind_that_overlap_the_one_with_the_larger_share_decides(
    tmp_path: Path, first: int
) -> None:
    """One with 40 % and one with 30 %, in either order: a further fault never makes mail flow better."""
    other = 70 - first
    scenario = written(
        tmp_path,
        f"at: T+1h, for: 9h, fault: gateway answers 4xx, share_percent: {first}",
        f"at: T+2h, for: 1h, fault: gateway answers 4xx, share_percent: {other}",
        f"at: T+1h, for: 9h, fault: mail-server is partial, share_percent: {first}",
        f"at: T+2h, for: 1h, fault: mail-server is partial, share_percent: {other}",
    )
    session = session_of(scenario, 2 * HOUR_MS - MINUTE_MS)
    seen = []
    for minutes in (119, 150, 181):
        session.advance(minutes * MINUTE_MS)
        gravest = session.drill.faults.gravest()
        assert gravest is not None
        wire = session.drill.world.inbound.hop
        assert wire is not None
        host = wire.hosts["gateway-1"].at(session.now_ms)
        seen.append((gravest.share_percent, host.per_mille // 10))
    assert seen == [(first, first), (40, 40), (first, first)]


def test_timeouts_and_a_slow_server_show_in_the_queue(tmp_path: Path) -> None:
    dead = session_of(written(tmp_path, "at: T+1h, for: 9h, fault: mail-server times out"), 2 * HOUR_MS)
    assert dead.snapshot().queue.last_error == "connection timed out"
    assert dead.snapshot().queue.depth > 50
    slow = session_of(
        written(tmp_path, "at: T+1h, for: 9h, fault: mail-server is slow, per_message: 40m"), 3 * HOUR_MS
    )
    assert slow.snapshot().queue.depth > 50
    assert slow.snapshot().queue.last_error == "", "nothing fails"
    assert slow.true_series("without_mail", slow.now_ms, slow.now_ms, 1)[0] == 0
    slow.advance(14 * HOUR_MS)
    assert slow.snapshot().queue.depth < 5


def test_a_fault_ramps_up_and_down_in_ten_steps(tmp_path: Path) -> None:
    ramps = "ramps_up: 100m, ramps_down: 50m"
    scenario = written(
        tmp_path,
        f"at: T+1h, for: 9h, fault: mail-server is intermittent, share_percent: 55, {ramps}",
        "at: T+1h, for: 9h, fault: gateway is slow, per_message: 1s, direction: inbound, ramps_up: 100m",
    )
    first_ms = HOUR_MS
    session = session_of(scenario, first_ms + 1)
    world, seen = session.drill.world, []
    for minutes in (0, 9, 11, 95, 101, 494, 496, 501, 539, 541):
        session.advance(first_ms + minutes * MINUTE_MS + 2)
        seen.append((world.queue.condition.per_mille, world.cloud.processing.every_ms))
    assert seen == [
        (60, 100), (60, 100), (110, 200), (550, 1000), (550, 1000), (550, 1000), (500, 1000), (440, 1000),
        (60, 1000), (1000, None),
    ]  # fmt: skip
    assert world.queue.condition.lets_through


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("gateway times out", "gateway times out"),
        ("gateway times out, direction: outbound", "gateway times out (outbound)"),
        (
            "gateway times out, direction: inbound, hosts: one",
            "gateway times out (inbound, one of two hosts)",
        ),
        ("gateway answers 4xx, share_percent: 80", "gateway answers 4xx (80 % of attempts)"),
        (
            "gateway answers 4xx, direction: inbound, share_percent: 30, by: network",
            "gateway answers 4xx (inbound, 30 % of networks)",
        ),
        ("mail-server is partial, share_percent: 40", "mail-server is partial (40 % of users)"),
    ],
)
def test_a_fault_is_told_with_its_limits(tmp_path: Path, fault: str, told: str) -> None:
    """Two faults of one moment, one inbound and one outbound, were once told in the same words."""
    session = session_of(written(tmp_path, f"at: T+1h, for: 9h, fault: {fault}"), 11 * HOUR_MS)
    begins, over = (event.text for event in session.events() if event.kind == "fault")
    assert begins.partition(":")[0] == told
    assert over == f"ended: {told}"


def test_a_share_of_senders_is_always_the_same_and_none_of_its_mail_gets_through(tmp_path: Path) -> None:
    """With a draw for each attempt, everything has got through an hour after it was written."""
    waiting, senders = dict[str, set[int]](), dict[str, set[int]]()
    for by in ("attempt", "sender", "network", "platform"):
        fault = "at: T+1h, for: 9h, fault: gateway answers 4xx, direction: inbound, share_percent: 30"
        drill = session_of(written(tmp_path, f"{fault}, by: {by}"), 6 * HOUR_MS).drill
        hop = drill.world.inbound.hop
        assert hop is not None
        still = hop.live()
        ids = still.id[still.written_ms < 5 * HOUR_MS]
        waiting[by], senders[by] = set(ids.tolist()), set(hop.who.of(ids).tolist())
        mail = drill.spec.stream(INBOUND).between(HOUR_MS, 5 * HOUR_MS).id
        theirs = mail[np.isin(hop.who.of(mail), list(senders[by]))]
        assert set(theirs.tolist()) == waiting[by]
        if by in ("network", "platform"):
            of = OF[by]
            hit = np.isin(hop.who.groups(mail, of), hop.who.groups(ids, of))
            assert set(mail[hit].tolist()) == waiting[by]
    assert not waiting["attempt"]
    assert 10 <= len(senders["sender"]) <= 20, "three in ten of 49"
    assert len(waiting["platform"]) > 0
    assert senders["network"] not in (senders["sender"], senders["platform"], set())
