"""The facilitator's typed lines: table commands, and lines about the seats, the truth and the script."""

from collections.abc import Callable

from sim.drill.session.load import load_scenario
from sim.kernel.duration import HOUR_MS
from sim.table.exercise import Exercise
from tests.plays import ONSET_MS, small
from tui.table.facilitator.panes import truth
from tui.table.facilitator.station import Station


def sitting() -> tuple[Exercise, Callable[[str], str]]:
    """An exercise, and a function that types a line and returns everything that it printed."""
    exercise = Exercise.start(small("8h"), 1, None, ("messaging", "dns"))
    said: list[str] = []
    station = Station(exercise, "Fay", said.append, links=lambda: ["a link"])
    station.begin()

    def typed(text: str) -> str:
        said.clear()
        station.give(text)
        station.show()
        return "\n".join(said)

    return exercise, typed


def test_one_laptop_is_enough_for_everyone() -> None:
    exercise, typed = sitting()
    assert "not a taken seat" in typed("free dns")
    assert "is empty; take it first" in typed("as dns probe mx all")
    assert "dns: you have the seat dns" in typed("seat dns Dan")
    assert "belongs to Dan at dns" not in typed("as dns probe mx all")
    assert [text for _t_ms, text in exercise.session.commands] == ["probe mx all from=outside"]
    assert "refused" in typed("seat dns")
    typed("free dns")
    assert exercise.person("dns") == ""


def test_a_person_whose_client_has_gone_is_listed_as_away() -> None:
    exercise = Exercise.start(small("8h"), 1, None, ("messaging", "dns"))
    said: list[str] = []
    station = Station(exercise, "Fay", said.append, away=lambda seat: seat == "dns")
    station.begin()
    exercise.sit("dns", "Dan")
    station.give("seats")
    assert [line.split()[:3] for line in said if line.startswith("dns")] == [["dns", "Dan", "(away)"]]


def test_the_station_shows_the_truth_the_script_and_the_links() -> None:
    exercise, typed = sitting()
    exercise.advance(ONSET_MS + HOUR_MS)
    assert " ! #" in typed("seats")  # the events so far, with the truth marked
    assert "in force" in typed("truth")
    assert "OVERDUE" in typed("script")
    assert typed("links") == "a link"
    assert typed("questions").startswith("? ")
    assert "fault insert" in typed("help")
    unknown = typed("xyzzy")
    assert "refused: unknown command" in unknown
    assert {"freeze", "go", "say", "tell", "note", "queue"} <= {*unknown.partition("from ")[2].split(", ")}
    assert "sit" not in unknown.split(", ")
    assert "did you mean `freeze`?" in typed("freze")
    assert "choose from fault insert, fault ramp" in typed("fault")
    assert "no such seat" in typed("as cook note hello")


def test_the_truth_of_a_dead_gateway_has_mail_at_senders_and_outbound_mail() -> None:
    exercise = Exercise.start(load_scenario("gateway-down", {"users": "50"}), 1, None, ("messaging",))
    said: list[str] = []
    exercise.advance(6 * HOUR_MS)
    Station(exercise, "Fay", said.append).give("truth")
    told, custody = exercise.truth(), exercise.session.drill.world.custody()
    assert (told.users_without_mail, told.queue, told.bounced) == (0, 0, 0)
    assert told.users_in_part == 50
    assert told.at_senders == custody["inbound"]["at_sender"] > 0
    assert told.outbound_queued == custody["outbound"]["server_queue"] > 0
    assert told.lost == custody["inbound"]["bounced"] > 0
    text = "\n".join(said)
    assert "0 users without mail, 50 with a mailbox but without the gateway" in text
    assert f"inbound: {told.at_senders:,} at senders" in text
    assert f"{told.lost:,} bounced, rejected or never sent (0 bounced by the gateway)" in text
    assert f"outbound: {told.outbound_queued:,} queued, 0 bounced or rejected" in text
    rows = truth(told, exercise.session.drill.clock, 80).rows
    shown = "".join(text for row in rows for text, _role in row)
    assert f"{told.at_senders:,} at senders" in shown
    assert f"{told.outbound_queued:,} queued" in shown
