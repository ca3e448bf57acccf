"""A lost objective is dated when that happened, whoever looks when; and shown once it can be known."""

from functools import cache

import pytest

from sim.drill.scenario.objective import Objective
from sim.drill.scenario.runbook import load_runbook
from sim.drill.scenario.scenario import Scenario
from sim.drill.scoring.objectives import measure, shown_verdicts, verdicts_of
from sim.drill.scoring.verdict import ObjectiveVerdict
from sim.drill.session.load import load_scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.conductor import FOREVER_MS
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from tests.drills.played import steps


@cache
def scenario(name: str) -> Scenario:
    return load_scenario(name, {"users": "60"})


def of(verdicts: list[ObjectiveVerdict], name: str) -> ObjectiveVerdict:
    return next(one for one in verdicts if one.id == name)


def shown(session: Session, name: str) -> ObjectiveVerdict:
    return of([verdict for _, verdict in shown_verdicts(session.drill)], name)


def own_goals(until_ms: int = FOREVER_MS) -> Session:
    """The MX is changed before the lock is opened: played up to a moment."""
    session = Session(scenario("gateway-down"), 3, None)
    play(session, load_runbook("gateway-down-mx-before-unlock"), until_ms)
    return session


def test_an_own_goal_is_dated_at_the_first_message_that_was_refused_and_told_at_once() -> None:
    whole = own_goals()
    lost = of(verdicts_of(whole.drill), "no-own-goals")
    assert (lost.state, shown(whole, "no-own-goals")) == ("failed", lost)
    at_ms = lost.at_ms
    assert at_ms is not None
    assert measure(own_goals(at_ms).drill)["rejected"] == 0
    for later_ms in (1, HOUR_MS, 9 * HOUR_MS):
        session = own_goals(at_ms + later_ms)
        assert measure(session.drill)["rejected"]
        assert of(verdicts_of(session.drill), "no-own-goals").at_ms == at_ms
        known = shown(session, "no-own-goals")
        assert (known.state, known.at_ms) == ("failed", at_ms), "the mail server's own log has it"


def test_what_somebody_rejected_by_hand_is_dated_once_and_shown_when_the_console_counts_it() -> None:
    session = Session(scenario("exchange-down"), 1, None)
    session.advance(scenario("exchange-down").outage_start_ms + HOUR_MS)
    session.dispatch("queue reject inbound")
    given_ms = session.now_ms
    dated = set()
    for minute in range(1, 180, 20):
        session.advance(given_ms + minute * MINUTE_MS)
        verdict = shown(session, "no-bounce")
        if verdict.state == "failed":
            dated.add(verdict.at_ms)
            assert of(verdicts_of(session.drill), "no-bounce").at_ms == verdict.at_ms
    assert len(dated) == 1
    assert given_ms <= (dated.pop() or 0) <= given_ms + 10 * MINUTE_MS


DRAINED = Objective.model_validate(
    {
        "id": "drained",
        "learns": "bring it home",
        "source": "house",
        "met": [{"milestone": "queue.drained", "within": {"outage.start": "1h"}}],
        "failed": [{"milestone": "queue.drained", "within": {"outage.start": "2h"}}],
    }
)


@pytest.mark.parametrize(("name", "state"), [("gateway-down", "open"), ("exchange-down", "failed")])
def test_a_flag_does_not_move_while_the_console_that_would_show_it_does_not_answer(
    name: str, state: str
) -> None:
    plain = scenario(name)
    asked = plain.model_copy(update={"objectives": (DRAINED,)})
    session = Session(asked, 1, None)
    session.advance(plain.outage_start_ms + 3 * HOUR_MS)
    answers = session.drill.last_seen.gateway().at_ms == session.now_ms
    assert answers == (name == "exchange-down")
    assert shown(session, "drained").state == state
    assert of(verdicts_of(session.drill), "drained").state == "failed"


