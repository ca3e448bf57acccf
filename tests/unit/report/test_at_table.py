"""The debrief of an exercise: who did what, with names; the handout has none."""

from functools import cache

from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS
from sim.report.at_table import at_table, people_at, seat_line
from sim.report.debrief import debrief, doing_nothing
from sim.report.paper.evidence import Origin
from sim.report.paper.facts import facts_of
from sim.report.paper.folder import papers
from sim.report.text import debrief_text
from sim.table.exercise import Exercise
from tests.plays import ONSET_MS, play, small

NAMES = ("Mona", "Dorothea", "Faye")


@cache
def played() -> Session:
    exercise = Exercise.start(small(), 1, None, ("messaging", "dns", "lead"))
    for seat, person in zip(("messaging", "dns", "facilitator"), NAMES, strict=True):
        exercise.sit(seat, person)
    exercise.advance(ONSET_MS + HOUR_MS)
    exercise.do("dns", "Dorothea", "probe mx all")
    exercise.do("dns", "Dorothea", "mx set gateway")
    exercise.do("messaging", "Mona", "ask dns ttl set mx 5m")
    exercise.do("dns", "Dorothea", "deny 1 it is low enough")
    exercise.do("facilitator", "Faye", "note - Dorothea argued well")
    exercise.do("facilitator", "Faye", "freeze how long?")
    exercise.do("messaging", "Mona", "predict 3h sure=80")
    exercise.do("facilitator", "Faye", "go")
    exercise.advance(ONSET_MS + 2 * HOUR_MS)
    exercise.do("facilitator", "Faye", "endex")
    exercise.do("messaging", "Mona", "note after end")
    exercise.do("messaging", "Mona", "note after end")
    exercise.do("facilitator", "Faye", "note users-told late but clear")
    return exercise.session


def test_each_seat_has_its_people_and_what_they_did() -> None:
    told = at_table(played())
    assert told is not None
    lines = {one.seat: seat_line(one) for one in told.seats}
    assert lines["dns"] == "Dorothea: 2 commands (1 without effect), 1 other line (1 answer)"
    assert lines["messaging"] == "Mona: 2 commands (2 without effect), 2 other lines"
    assert lines["lead"] == "empty: played by the simulator"
    assert [(one.person, one.text, one.mark) for one in told.deeds][:2] == [
        ("Dorothea", "probe mx all from=outside", ""),
        ("Dorothea", "mx set gateway", "refused"),
    ]
    marks = {one.text: one.mark for one in told.deeds}
    assert marks["note after end"] == "refused"  # the drill was over
    assert marks["note - Dorothea argued well"] == marks["note users-told late but clear"] == ""
    assert people_at(played()) == {"Mona": "messaging", "Dorothea": "dns", "Faye": "facilitator"}


def test_the_debrief_names_people_their_notes_and_predictions() -> None:
    session = played()
    text = debrief_text(debrief(session, doing_nothing(session)))
    assert "At the table" in text
    assert "[Dorothea, dns]" in text
    assert "Mona (messaging) (how long?): 3h, 80 % sure" in text
    assert "Faye: Dorothea argued well" in text


def test_the_handout_has_no_names_and_anonymous_files_neither() -> None:
    session = played()
    facts, origin = facts_of(session), Origin("2026-01-01", "1", "0" * 64)
    found = papers(session, facts, None, origin)
    assert "Dorothea argued well" in found["debrief.html"]
    assert "Dorothea" in found["debrief.md"]
    assert "Dorothea" in found["table.csv"]
    assert not [name for name in NAMES if name in found["handout.html"]]
    assert "the player at dns" in found["handout.html"]
    for name, text in papers(session, facts, None, origin, anonymous=True).items():
        assert not [one for one in NAMES if one in text], name


def test_a_drill_of_one_person_has_no_table() -> None:
    session = play("2h", (), ONSET_MS)
    assert at_table(session) is None
    assert "At the table" not in debrief_text(debrief(session, doing_nothing(session)))
