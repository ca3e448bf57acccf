"""Commands that a test gives to a drill, and what is said when they take effect."""

from sim.drill.commands.grammar import format_command
from sim.drill.commands.outcome import Accepted, Refused
from sim.drill.session.session import Session
from tests.plays import check_custody

SAID = ("done", "report", "note", "failed")


def accepted(session: Session, text: str) -> Accepted:
    """The answer of a command that is not refused; its effect is still to come."""
    answer = session.dispatch(text)
    assert isinstance(answer, Accepted), (text, answer)
    return answer


def done(session: Session, text: str) -> str:
    """Give a command and wait for its effect; what was said then, by the person who was given it."""
    answer = accepted(session, text)
    session.advance(answer.effective_ms + 1)
    check_custody(session)
    written = format_command(answer.command)
    said = [
        event
        for event in session.events()
        if event.t_ms == answer.effective_ms and event.ref == written and event.kind in SAID
    ]
    assert said[-1].source == answer.by
    return said[-1].text


def refused(session: Session, text: str) -> str:
    """Why a command is refused; nothing else comes of it."""
    before = len(session.events())
    answer = session.dispatch(text)
    assert isinstance(answer, Refused), (text, answer)
    assert [event.kind for event in session.events(before)] == ["refused"]
    return answer.reason


def open_kinds(session: Session) -> dict[str, bool]:
    """The kinds on the register of openings, and True for those still open."""
    return {one.kind: one.closed_ms is None for one in session.snapshot().room.openings}
