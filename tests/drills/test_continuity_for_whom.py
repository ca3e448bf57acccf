"""A continuity event for the wrong group: what it covers, and what that costs those who are not in it."""

from sim.drill.scoring.objectives import measure
from sim.kernel.draws import below, mix
from tests.drills.played import Played, reference, run, scenario, steps

NAME = "exchange-down"


def test_an_event_for_the_wrong_group_covers_no_other_users_and_shows_its_cost() -> None:
    """The declaration of the reference runbook, for the terminal (three users in ten) instead of for all."""
    book = reference(NAME)
    few = tuple(
        step.model_copy(update={"do": step.do.replace("group=all", "group=terminal")}) for step in book.steps
    )
    assert few != book.steps
    wrong, well = (run(scenario(NAME), one) for one in (book.model_copy(update={"steps": few}), book))
    covered = [measure(one.session.drill)["continuity-covered-percent"] for one in (wrong, well)]
    users = wrong.session.drill.world.users
    (event,) = (
        users.membership.events
    )  # nobody extends it: the runbook waits for an event that covers nine in ten
    needed_ms = users.count * (wrong.milestones["outage.end"] - event.start_ms)
    in_it = int(event.who.sum())
    assert 20 <= in_it <= 45
    assert covered == [100 * in_it * (event.end_ms - event.start_ms) // needed_ms, 100]
    assert (wrong.objectives["no-gap"], well.objectives["no-gap"]) == ("failed", "met")
    assert "continuity.active" not in wrong.milestones, "nine in ten are not in it"
    assert wrong.outcome.people.user_hours_without_mail > 2 * well.outcome.people.user_hours_without_mail
    assert wrong.outcome.people.calls > well.outcome.people.calls


def texted(*given: tuple[str, str], seed: int = 1) -> tuple[Played, list[str]]:
    """`m365-offline`, whose SMS service texts the users of an event; and what that service reported."""
    name = "m365-offline"
    one = run(scenario(name), steps(name, *given), seed)
    return one, [event.text for event in one.session.events() if event.source == "SMS service"]


def test_a_text_to_most_users_is_an_update_to_users_and_one_to_a_group_is_not() -> None:
    start = "continuity start group={} for=8h via=sms"
    to_all, said = texted(("outage.start + 20m", start.format("all")))
    assert int(said[-1].split()[0]) > 50, "of a hundred"
    assert to_all.objectives["users-told"] == "met"
    assert to_all.milestones["users.told"] >= to_all.milestones["outage.start"] + 20 * 60_000
    assert any("users: notified" in text for text in to_all.said("ticket"))
    to_few, _said = texted(("outage.start + 20m", start.format("laboratory")))
    assert to_few.objectives["users-told"] == "failed"


def test_messages_of_a_colleague_s_event_name_the_colleague() -> None:
    seed = next(
        seed for seed in range(1, 30) if int(below(mix(seed, "colleague laboratory-only"), 100)[0]) < 40
    )
    one, said = texted(("outage.start + 20m", "continuity start group=all for=8h via=sms"), seed=seed)
    assert said[0].endswith("which app to use; Nils Bergström started this event")
    assert said[1].endswith("which app to use")
    lapsed = [event.text for event in one.session.events() if "has lapsed" in event.text]
    assert lapsed[0] == "continuity event 1 has lapsed; Nils Bergström started this event"
