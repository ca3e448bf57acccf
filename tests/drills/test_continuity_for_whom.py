"""A continuity event for the wrong group: what it covers, and what that costs those who are not in it."""

from sim.drill.scoring.objectives import measure
from tests.drills.played import reference, run, scenario

NAME = "exchange-down"


def test_an_event_for_the_wrong_group_covers_nobody_else_and_shows_its_price() -> None:
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
