"""Regret: each figure is a direct pair of runs, and the mistake that was planted is named first."""

import pickle
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from sim.drill.commands.grammar import parse
from sim.drill.room.draw_keys import OWN_KEYS
from sim.drill.scenario.runbook import load_runbook
from sim.drill.session.branch import give_again
from sim.drill.session.load import load_scenario
from sim.drill.session.player import play
from sim.drill.session.session import Session
from sim.kernel.conductor import FOREVER_MS
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.report.outcome import outcome
from sim.report.paper.tiles import lost, queued
from sim.study.what_if.cost import RunCost, run_cost, stake_of
from sim.study.what_if.regret import (
    Regret,
    StudyDiffers,
    choices,
    different,
    is_trade,
    regrets,
    screened,
    timing,
)
from sim.study.what_if.session_subject import subject
from sim.study.what_if.splices import Edit, changes_something
from sim.study.what_if.subject import AS_GIVEN, How, Subject, Variation, cost_after
from sim.study.what_if.variation_runs import each_once, in_turn
from tests import plays
from tests.kept import kept
from tests.plays import ONSET_MS

PAUSE = "deliveries pause inbound"
GIVEN = (
    (ONSET_MS + 10 * MINUTE_MS, "alerts ack"),
    (ONSET_MS + 12 * MINUTE_MS, "status check server"),
    (ONSET_MS + 30 * MINUTE_MS, PAUSE),
    (ONSET_MS + 40 * MINUTE_MS, "note paused"),
)


@kept
def paused() -> Session:
    """A drill in which deliveries are paused and never resumed."""
    return plays.play("2h", GIVEN, FOREVER_MS)


@kept
def bare() -> Subject:
    """It, without what its reference runbook would have given."""
    session = paused()
    return Subject(session.scenario, session.seed, session.inputs, FOREVER_MS, {})


@kept
def found() -> tuple[Regret, ...]:
    return regrets(paused(), bare(), in_turn(bare()))


def test_the_pause_that_was_never_resumed_comes_first_with_the_figures_of_a_direct_pair() -> None:
    first = choices(found())[0]
    assert first.variation == Variation("without", PAUSE)
    without = plays.play("2h", [one for one in GIVEN if one[1] != PAUSE], FOREVER_MS)
    assert first.instead == run_cost(without)
    assert first.did == run_cost(paused())
    assert first.did.queued > 100 > first.instead.queued
    assert first.gain > 0


DIAGNOSIS = "diagnose component=mail-server failure=refuses"
IDLE = (DIAGNOSIS, "sms show")
EVENT = (ONSET_MS + 11 * MINUTE_MS, "continuity start for=8h via=sms")
SMS = (ONSET_MS + 12 * MINUTE_MS, "notify users via=sms state=down")
PERMIT = (ONSET_MS + 14 * MINUTE_MS, "permissions set on app=mobile group=terminal")
BEFORE = tuple((ONSET_MS + 13 * MINUTE_MS, text) for text in IDLE)


@kept
def told() -> Session:
    """A drill in which chance decides when a permission reaches the apps, after commands that do nothing for
    mail.
    """
    return plays.play("6h", (EVENT, SMS, *BEFORE, PERMIT), ONSET_MS + 8 * HOUR_MS, 150)


@pytest.mark.parametrize("text", IDLE)
def test_all_other_commands_have_the_same_luck_without_one_that_does_nothing_for_mail(text: str) -> None:
    def cost(one: Subject, *variations: Variation) -> list[tuple[float, int, int]]:
        costs = in_turn(one)((AS_GIVEN, *variations))
        return [(each.user_hours, each.late, each.calls) for each in costs]

    without, one = Variation("without", text), subject(told())
    given, left_out = cost(one, without)
    assert given == left_out
    by_count = cost(replace(one, drawn=None), without)
    assert by_count[0] == given
    assert by_count[1] != given, "the count of commands would decide when it reaches them"


def test_a_command_that_is_added_or_moved_has_luck_of_its_own_and_leaves_that_of_the_others() -> None:
    one = replace(subject(told()), reference={"sms numbers": (ONSET_MS + 12 * MINUTE_MS,)})
    drawn = {each.text: each.keys for each in told().drill.draw_keys.drawn}
    for variation in (Variation("added", "sms numbers"), Variation("later", PERMIT[1])):
        run = Session(one.scenario, one.seed, None)
        cost_after(run, drawn=one.drawn, inputs=one.inputs(variation), to_ms=one.to_ms)
        after = {each.text: each.keys for each in run.drill.draw_keys.drawn}
        added = after.pop("sms numbers", ())
        assert after == drawn
        assert all(key >= OWN_KEYS for key in added)


