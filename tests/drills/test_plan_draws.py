"""A plan's draws depend on their step, person and cause: an unrelated change of the plan moves none."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from sim.drill.session.load_plan import LoadedPlan
from sim.drill.session.session import Session
from sim.kernel.duration import MINUTE_MS
from sim.study.one_run import Study, played, run_of
from tests.plans import loaded, organisation_with

OFFICE, ON_CALL, OTHER_ON_CALL = "Mon-Fri 08:00-18:00", [5, 10, 20, 40, 80], [10, 15, 20, 30, 60]
AWAY = "Sun 08:00-09:00"
STAFF = [
    {"id": "ann", "role": "messaging-admin", "hours": OFFICE, "on_call_minutes": ON_CALL},
    {"id": "bob", "role": "messaging-admin", "hours": OFFICE, "on_call_minutes": OTHER_ON_CALL},
    {"id": "lea", "role": "incident-lead", "hours": AWAY, "on_call_minutes": ON_CALL},
    {"id": "leo", "role": "incident-lead", "hours": AWAY, "on_call_minutes": ON_CALL},
    {"id": "hal", "role": "helpdesk"},
    {"id": "cat", "role": "communications"},
    {
        "id": "sam",
        "role": "server-team",
        "also": ["messaging-admin"],
        "hours": AWAY,
        "on_call_minutes": ON_CALL,
    },
    {"id": "sue", "role": "security-approver", "hours": OFFICE, "on_call_minutes": ON_CALL},
    {"id": "sid", "role": "security-approver", "hours": OFFICE, "on_call_minutes": ON_CALL},
]
PEOPLE = """\
  - { role: helpdesk, answers: 1m..20m, reached: 60% }
  - { role: dns-team, count: 2, answers: 1m..20m, reached: 70% }
"""
START = "continuity start group=all for=3h via=console"
GMAIL = "connector test to=gmail"
INTRANET = "notify users via=intranet state=down"
STEPS = f"""\
  - {{ id: start, at: outage.start + 90m, owner: helpdesk, takes: 1m..9m, do: {START},
      fails: 40%, on failure: {{ after: 10m, again: 2 }} }}
  - {{ id: tell, at: outage.start + 3h, owner: helpdesk, takes: 1m..9m, do: {INTRANET} }}
  - {{ id: repair, at: outage.start + 7h, takes: 1m..9m, do: connector show, verify: {GMAIL} }}
  - {{ id: case, at: outage.start + 8h, owner: dns-team, takes: 1m..9m, do: phone gateway-vendor }}
  - {{ id: ask, at: outage.start + 10h, owner: helpdesk, takes: 1m..9m, do: approve outbound because=no way }}
  - {{ id: again, at: outage.start + 13h, takes: 1m..9m, do: disk show,
      fails: 30%, on failure: {{ after: 5m, do: other }} }}
  - {{ id: other, owner: dns-team, takes: 1m..9m, manual: Ask the other team }}
"""
PROMISE = "assumptions: [{ id: p, to: outage.end, within: 40h }]\n"
RUNS = range(1, 7)


@cache
def outage(without: str = "") -> tuple[Path, str]:
    """A mail server's outage, in an organisation where two people on call share each of three roles;
    `without`: a person who has left.
    """
    folder = Path(mkdtemp())
    staff = [{"name": one["id"], **one} for one in STAFF if one["id"] != without]
    return folder, organisation_with(folder, "exchange-down", staff=staff)


def plan(
    people: str = PEOPLE,
    steps: str = STEPS,
    without: str = "",
    starts: str = "Mon 19:00, Wed 20:00, Sat 22:00",
    promise: str = PROMISE,
) -> LoadedPlan:
    folder, scenario = outage(without)
    varies = f"varies: {{ starts: [{starts}], outage: 15h..18h }}\ntogether: 20%\n"
    rest = f"{varies}people:\n{people}steps:\n{steps}{promise}"
    return loaded(folder, rest, scenario, "20h", users=60)


def draws(plan: LoadedPlan, number: int) -> dict[str, Any]:
    """The results of a run's draws, each by its cause."""
    session, run = played(Study(plan, 1, digests=frozenset()), number, None)
    found: dict[str, Any] = {f"drawn {name}": ms for name, ms in run.drawn.items()}
    return found | {f"step {id_}": one for id_, one in run.steps.items()} | of_the_world(session)


