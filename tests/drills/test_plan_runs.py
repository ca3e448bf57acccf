"""Runs of plans: reproducible, replayable, and untouched by what does not belong to them."""

from pathlib import Path

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.lint.lint import lint_file
from sim.drill.organisation.shipped_files import shipped_names
from sim.drill.scenario.runbook import reference_runbook
from sim.drill.session.load import load_scenario
from sim.drill.session.load_plan import load_plan
from sim.drill.session.new_plan import new_plan
from sim.drill.session.session import Session
from sim.kernel.document import BadFile
from sim.kernel.duration import MINUTE_MS
from sim.study.chains import chain, why_never
from sim.study.check import at_look, check
from sim.study.one_run import Study, played, run_of
from sim.study.surroundings import circular
from sim.study.why import why
from sim.study.workers import Serial, Workers
from tests.examples import TIMES
from tests.plans import loaded, minutes, runs

STEPS = """\
people: [{ role: lead }, { role: dns }]
steps:
  - { id: a, owner: lead, takes: "pert(5m, 12m, 45m)", manual: one, fails: 20%, on failure: { again: 1 } }
  - { id: b, after: [a], owner: dns, takes: 5m..25m, manual: two }
"""
PROMISE = "assumptions: [{ id: p, to: b.done, within: 40m, with: 50% }]\n"


def test_an_unrelated_step_changes_no_other_draw(tmp_path: Path) -> None:
    before = runs(loaded(tmp_path, STEPS + PROMISE), 20)
    further = "  - { id: aa, owner: dns, at: outage.start + 2h, takes: 5m..25m, manual: three }\n"
    after = runs(loaded(tmp_path, STEPS + further + PROMISE), 20)
    for one, other in zip(before, after, strict=True):
        shared = {name: ms for name, ms in other.drawn.items() if not name.startswith("aa.")}
        assert shared == dict(one.drawn)
        assert minutes(one, "b") == minutes(other, "b")


def test_a_kept_run_replays_to_its_digest(tmp_path: Path) -> None:
    plan = loaded(
        tmp_path,
        """\
people: [{ role: dns, hours: "Mon-Fri 08:00-18:00" }]
varies: { starts: any, outage: 2h..6h }
steps:
  - { id: look, at: alert.first, do: alerts ack }
  - { id: other, after: [look], owner: dns, takes: 3m..30m, manual: Something else }
  - { id: start, after: [look], do: continuity start group=all for=8h via=sms, takes: 2m..9m }
assumptions: [{ id: p, to: continuity.active, within: 1h }]
""",
    )
    journal = tmp_path / "run.jsonl"
    run = played(Study(plan, 1), 3, journal)[1]
    again = Session.replay(journal)
    assert again.digest() == run.digest
    assert [desk.person.role for desk in again.drill.staff.desks][-1] == "dns"
    assert run_of(Study(plan, 1), 3).digest == run.digest
    assert run_of(Study(plan, 1), 4).digest != run.digest


def test_a_kept_run_replays_with_the_plans_own_approver(tmp_path: Path) -> None:
    plan = loaded(
        tmp_path,
        """\
people: [{ role: security-approver, answers: 30m..4h }]
steps:
  - { id: look, at: outage.start + 10m, takes: 1m, do: probe mx all }
  - { id: ask, after: [look], takes: 1m, do: approve mx }
assumptions: [{ id: p, to: mx.approved, within: 1h }]
""",
        "gateway-down",
        "6h",
    )
    journal = tmp_path / "run.jsonl"
    run = played(Study(plan, 1), 2, journal)[1]
    assert run.drawn["ask.approver answers"] > 30 * MINUTE_MS
    again = Session.replay(journal)
    assert again.digest() == run.digest
    assert again.drill.milestones["mx.approved"] == run.milestones["mx.approved"]


def test_one_process_and_a_pool_whose_worker_dies_give_the_same(tmp_path: Path) -> None:
    study = Study(loaded(tmp_path, STEPS + PROMISE), 5)
    count = 30 if TIMES == 1 else 60
    alone = check(study, Serial(), count)
    killed = False

    with Workers(2) as workers:

        def told(_count: int) -> None:
            nonlocal killed
            if not killed and (processes := workers.processes()):
                import os
                import signal

                killed = True
                os.kill(processes[0], signal.SIGKILL)

        workers._told = told
        shared = check(study, workers, count)
    assert killed
    assert shared.runs == alone.runs
    looked = {1, *alone.looks}
    assert {run.number for run in alone.runs if run.digest} == looked
    assert [one.looks for one in shared.promises] == [one.looks for one in alone.promises]


