"""Real messages in the drill: every event names its message."""

from dataclasses import replace

from sim.drill.session.session import Session
from tests.plays import LETTER, small


def test_a_message_without_a_subject_is_named_as_such() -> None:
    """A subject that cannot be read is empty, too."""
    session = Session(small(), 1, None)
    session.receive(replace(LETTER, subject=""))
    (event,) = [one for one in session.events() if one.kind == "mail"]
    assert event.text.startswith("(no subject): accepted from ")
