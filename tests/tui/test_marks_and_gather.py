from sim.drill.room.events import Event, EventKind
from tests.tui.fake_session import HOUR, snapshot_at
from tui.painting.changed_figures import Marks, figures_of
from tui.painting.grouped_events import GroupedEvents


def test_a_figure_is_marked_for_two_seconds_after_it_changed() -> None:
    marks = Marks()
    marks.update({"queue": 5}, 0.0)
    assert marks.of("queue") == " ", "the first sight of a figure is no change"
    marks.update({"queue": 7}, 10.0)
    assert marks.of("queue") == "▲"
    marks.update({"queue": 7}, 11.9)
    assert marks.of("queue") == "▲"
    marks.update({"queue": 7}, 12.0)
    assert marks.of("queue") == " "
    assert not marks.any
    marks.update({"queue": 6}, 13.0)
    assert marks.of("queue") == "▼"


def test_every_figure_of_the_console_can_be_marked() -> None:
    figures = figures_of(snapshot_at(4 * HOUR))
    named = {"queue", "oldest", "calls", "last-hour", "users-in", "pilots", "inbound gateway_queue"}
    assert named <= set(figures)
    assert figures["band 1-4 h"] > 0


def event(seq: int, kind: EventKind, text: str, source: str = "Service Monitor") -> Event:
    return Event(seq, seq * 60_000, kind, source, text)


def test_an_alert_that_repeats_is_one_entry_with_its_newest_numbers() -> None:
    gathered = GroupedEvents()
    gathered.add(
        [event(0, "monitor", "512 on retry (limit 500)"), event(1, "call", "Is it down?", "helpdesk")]
    )
    gathered.add(
        [event(2, "monitor", "1,008 on retry (limit 500)"), event(3, "monitor", "9 on retry; escalated")]
    )
    entries = gathered.newest_first()
    assert [(entry.event.seq, entry.times) for entry in entries] == [(3, 1), (2, 2), (1, 1)]
    assert entries[1].first_ms == 0


def test_what_people_say_or_do_is_never_gathered() -> None:
    gathered = GroupedEvents()
    gathered.add(
        [event(0, "call", "Well?"), event(1, "call", "Well?"), event(2, "note", "a"), event(3, "note", "a")]
    )
    assert len(gathered.newest_first()) == 4


def test_an_sms_and_a_monitor_of_one_text_stay_apart() -> None:
    gathered = GroupedEvents()
    gathered.add([event(0, "monitor", "512 on retry"), event(1, "sms", "512 on retry")])
    assert len(gathered.newest_first()) == 2