def of_the_world(session: Session) -> dict[str, Any]:
    drill, users = session.drill, session.drill.users
    found: dict[str, Any] = {"first calls": users.calls._call_ms.tolist()}
    found |= {f"apps {one.start_ms}": one.since_ms.tolist() for one in users.membership.events}
    found |= {f"alert {one.t_ms} {one.source}": True for one in drill.events if one.kind == "sms"}
    told = [one.t_ms for one in drill.room.said if one.audience == "users"]
    for t_ms, made in zip(told, users.announcements._made, strict=True):
        found[f"update {t_ms}"] = made.informed_ms.tolist()
    for one in drill.room.approvals.requests:
        found[f"approval {one.subject} {one.asked_ms}"] = (one.of, one.answered_ms, one.state)
    for call in drill.room.stakeholder_calls:
        found[f"call of {call.who} {call.t_ms}"] = (call.by, call.says)
    for desk in drill.staff.desks:
        for task in desk.tasks:
            found[f"{desk.person.id}: {task.text} {task.starts_ms}"] = task.done_ms
    return found


@cache
def before(number: int) -> dict[str, Any]:
    return draws(plan(), number)


def moved(number: int, people: str = PEOPLE, steps: str = STEPS) -> dict[str, tuple[Any, Any]]:
    """Results of `before` that are different or missing with these people and steps."""
    after = draws(plan(people, steps), number)
    return {name: (one, after.get(name)) for name, one in before(number).items() if after.get(name) != one}


def first(step: str) -> str:
    return f"  - {{ id: x, {step} }}\n{STEPS}"


def last(step: str) -> str:
    return f"{STEPS}  - {{ id: x, {step} }}\n"


LATER = "at: outage.start + 4h, takes: 1m..9m"
EARLY = "owner: communications, at: outage.start + 10m, takes: 1m"
CHANGED = {
    "the same shared role": last(f"owner: messaging-admin, {LATER}, manual: Look"),
    "the same shared role, at the beginning": first(f"{LATER}, do: connector show"),
    "another shared role": first(f"owner: incident-lead, {LATER}, manual: Look"),
    "the role of a stand-in": first(f"owner: server-team, {LATER}, manual: Look"),
    "the approvers' role": last(f"owner: security-approver, {LATER}, manual: Look"),
    "another request": first(f"owner: incident-lead, {LATER}, do: approve exposure because=it is late"),
    "another update, which reaches no user": first(f"{EARLY}, do: notify users via=email state=down"),
    "another event": first(f"{EARLY}, do: continuity start group=terminal for=1h via=console"),
    "another test": first(f"owner: server-team, {LATER}, do: {GMAIL}"),
    "a phase": STEPS.replace("{ id: case,", "{ id: case, phase: Vendor,"),
    "another order": STEPS[STEPS.index("  - { id: repair") :] + STEPS[: STEPS.index("  - { id: repair")],
}


@pytest.mark.parametrize("changed", CHANGED)
def test_an_unrelated_change_of_the_steps_moves_no_draw(changed: str) -> None:
    for number in RUNS:
        assert moved(number, steps=CHANGED[changed]) == {}


def test_without_a_step_the_others_keep_their_draws() -> None:
    left = "".join(line for line in STEPS.splitlines(keepends=True) if "id: case" not in line)
    for number in RUNS:
        assert {
            name for name in moved(number, steps=left) if "case" not in name and "phone" not in name
        } == set()


@pytest.mark.parametrize(
    "more",
    [
        f"  - {{ role: porter, count: 3, hours: {OFFICE}, answers: 1m..9m, reached: 50% }}\n",
        "  - { role: communications, answers: 1m..9m, reached: 50% }\n",
    ],
)
def test_people_without_a_step_move_no_draw(more: str) -> None:
    for number in RUNS:
        assert moved(number, people=more + PEOPLE) == {}