def test_the_chain_adds_up_to_the_time_that_it_explains(tmp_path: Path) -> None:
    plan = loaded(tmp_path, STEPS + PROMISE)
    promise = plan.plan.assumptions[0]
    for run in runs(plan, 12):
        links = chain(promise, plan.plan, run)
        if run.steps["b"].done_ms is None:
            assert links == []
            assert why_never(promise, plan.plan, run) == "a failed: the attempt failed"
        else:
            assert sum(link.ms for link in links) == pytest.approx(minutes(run, "b") * 60_000, abs=3_000)
            assert links[-1].name == "b"


def test_a_promise_on_the_moment_that_ends_a_run_has_the_chain_of_its_step(tmp_path: Path) -> None:
    """The command takes effect in the very change that decides the promise and ends the run."""
    plan = loaded(
        tmp_path,
        """\
people: [{ role: messaging-admin, answers: 4m }]
steps:
  - { id: look, at: alert.first, do: alerts ack, takes: 3m }
  - { id: change, after: [look], do: ttl set mx 60, takes: 5m }
assumptions: [{ id: p, to: ttl.lowered, within: 3h }]
""",
    )
    (run,) = runs(plan, 1)
    assert run.steps["change"].state == "done"
    assert run.steps["change"].acted_ms == run.milestones["ttl.lowered"]
    links = chain(plan.plan.assumptions[0], plan.plan, run)
    assert {"change", "change takes effect", "look"} <= {link.name for link in links}


def test_a_fallback_that_was_not_needed_is_not_the_reason(tmp_path: Path) -> None:
    start, spare = "do: continuity start group=all for=8h via=console", "on failure: { do: spare }"
    steps = f"""\
people: [{{ role: lead }}]
steps:
  - {{ id: start, at: outage.start + 5m, {start}, fails: 5%, {spare}, unless: [outage.start] }}
  - {{ id: spare, owner: lead, takes: 2m..3m, {start} }}
assumptions: [{{ id: p, to: continuity.active, within: 1h }}]
"""
    plan = loaded(tmp_path, steps)
    (run,) = runs(plan, 1)
    assert why_never(plan.plan.assumptions[0], plan.plan, run) == "start was left out"


def test_the_drivers_are_the_widest_steps_before_the_promise(tmp_path: Path) -> None:
    text = """\
people: [{ role: lead }]
steps:
  - { id: narrow, owner: lead, takes: 9m..11m, manual: one }
  - { id: wide, after: [narrow], owner: lead, takes: 5m..65m, manual: two }
  - { id: later, after: [wide], owner: lead, takes: 5m..65m, manual: three }
"""
    plan = loaded(tmp_path, text + "assumptions: [{ id: p, to: wide.done, within: 40m }]\n")
    found = at_look(Study(plan, 1), runs(plan, 60), (60,), 1, 0.05)
    reasons = why(found, found.promises[0])
    assert [one.name for one in reasons.drivers] == ["wide.takes"]
    assert reasons.drivers[0].share > 0.9
    assert {one.name for one in reasons.critical} == {"narrow", "wide"}


def test_a_second_factor_by_the_dead_mail_holds_its_step_until_the_recovery(tmp_path: Path) -> None:
    plan = loaded(
        tmp_path,
        """\
people: [{ role: lead }]
places: [{ id: registrar, second_factor: email }, { id: vault, sign_in: local }]
varies: { outage: 2h }
steps:
  - { id: a, owner: lead, takes: 5m, needs: [vault], manual: one }
  - { id: b, after: [a], owner: lead, takes: 5m, needs: [vault, registrar], manual: two }
assumptions: [{ id: p, to: b.done, within: 1h }]
""",
        until="3h",
    )
    found = at_look(Study(plan, 1), runs(plan, 2), (2,), 1, 0.05)
    (circle,) = circular(found)
    assert (circle.step, circle.needs, circle.found, circle.runs) == ("b", "registrar", "run", 2)
    assert "second factor" in circle.because
    assert minutes(found.runs[0], "b") == pytest.approx(125, abs=0.1)
    assert minutes(found.runs[0], "a") == pytest.approx(5, abs=0.1)