def test_a_copy_at_an_earlier_moment_goes_on_with_the_same_luck() -> None:
    """The permission is given and has not reached the apps when the runs part."""
    whole = subject(told())
    late = (PERMIT[0] + 2 * MINUTE_MS, "alerts ack")
    one = replace(whole, reference={late[1]: (late[0],)})
    added = Variation("added", late[1])
    shared, at_ms, rest = one.parted(added)
    assert (len(shared), at_ms, rest) == (5, late[0], (late,))
    copy = give_again(Session(one.scenario, one.seed, None), shared, at_ms)
    assert cost_after(copy, drawn=one.drawn, inputs=rest, to_ms=one.to_ms) == one.cost(added)
    assert one.parted(AS_GIVEN) == (one.given, one.to_ms, ())


def test_commands_that_only_look_or_write_down_are_not_tried() -> None:
    texts = {one.variation.text for one in found()}
    assert texts == {"alerts ack", PAUSE}
    assert not changes_something("status check server")
    assert not changes_something("make it work")


def test_a_command_is_moved_by_an_hour_and_stays_within_the_drill() -> None:
    def moments(how: str, text: str) -> list[int]:
        return [t_ms for t_ms, what in bare().inputs(Variation(how, text)) if what == text]  # type: ignore[arg-type]

    given_ms = ONSET_MS + 30 * MINUTE_MS
    assert moments("later", PAUSE) == [given_ms + HOUR_MS]
    assert moments("earlier", PAUSE) == [given_ms - HOUR_MS]
    assert moments("without", PAUSE) == []
    early = Subject(bare().scenario, 1, ((5 * MINUTE_MS, PAUSE),), FOREVER_MS, {})
    assert early.inputs(Variation("earlier", PAUSE)) == ((0, PAUSE),)


def test_an_omission_is_what_the_reference_gives_and_the_drill_does_not() -> None:
    missing = subject(paused()).reference
    assert "alerts ack" not in missing
    assert any(text.startswith("continuity start") for text in missing)
    assert all(changes_something(text) for text in missing)
    added = "notify users via=sms"
    other = Subject(bare().scenario, 1, GIVEN, FOREVER_MS, {added: (ONSET_MS, ONSET_MS + HOUR_MS)})
    assert [one for one in other.inputs(Variation("added", added)) if one[1] == added] == [
        (ONSET_MS, added),
        (ONSET_MS + HOUR_MS, added),
    ]


def test_all_differences_from_the_reference_are_tried_together_and_named_by_their_acts() -> None:
    made = (
        Edit(7, PAUSE, adds=False),
        Edit(8, "status check server", adds=True),
        Edit(9, "mx set backup", adds=True),
        *(Edit(t_ms, f"queue extend inbound {t_ms}d", adds=True) for t_ms in (10, 11)),
    )
    other = Subject(bare().scenario, 1, ((7, PAUSE), (8, "note a")), FOREVER_MS, {}, made)
    together = screened(other)[-1]
    assert together.text == f"without {PAUSE}; mx set backup; queue extend inbound 10d; and 1 more"
    assert other.inputs(together) == ((8, "note a"), *((one.t_ms, one.text) for one in made[1:]))
    assert other.moments(together) == (7,)


def test_a_command_at_another_moment_is_named_by_how_much_it_moves() -> None:
    made = (
        Edit(HOUR_MS, "lock open backup", adds=True),
        Edit(2 * HOUR_MS, "mx set backup", adds=False),
        Edit(3 * HOUR_MS + 30 * MINUTE_MS, "lock open backup", adds=False),
    )
    together = screened(Subject(bare().scenario, 1, GIVEN, FOREVER_MS, {}, made))[-1]
    assert together.text == "lock open backup 2 h 30 min earlier; without mx set backup"


def test_a_single_command_or_fewer_of_them_say_it_better() -> None:
    single = replace(found()[0], gain=1.0)
    few = Variation("instead", "a; b", (Edit(1, "a", adds=True),))
    together = replace(single, variation=few, instead=replace(single.instead, calls=99))
    assert choices([replace(together, gain=1.01), single]) == (single,)
    assert choices([replace(together, gain=1.5), single]) == (replace(together, gain=1.5), single)
    many = replace(together, variation=Variation("instead", "c", few.edits * 2), gain=1.6)
    assert choices([many, replace(together, gain=1.5), single]) == (replace(together, gain=1.5), single)


def test_a_subject_can_be_sent_to_another_process_and_costs_the_same_there() -> None:
    variation = Variation("without", "alerts ack")
    assert pickle.loads(pickle.dumps(bare())).cost(variation) == bare().cost(variation)


