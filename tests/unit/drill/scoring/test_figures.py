"""Single figures that objectives ask for, at their edges."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.drill.organisation.house_rules import read_house_rules
from sim.drill.room.decisions import Judged
from sim.drill.scenario.objective import Deadline
from sim.drill.scoring.figures import calls, continuity, decisions, mail, protection, statements
from sim.drill.scoring.figures.registry import FIGURES
from sim.drill.scoring.mail_shares import permille
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.mail.users.continuity_access import AppShare
from sim.mail.users.continuity_coverage import covered_user_ms
from sim.mail.users.users import Users
from tests.outage import mailboxes_lost
from tests.shipped import FILES


def drill_of(
    milestones: dict[str, int], now_ms: int, *events: tuple[int, int], users: int = 10, asked: Any = ()
) -> Any:
    """A drill of which only milestones, time and continuity events are known; events by start and end.

    Nobody reaches the mail server from 0 on.
    """
    everybody = Users(1, users, [AppShare(100, None, True)], 0, (0, 0))
    mailboxes_lost(everybody, 0)
    for start_ms, end_ms in events:
        everybody.start_event(0, end_ms, start_ms)
    return SimpleNamespace(
        milestones=milestones,
        now_ms=now_ms,
        scenario=SimpleNamespace(objectives=asked, rules=read_house_rules(FILES)),
        world=SimpleNamespace(users=everybody),
        continuity=SimpleNamespace(started_by=lambda _event: ""),
    )


@pytest.mark.parametrize(
    ("events", "percent"),
    [
        ([(0, 120)], 100),
        ([(0, 60), (30, 90)], 75),
        ([(30, 90), (0, 60)], 75),
        ([(20, 80)], 50),
        ([(0, 90), (30, 60)], 75),
        ([(0, 60), (61, 400)], 99),
        ([(0, 40)], 33),
    ],
)
def test_time_that_two_events_cover_counts_once(events: list[tuple[int, int]], percent: int) -> None:
    """From the first event to the return two hours later; rounded down."""
    first_ms = min(start_ms for start_ms, _end_ms in events)
    end_ms = first_ms + 120
    drill = drill_of({"outage.start": 0, "outage.end": end_ms}, 500, *events)
    assert FIGURES["continuity-covered-percent"].measure(drill) == percent


def test_where_no_time_was_to_be_covered_nothing_is_measured() -> None:
    for milestones, events in (
        ({}, [(0, 9)]),
        ({"outage.start": 0, "outage.end": 60}, []),
        ({"outage.start": 0, "outage.end": 60}, [(60, 90)]),
        ({"outage.start": 60}, [(0, 9)]),
    ):
        assert FIGURES["continuity-covered-percent"].measure(drill_of(milestones, 60, *events)) is None


def test_who_starts_late_or_never_has_left_users_uncovered_from_when_an_event_was_due() -> None:
    """Due when the objective on it fails; where there is none, an hour after the onset."""
    came = {"outage.start": 0, "alert.first": 7 * MINUTE_MS, "outage.end": 31 * HOUR_MS}
    late = (30 * HOUR_MS, 34 * HOUR_MS)
    covered = FIGURES["continuity-covered-percent"].measure
    assert covered(drill_of(came, 40 * HOUR_MS, late)) == 3, "one of thirty hours"
    assert covered(drill_of(came, 40 * HOUR_MS)) == 0
    assert covered(drill_of(came, 40 * HOUR_MS, (50 * MINUTE_MS, 34 * HOUR_MS))) == 100
    asked = SimpleNamespace(
        met=(),
        failed=(Deadline(milestone="continuity.active", within={"alert.first": "20h53m"}),),
    )
    assert covered(drill_of(came, 40 * HOUR_MS, late, asked=(asked,))) == 10, "one of the last ten"


def test_an_event_covers_whom_it_is_for() -> None:
    drill = drill_of({"outage.start": 0, "outage.end": 120}, 500)
    users = drill.world.users
    some = np.arange(10) < 3
    users.start_event(0, 200, 20, some)
    assert FIGURES["continuity-covered-percent"].measure(drill) == 30
    users.start_event(0, 200, 70)
    assert FIGURES["continuity-covered-percent"].measure(drill) == 65, (
        "half of the time three, then all of ten"
    )
    users.reach(20, some)
    assert FIGURES["continuity-covered-percent"].measure(drill) == 100, "the others have their mailboxes"


def test_coverage_agrees_with_counting_every_user_in_every_millisecond() -> None:
    rng = np.random.default_rng(7)
    for _round in range(20):
        users = Users(1, 6, [AppShare(100, None, True)], 0, (0, 0))
        for at_ms in sorted(rng.choice(60, 3, replace=False).tolist()):
            users.reach(at_ms, rng.random(6) < 0.6)
        for _event in range(2):
            start_ms = int(rng.integers(0, 40))
            users.start_event(0, start_ms + int(rng.integers(1, 30)), start_ms, rng.random(6) < 0.5)
        from_ms, to_ms = 5, 55
        needed = covered = 0
        for t_ms in range(from_ms, to_ms):
            lost = users.absences.lost_at(np.arange(6), np.full(6, t_ms))
            inside = [
                any(
                    event.who[user] and event.start_ms <= t_ms < event.end_ms
                    for event in users.membership.events
                )
                for user in range(6)
            ]
            needed += int(lost.sum())
            covered += int((lost & np.array(inside)).sum())
        if needed:
            assert covered_user_ms(users, from_ms, to_ms) == (needed, covered)


def test_needless_is_what_nothing_spoke_for_when_it_was_done() -> None:
    def one(about: str, sound: bool, deed: bool = True) -> Judged:
        return Judged(0, about, "yes", "x", deed, sound, "x")

    drill = drill_of({}, 101 * HOUR_MS)
    drill.commands_given = 3
    drill.room = SimpleNamespace(judged=[one("pause", True), one("mx", False), one("pause", False, False)])
    assert FIGURES["needless-actions"].measure(drill) == 0, "right, of something else, or only written down"
    drill.room.judged += [one("pause", False), one("retention", False)]
    assert FIGURES["needless-actions"].measure(drill) == 2
    drill.room.judged += [one("outbound retention", False), one("outbound pause", True)]
    assert FIGURES["needless-actions"].measure(drill) == 3
    drill.commands_given = 0
    assert FIGURES["needless-actions"].measure(drill) is None, "whoever does nothing earns nothing by it"


def test_a_share_of_a_thousand_is_never_rounded_away() -> None:
    assert [permille(*pair) for pair in ((1, 3000), (3, 1000), (0, 9), (1, 0))] == [1, 3, 0, 0]


def test_only_figures_that_never_shrink_are_shown_early() -> None:
    """A figure that could still shrink would fail an objective that it meets at the end."""
    shown = [one.name for one in FIGURES.values() if one.seen is not None]
    assert shown
    assert [name for name in shown if not FIGURES[name].only_grows] == []


def test_each_figure_is_in_the_registry_once() -> None:
    themes = (calls, continuity, decisions, mail, protection, statements)
    assert sum(len(theme.FIGURES) for theme in themes) == len(FIGURES)