def test_a_console_behind_the_dead_server_is_out_of_reach_also_for_an_emergency_account(
    tmp_path: Path,
) -> None:
    """The account for a dead directory does not open it; a step before the outage is not held."""
    plan = loaded(
        tmp_path,
        """\
people: [{ role: lead }, { role: other }]
places:
  - { id: server-console, behind: mail-server, break_glass: true }
  - { id: gateway-console, behind: gateway }
varies: { outage: 2h }
steps:
  - { id: before, at: T+1m, owner: lead, takes: 5m, needs: [server-console], manual: one }
  - { id: a, owner: lead, takes: 5m, needs: [server-console], manual: two }
  - { id: b, owner: other, takes: 5m, needs: [gateway-console], manual: three }
assumptions: [{ id: p, to: a.done and b.done, within: 3h }]
""",
        until="3h",
    )
    found = at_look(Study(plan, 1), runs(plan, 1), (1,), 1, 0.05)
    (run,) = found.runs
    assert (minutes(run, "before"), minutes(run, "b")) == pytest.approx(
        (run.onset_ms / -60_000 + 6, 5), abs=0.1
    )
    assert minutes(run, "a") == pytest.approx(125, abs=0.1)
    circles = circular(found)
    assert [(one.step, one.needs, one.found) for one in circles] == [
        ("a", "server-console", "run"),
        ("before", "server-console", "files"),
    ]
    assert {one.because for one in circles} == {"it is the mail server's own console"}


def test_a_state_that_ends_too_soon_does_not_stay(tmp_path: Path) -> None:
    """Continuity for two hours: it is active at once, and lapses before the three hours of the promise."""
    text = """\
people: [{ role: messaging-admin, answers: 1m }]
steps:
  - { id: start, at: outage.start + 10m, do: continuity start group=all for=2h via=console, takes: 1m }
assumptions:
  - { id: long, to: continuity.active, within: 1h, stays: 3h }
  - { id: short, to: continuity.active, within: 1h, stays: 1h }
"""
    plan = loaded(tmp_path, text, until="6h")
    found = at_look(Study(plan, 1), runs(plan, 2), (2,), 1, 0.05)
    assert [one.last.kept for one in found.promises] == [0, 2]


@pytest.mark.timeout(60)
def test_a_repeated_step_that_cannot_get_in_waits_for_its_place(tmp_path: Path) -> None:
    """The clock does not go on by single milliseconds once the next repetition is due."""
    plan = loaded(
        tmp_path,
        """\
people: [{ role: lead }]
places: [{ id: registrar, second_factor: email }]
varies: { outage: 2h }
steps:
  - { id: a, owner: lead, takes: 5m, every: 40m, needs: [registrar], unless: [queue.drained], manual: one }
  - { id: b, after: [a], owner: lead, takes: 1m, manual: two }
assumptions: [{ id: p, to: b.done, within: 3h }]
""",
        until="4h",
    )
    (run,) = runs(plan, 1)
    assert minutes(run, "a") == pytest.approx(125, abs=0.1)
    assert minutes(run, "b") > 125


def test_a_refused_approval_is_the_reason_with_the_approvers_words(tmp_path: Path) -> None:
    """Nothing shows that the gateway fails, so the request is refused, and the MX is never changed."""
    text = """\
people: [{ role: security-approver, answers: 1m }, { role: dns }]
steps:
  - { id: ask, at: outage.start + 5m, takes: 1m, do: approve mx }
  - { id: change, after: [ask], at: mx.approved, owner: dns, takes: 1m, do: mx set backup }
assumptions:
  - { id: changed, to: mx.changed, within: 2h }
  - { id: approved, to: mx.approved, within: 2h }
"""
    plan = loaded(tmp_path, text, "gateway-down", until="3h")
    (run,) = runs(plan, 1)
    refused = "approval was refused: first state what is broken (`diagnose …`), or test the gateway"
    told = [why_never(one, plan.plan, run) for one in plan.plan.assumptions]
    assert told[0].startswith(f"change waits for mx.approved: {refused}")
    assert told[1].startswith(refused)
    probed = text.replace("steps:\n", "steps:\n  - { id: look, takes: 1m, do: probe mx all }\n")
    (run,) = runs(loaded(tmp_path, probed, "gateway-down", until="3h"), 1)
    assert run.denied == {}
    assert "mx.changed" in run.milestones
    assert run.openings["backup-mx"] is False, "open, and so not proven closed"


@pytest.mark.parametrize("name", shipped_names("outages"))
def test_a_plan_to_begin_with_loads_without_a_finding(name: str, tmp_path: Path) -> None:
    scenario = load_scenario(name)
    path = tmp_path / "new.yaml"
    path.write_text(new_plan(scenario, reference_runbook(scenario, parse)), encoding="utf-8")
    assert load_plan(str(path)).plan.assumptions
    assert lint_file(str(path), parse) == []


@pytest.mark.parametrize("name", shipped_names("plans"))
def test_every_promise_of_a_shipped_plan_is_kept_in_some_runs_or_explained(name: str) -> None:
    plan = load_plan(name, {"users": "50"})
    found = at_look(Study(plan, 1), runs(plan, 6), (6,), 1, 0.05)
    for one in found.promises:
        assert one.applies, one.promise.id
        reasons = why(found, one)
        assert reasons.median or reasons.never, one.promise.id