def test_a_stake_is_the_worse_of_the_drill_and_of_doing_nothing() -> None:
    """Otherwise a small stake of one kind would make continuity a culprit for what a pause did."""
    did = run_cost(paused())
    stake = stake_of(paused(), did, replace(did, queued=0, user_hours=10 * did.user_hours))
    assert stake.undelivered == did.undelivered
    assert stake.user_hours == 10 * did.user_hours
    assert stake.unfiltered > 0


def test_a_drill_that_would_not_be_the_same_again_is_not_studied() -> None:
    """Such as one whose people were forgotten: every difference would be wrong."""
    other = replace(run_cost(paused()), calls=99)
    with pytest.raises(StudyDiffers, match="a different cost"):
        regrets(paused(), bare(), lambda variations: [other for _each in variations])


def test_a_command_given_in_an_outage_is_not_moved_to_before_it() -> None:
    """Nobody can answer what has not happened yet; what was given before the outage moves as far as asked."""
    one = bare()
    assert one.earlier_ms(ONSET_MS + 20 * MINUTE_MS, HOUR_MS) == 20 * MINUTE_MS
    assert one.earlier_ms(ONSET_MS + 2 * HOUR_MS, HOUR_MS) == HOUR_MS
    assert one.earlier_ms(ONSET_MS - 1, HOUR_MS) == HOUR_MS
    moved = [each.variation for each in found() if each.variation.how == "earlier"]
    assert Variation("earlier", PAUSE, by_ms=-30 * MINUTE_MS) in moved, "it was given half an hour after it"
    assert all(each.by_ms > -HOUR_MS for each in moved)


def test_a_choice_that_is_worse_in_another_way_is_a_trade() -> None:
    did = replace(run_cost(paused()), lost=0, queued=0, late=0, calls=20, failed=4)
    stake = replace(found()[0].stake, undelivered=100, late=100, calls=100, failed=4)
    one = replace(found()[0], did=did, stake=stake, gain=0.1)
    assert not is_trade(replace(one, instead=replace(did, failed=2)))
    assert not is_trade(replace(one, instead=replace(did, failed=2, lost=20)))
    assert is_trade(replace(one, instead=replace(did, failed=2, lost=30)))
    assert not is_trade(replace(one, instead=replace(did, failed=2, lost=30), gain=-0.1))


def test_variations_with_the_same_inputs_are_one_run() -> None:
    asked: list[Variation] = []

    def runs(variations: Sequence[Variation]) -> list[RunCost]:
        asked.extend(variations)
        return [run_cost(paused()) for _each in variations]

    hour = [
        Variation("earlier", PAUSE),
        Variation("earlier", PAUSE, by_ms=-HOUR_MS),
        Variation("later", PAUSE),
    ]
    price = each_once(bare(), runs)
    assert list(price(hour)) == list(price(hour[:1])) * 3
    assert asked == [hour[0], hour[2]]


def test_a_run_that_was_begun_and_not_waited_for_is_not_begun_again() -> None:
    asked: list[Variation] = []

    def runs(variations: Sequence[Variation]) -> Iterator[RunCost]:
        asked.extend(variations)
        return (replace(run_cost(paused()), calls=len(each.text)) for each in variations)

    price = each_once(bare(), runs)
    ahead = price([AS_GIVEN, Variation("without", PAUSE)])
    later = price([Variation("without", PAUSE), Variation("later", PAUSE)])
    assert asked == [AS_GIVEN, Variation("without", PAUSE), Variation("later", PAUSE)]
    assert [each.calls for each in later] == [len(PAUSE)] * 2
    assert [each.calls for each in ahead] == [0, len(PAUSE)]


def test_a_command_and_its_approval_are_one_decision() -> None:
    lock, approval, other = (
        replace(found()[0], variation=Variation("without", text), first_ms=first_ms, gain=gain)
        for text, first_ms, gain in (
            ("lock open backup", 9, -0.5),
            ("approve exposure", 5, -0.5),
            ("mx", 1, 0.1),
        )
    )
    other = replace(other, instead=replace(other.instead, calls=77))
    assert different([approval, other, lock]) == [lock, other]


def test_differences_are_not_narrowed_down_where_one_command_does_as_much() -> None:
    made = (Edit(7, PAUSE, adds=False), Edit(9, "mx set backup", adds=True))
    one = Subject(bare().scenario, 1, GIVEN, FOREVER_MS, {}, made)
    better = replace(run_cost(paused()), queued=0, late=0)
    tried: list[Variation] = []

    def runs(variations: Sequence[Variation]) -> list[RunCost]:
        tried.extend(variations)
        return [better if each in (Variation("without", PAUSE), screened(one)[-1]) else run_cost(paused())
                for each in variations]  # fmt: skip

    regrets(paused(), one, runs)
    assert [each for each in tried if each.how == "instead"] == [AS_GIVEN, screened(one)[-1]]


