"""Staff: who takes a command, when they start, who stands in, who is called out, who has taken over."""

import pytest

from sim.drill.organisation.staff_file import Person
from sim.drill.organisation.working_hours import duty_ms, next_duty_ms, on_duty, parse_hours
from sim.drill.room.staff import Staff
from sim.kernel.duration import DAY_MS, HOUR_MS, MINUTE_MS
from sim.kernel.local_time import parse_start

MONDAY_UTC_MS, ZONE = parse_start("2026-03-02T08:00 Europe/London")
ADMIN, LEAD = "messaging-admin", "incident-lead"
FIVE_MS = 5 * MINUTE_MS
STAYS_MS = 2 * HOUR_MS


def person(identity: str, role: str = ADMIN, **more: object) -> Person:
    return Person.model_validate({"id": identity, "name": identity.title(), "role": role, **more})


def staff(*people: Person) -> Staff:
    return Staff(people, STAYS_MS, 1, MONDAY_UTC_MS, ZONE)


def test_of_two_people_of_a_role_whoever_can_start_first_takes_it() -> None:
    team = staff(person("ada"), person("bo"), person("cy", LEAD))
    given = [team.give(ADMIN, f"task {n}", FIVE_MS, 0) for n in range(3)]
    assert [(desk.person.id, task.starts_ms) for desk, task in given] == [
        ("ada", 0),
        ("bo", 0),
        ("ada", FIVE_MS),
    ]


def test_who_is_off_duty_starts_with_the_next_working_hours_or_when_called_out() -> None:
    night_ms = 14 * HOUR_MS
    sleeper = staff(person("ada", hours="Mon-Fri 08:00-18:00"))
    assert sleeper.give(ADMIN, "look", FIVE_MS, night_ms)[1].starts_ms == DAY_MS
    friday_ms = 4 * DAY_MS + 11 * HOUR_MS
    assert sleeper.give(ADMIN, "look", FIVE_MS, friday_ms)[1].starts_ms == 7 * DAY_MS
    called = staff(person("ada", hours="Mon-Fri 08:00-18:00", on_call_minutes=[5, 30]))
    starts_ms = called.give(ADMIN, "look", FIVE_MS, night_ms)[1].starts_ms
    assert night_ms + 5 * MINUTE_MS <= starts_ms <= night_ms + 30 * MINUTE_MS
    again_ms = starts_ms + HOUR_MS
    assert called.give(ADMIN, "look", FIVE_MS, again_ms)[1].starts_ms == again_ms, "they are there now"
    home_ms = again_ms + FIVE_MS + STAYS_MS
    assert called.give(ADMIN, "look", FIVE_MS, home_ms)[1].starts_ms > home_ms


def test_who_is_called_shortly_before_their_hours_starts_with_these_at_the_latest() -> None:
    called = staff(person("ada", hours="Mon-Fri 08:00-18:00", on_call_minutes=[30, 40]))
    assert called.give(ADMIN, "look", FIVE_MS, DAY_MS - 10 * MINUTE_MS)[1].starts_ms == DAY_MS


def test_somebody_stands_in_only_while_nobody_of_the_role_is_there() -> None:
    team = staff(person("ada", hours="Mon-Fri 08:00-18:00"), person("cy", LEAD, also=[ADMIN]))
    assert team.give(ADMIN, "by day", FIVE_MS, HOUR_MS)[0].person.id == "ada"
    assert team.give(ADMIN, "by day", FIVE_MS, HOUR_MS)[0].person.id == "ada", "busy is not away"
    assert team.give(ADMIN, "at night", FIVE_MS, 14 * HOUR_MS)[0].person.id == "cy"


def test_who_has_taken_over_does_it() -> None:
    team = staff(person("ada"), person("bo"))
    desk = team.named("bo")
    assert desk is not None
    team.hand_over(ADMIN, desk)
    assert [team.give(ADMIN, "x", FIVE_MS, 0)[0].person.id for _n in range(2)] == ["bo", "bo"]
    assert team.named("nobody") is None


def test_what_takes_no_time_waits_for_nobody() -> None:
    team = staff(person("ada", hours="Mon-Fri 08:00-18:00"))
    assert team.give(ADMIN, "note", 0, 14 * HOUR_MS)[1].starts_ms == 14 * HOUR_MS
    team.give(ADMIN, "look", FIVE_MS, HOUR_MS)
    assert team.give(ADMIN, "note", 0, HOUR_MS)[1].done_ms == HOUR_MS


def test_anyone_is_the_person_of_the_role_or_who_is_free_and_on_duty() -> None:
    team = staff(person("ada"), person("bo", LEAD, hours="Mon-Fri 08:00-18:00"), person("cy", LEAD))

    def gives(now_ms: int) -> str:
        return team.give(ADMIN, "probe", FIVE_MS, now_ms, anyone=True)[0].person.id

    assert [gives(HOUR_MS) for _n in range(4)] == ["ada", "bo", "cy", "ada"], "then it waits for its own"
    assert [gives(14 * HOUR_MS) for _n in range(2)] == ["ada", "cy"]


def test_hours_in_local_time() -> None:
    hours = parse_hours("Mon-Fri 08:00-18:00")
    assert on_duty(hours, MONDAY_UTC_MS, ZONE)
    assert not on_duty(hours, MONDAY_UTC_MS - 1, ZONE)
    assert not on_duty(hours, MONDAY_UTC_MS + 10 * HOUR_MS, ZONE)
    assert next_duty_ms(hours, MONDAY_UTC_MS + 5 * DAY_MS, ZONE) == MONDAY_UTC_MS + 7 * DAY_MS
    summer_utc_ms, _zone = parse_start("2026-03-28T12:00 Europe/London")
    monday_utc_ms, _zone = parse_start("2026-03-30T08:00 Europe/London")
    assert next_duty_ms(hours, summer_utc_ms, ZONE) == monday_utc_ms, "an hour sooner: summer time began"
    assert parse_hours("Sat 09:00-12:30").days == (5,)


@pytest.mark.parametrize(
    "text", ["", "8-18", "Mon-Fri 18:00-08:00", "Fri-Mon 08:00-18:00", "Mon 08:00-25:00", "Lun 08:00-18:00"]
)
def test_other_hours_are_a_mistake_in_one_line(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"write one range of days and of times, such as Mon-Fri 08:00-18:00"
    ):
        parse_hours(text)


def test_time_in_working_hours_is_that_of_the_clock_on_the_wall() -> None:
    hours, zone = parse_hours("Mon-Fri 08:00-18:00"), "Europe/London"
    friday_ms = parse_start("2026-03-27T17:00 Europe/London")[0]
    hour = 3_600_000
    assert duty_ms(hours, friday_ms, friday_ms + hour // 2, zone) == hour // 2
    assert duty_ms(hours, friday_ms, friday_ms + 60 * hour, zone) == hour, "evening and week-end"
    monday_ms = parse_start("2026-03-30T09:00 Europe/London")[0]  # summer time has begun meanwhile
    assert duty_ms(hours, friday_ms, monday_ms, zone) == 2 * hour
    assert duty_ms(hours, monday_ms, monday_ms, zone) == 0