def test_an_acknowledged_alert_does_not_move_the_texts_of_others() -> None:
    step = "owner: communications, at: outage.start + 1h, takes: 1m, do: alerts ack"
    for number in RUNS:
        after = draws(plan(steps=first(step)), number)
        alerts, kept = (
            {name for name in found if name.startswith("alert ")} for found in (before(number), after)
        )
        assert kept < alerts
        assert any("Service Monitor" in name for name in kept)


def test_the_number_of_checks_that_verify_a_step_does_not_move_its_next_attempt() -> None:
    """A step that keeps the helpdesk busy delays the checks, so that there are fewer of them."""
    steps = """\
  - { id: call, owner: helpdesk, at: outage.start + 10m, every: 4h, unless: [outage.end], takes: 5m,
      do: phone gateway-vendor, verify: continuity test }
  - { id: start, owner: communications, at: outage.start + 2h, takes: 5m,
      do: continuity start group=all for=14h via=console }
"""
    busy = "  - { id: x, owner: helpdesk, at: outage.start + 1h, takes: 40m, manual: Answer the phone }\n"

    def found(steps: str, number: int) -> tuple[int, list[int]]:
        session, _run = played(Study(plan(steps=steps), 1, digests=frozenset()), number, None)
        checks = [text for _t_ms, text in session.commands if text == "continuity test"]
        return len(checks), [one.until_ms - one.from_ms for one in session.drill.room.phone.holds]

    for number in (1, 2, 3):
        (checks, holds), (fewer, same) = found(steps, number), found(steps + busy, number)
        assert fewer < checks
        assert len(set(holds)) > 1
        assert same == holds


def test_of_two_people_on_call_the_first_to_start_does_the_step() -> None:
    def starts_ms(number: int, without: str = "") -> int:
        """The time of the call is the same in all three organisations."""
        run = run_of(Study(plan(without=without), 1, digests=frozenset()), number)
        starts_ms = run.steps["repair"].starts_ms
        assert starts_ms is not None
        return starts_ms

    ann, bob = ([starts_ms(number, other) for number in RUNS] for other in ("bob", "ann"))
    first_ms = [min(one, other) for one, other in zip(ann, bob, strict=True)]
    assert [starts_ms(number) for number in RUNS] == first_ms
    assert first_ms not in (ann, bob)


def test_a_kept_run_replays_with_the_person_who_was_called(tmp_path: Path) -> None:
    journal, people = tmp_path / "run.jsonl", PEOPLE.splitlines(keepends=True)[0]
    steps = STEPS.replace("owner: dns-team", "owner: helpdesk")
    session, run = played(Study(plan(people, steps), 1), 1, journal)
    again = Session.replay(journal)
    assert again.people == ()
    assert again.digest() == run.digest
    assert of_the_world(again) == of_the_world(session)


def test_an_update_that_is_delayed_keeps_the_draw_of_its_effect() -> None:
    """Executives call some time after the update that they were promised has not come."""
    tell = "notify executives via=phone state=down next=1h"
    steps = f"  - {{ id: tell, owner: communications, at: outage.start + 30m, takes: 5m, do: {tell} }}\n"
    busy = "  - { id: x, owner: communications, at: outage.start + 20m, takes: 20m, manual: Look }\n"

    def told_and_called(steps: str, number: int) -> tuple[int, int]:
        study = Study(plan(steps=steps, starts="Mon 09:00"), 1, digests=frozenset())
        room = played(study, number, None)[0].drill.room
        called = [one.t_ms for one in room.stakeholder_calls if one.who == "executives"]
        return room.said[0].t_ms, called[0]

    for number in (1, 2, 3):
        (told_ms, called_ms), (later_ms, after_ms) = (
            told_and_called(one, number) for one in (steps, busy + steps)
        )
        assert later_ms - told_ms == 10 * MINUTE_MS
        assert after_ms - later_ms == called_ms - told_ms