def test_commands_that_are_worth_something_alone_are_tried_together_before_a_search() -> None:
    """Two of six differences are the whole gain: that is found without leaving out each of the six."""
    looks = tuple(Edit(t_ms * HOUR_MS, f"queue extend inbound {t_ms}d", adds=True) for t_ms in range(3, 7))
    made = (Edit(GIVEN[2][0], PAUSE, adds=False), Edit(2 * HOUR_MS, "mx set backup", adds=True), *looks)
    one = Subject(bare().scenario, 1, GIVEN, FOREVER_MS, {"mx set backup": (2 * HOUR_MS,)}, made)
    did, tried = run_cost(paused()), list[Variation]()

    def runs(variations: Sequence[Variation]) -> list[RunCost]:
        tried.extend(variations)
        found = []
        for each in variations:
            pause = each == Variation("without", PAUSE) or made[0] in each.edits
            moved = each == Variation("added", "mx set backup") or made[1] in each.edits
            hours = 0.0 if moved else did.user_hours
            found.append(replace(did, queued=did.queued * (not pause), user_hours=hours))
        return found

    best = choices(regrets(paused(), one, each_once(one, runs)))[0]
    assert best.variation.edits == made[:2]
    assert sum(bool(each.edits) for each in tried) <= 5


def test_costs_are_those_of_the_debrief() -> None:
    figures, cost = outcome(paused()), run_cost(paused())
    assert cost.undelivered == lost(figures) + queued(figures)
    assert cost.late == figures.timing.late.count
    assert cost.user_hours == figures.people.user_hours_without_mail
    assert cost.calls == figures.people.calls


def test_choices_and_moments_are_kept_apart_and_trifles_are_left_out() -> None:
    def one(how: How, gain: float) -> Regret:
        instead = replace(found()[0].instead, calls=round(100 * gain))
        return replace(found()[0], variation=Variation(how, PAUSE), gain=gain, instead=instead)

    all_of_them = [
        one("earlier", 3.0),
        one("without", 2.0),
        one("later", 1.0),
        one("added", 0.01),
        one("without", -1.0),
    ]
    assert choices(all_of_them) == (all_of_them[1], all_of_them[4])
    approval = replace(all_of_them[1], variation=Variation("without", "approve mx"))
    assert choices([all_of_them[1], approval]) == (all_of_them[1],)  # it only led to the other
    assert timing(all_of_them) == (all_of_them[0],)
    refused = [one("without", 2.0), one("earlier", 2.0)]  # the command has no effect there
    assert timing(refused) == ()


@pytest.mark.parametrize(
    ("runbook", "variation"),
    [
        ("exchange-down-never-resumed", Variation("without", PAUSE)),
        ("exchange-down-lapses-at-night", Variation("added", "continuity extend 16h")),
    ],
)
def test_a_shipped_mistake_is_named_first(runbook: str, variation: Variation) -> None:
    """The mistake next to the costliest rival: a whole study is a hundred runs."""
    book = load_runbook(runbook, parse)
    session = Session(load_scenario(book.scenario, {"users": "20"}), 1, None)
    play(session, book)
    studied = subject(session)
    tried = (variation, Variation("without", "continuity start group=all for=8h via=sms"))
    assert set(tried) <= set(screened(studied))

    def runs(variations: Sequence[Variation]) -> list[RunCost]:
        return [studied.cost(one) if one in tried else run_cost(session) for one in variations]

    first = choices(regrets(session, studied, runs))[0]
    assert (first.variation, first.gain > 0) == (variation, True)


def test_an_added_command_is_shown_at_its_own_moment_also_if_it_was_given_at_another() -> None:
    one = replace(bare(), reference={PAUSE: (7, 9)})
    assert one.moments(Variation("added", PAUSE)) == (7, 9)
    assert one.moments(Variation("without", PAUSE)) == (ONSET_MS + 30 * MINUTE_MS,)


def test_a_person_on_call_takes_as_long_without_an_earlier_request() -> None:
    """Two requests in the night; the second one is given as well without the first."""
    night_ms = ONSET_MS + 15 * HOUR_MS
    first, second = (night_ms, "alerts ack"), (night_ms + 4 * HOUR_MS, "permissions show")
    session = plays.play("30h", (first, second), night_ms + 6 * HOUR_MS)

    def began_ms(run: Session) -> int:
        return next(one.task.starts_ms for one in run.drill.work.all if one.text == second[1])

    alone = plays.play("30h", (second,), night_ms + 6 * HOUR_MS)
    assert began_ms(alone) != began_ms(session), "by the number of requests, it would take another time"
    run = Session(session.original, session.seed, None, None, session.drill.draw_keys.drawn)
    give_again(run, (second,), night_ms + 6 * HOUR_MS)
    assert began_ms(run) == began_ms(session)