@pytest.mark.parametrize(
    ("name", "runbook"),
    [("gateway-down", "gateway-down-mx-before-unlock"), ("exchange-down", "none"), ("m365-offline", "none")],
)
def test_moments_are_kept_of_everything_that_was_returned(name: str, runbook: str) -> None:
    settings = {"users": "40", **({"outage": "120h"} if name == "exchange-down" else {})}
    session = Session(load_scenario(name, settings), 2, None)
    play(session, None if runbook == "none" else load_runbook(runbook))
    world = session.drill.world
    returns, custody, expired = world.ledger.returns, world.custody(), int(world.ledger.expired[0])
    assert returns.count("gateway expired") == expired
    by_senders = custody["inbound"].get("bounced", 0) - expired
    assert returns.count("senders gave up", "backup expired") == by_senders
    refused = ("gateway refused", "backup refused", "senders were refused", "server was refused")
    assert returns.count(*refused) == sum(accounts.get("rejected", 0) for accounts in custody.values())
    assert expired + by_senders > 0 or name == "m365-offline"


FALSE_WORD = 'notify users via=email cause=microsoft text="Microsoft is down."'
STEPS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "false-statements": (
        "gateway-down",
        (("outage.start + 20m", FALSE_WORD), ("outage.start + 50m", FALSE_WORD)),
    ),
    "wrong-diagnoses": (
        "gateway-down",
        (
            ("outage.start + 9m", "diagnose component=dns failure=stale"),
            ("outage.start + 19m", "diagnose component=network failure=times-out"),
            ("outage.start + 29m", "diagnose component=mail-server failure=refuses"),
        ),
    ),
    "needless-actions": ("exchange-down", (("outage.start + 1h", "deliveries pause inbound"),)),
    "longest-silence-min": ("gateway-down", (("outage.start + 65m", "notify users via=email text=Wait."),)),
    "executives-silence-min": ("gateway-down", ()),
    "users-able-after-min": ("exchange-down", ()),
    "drain-behind-min": ("exchange-down", (("outage.start + 1h", "deliveries pause inbound"),)),
    "openings-late-h": (
        "gateway-down",
        (
            ("outage.start + 1h", "approve outbound emergency=yes"),
            ("outage.start + 70m", "connector set outbound secondary"),
        ),
    ),
}


@cache
def judged_by(figure: str, most: int, name: str) -> Scenario:
    objective = {
        "id": "judged",
        "learns": "one thing",
        "source": "house",
        "targets": [{"measure": figure, "at_most": most}],
    }
    return scenario(name).model_copy(update={"objectives": (Objective.model_validate(objective),)})


@pytest.mark.parametrize("most", [0, 1])
@pytest.mark.parametrize("figure", STEPS)
def test_what_is_judged_at_the_end_is_dated_when_it_became_too_much(figure: str, most: int) -> None:
    name, given = STEPS[figure]
    whole = Session(judged_by(figure, most, name), 1, None)
    play(whole, steps(name, *given))
    lost = of(verdicts_of(whole.drill), "judged")
    if figure == "needless-actions" and most:
        assert lost.state == "met"
        return
    assert lost.state == "failed"
    assert lost.at_ms is not None
    assert whole.scenario.outage_start_ms <= lost.at_ms < whole.now_ms - HOUR_MS, (
        "not when the drill was over"
    )

    def figure_at(moment_ms: int) -> int:
        """As it would stand had the drill been over then."""
        fork = whole.fork(moment_ms)
        fork.drill.complete = True
        return measure(fork.drill)[figure] or 0

    assert figure_at(lost.at_ms - 1) <= most < figure_at(lost.at_ms + 1)


def test_a_missed_figure_is_dated_as_a_failed_one_is() -> None:
    objective = judged_by("wrong-diagnoses", 0, "gateway-down").objectives[0]
    lenient = objective.targets[0].model_copy(update={"failed_beyond": 9})
    one = judged_by("wrong-diagnoses", 0, "gateway-down").model_copy(
        update={"objectives": (objective.model_copy(update={"targets": (lenient,)}),)}
    )
    session = Session(one, 1, None)
    play(session, steps("gateway-down", *STEPS["wrong-diagnoses"][1]))
    verdict = of(verdicts_of(session.drill), "judged")
    assert verdict.state == "missed"
    assert verdict.at_ms == session.drill.room.diagnoses[0].t_ms