def test_a_parameter_that_is_set_does_not_vary(tmp_path: Path) -> None:
    text = STEPS + "varies: { outage: 2h..6h }\n" + PROMISE
    path = str(loaded(tmp_path, text).path)
    lengths = {run.end_ms - run.onset_ms for run in runs(load_plan(path), 3)}
    assert len(lengths) == 3
    held = {run.end_ms - run.onset_ms for run in runs(load_plan(path, {"outage": "90m"}), 3)}
    assert held == {90 * 60_000}
    with pytest.raises(BadFile, match=r"tried.yaml:4:15: 'users' is set here and in `varies`"):
        loaded(tmp_path, STEPS + "varies: { readiness: { users: [20, 40] } }\n" + PROMISE)


UNRELATED = """\
  - { id: aa, owner: other, at: outage.start + 1m, takes: 1m, manual: Something else }
  - { id: ab, owner: other, at: outage.start + 2m, takes: 1m, needs: [vault], manual: Something else }
  - { id: ac, owner: other, at: outage.start + 3m, takes: 1m, do: approve outbound because=the gateway fails }
"""


def test_an_unrelated_step_changes_no_failure_call_approval_place_or_support_case(tmp_path: Path) -> None:
    """Also the world's own draws for a command: time on hold, and an approver's time to answer."""
    steps = """\
people:
  - { role: other, count: 3 }
  - { role: asker, reached: 50% }
  - { role: caller, reached: 60% }
  - { role: security-approver, answers: 1m..9m, reached: 50% }
places: [{ id: vault }, { id: registrar, second_factor: email }]
varies: { starts: any, outage: 7h..9h }
together: 30%
steps:
  - { id: look, owner: caller, takes: 1m..9m, do: probe mx all, fails: 60%, on failure: { again: 2 } }
  - { id: ask, at: outage.start + 4h, owner: asker, takes: 1m..9m, do: approve mx because=no estimate }
  - { id: case, owner: caller, at: outage.start + 30m, takes: 2m..9m, do: phone gateway-vendor about=status }
  - { id: reset, owner: asker, takes: 5m, needs: [registrar], manual: Reset the password }
assumptions: [{ id: p, to: mx.approved and case.done and reset.done, within: 9h }]
"""
    before = runs(loaded(tmp_path, steps, "gateway-down", "10h"), 8)
    more = steps.replace("  - { id: ask,", UNRELATED + "  - { id: ask,")
    after = runs(loaded(tmp_path, more, "gateway-down", "10h"), 8)
    assert {run.steps["look"].tries for run in before} >= {1, 2}
    assert len({run.milestones.get("mx.approved") for run in before}) > 4
    for one, other in zip(before, after, strict=True):
        assert {
            name: ms for name, ms in other.drawn.items() if name[:3] not in ("aa.", "ab.", "ac.")
        } == dict(one.drawn)
        assert {id_: other.steps[id_] for id_ in one.steps} == dict(one.steps)
        assert other.hung == one.hung
        assert other.milestones.get("mx.approved") == one.milestones.get("mx.approved")


def test_a_text_on_several_lines_is_one_line_of_the_drill(tmp_path: Path) -> None:
    text = """\
people: [{ role: lead }]
steps:
  - id: declare
    owner: lead
    takes: 5m
    manual: |
      Declare the incident.

      Assemble people.
assumptions: [{ id: p, to: declare.done, within: 40m }]
"""
    (run,) = runs(loaded(tmp_path, text), 1)
    assert round(minutes(run, "declare") * 60_000) == 5 * 60_000 + 1, "a step includes its minute"


def test_a_plan_can_end_a_call_that_is_on_hold_and_call_again(tmp_path: Path) -> None:
    """The first call is on hold for 10 minutes or more, and is ended after 6; the second is answered."""
    text = """\
people: [{ role: messaging-admin }]
steps:
  - { id: call, at: outage.start + 10m, takes: 5m, do: phone microsoft }
  - { id: hang, at: outage.start + 20m, takes: 1m, do: phone end microsoft }
  - { id: again, after: [hang], takes: 5m, do: phone microsoft }
assumptions: [{ id: p, to: again.done, within: 9h }]
"""
    for run in runs(loaded(tmp_path, text), 6):
        assert (run.steps["call"].state, run.steps["call"].reason) == ("failed", "given up")
        assert (run.steps["hang"].state, run.steps["again"].state) == ("done", "done")
