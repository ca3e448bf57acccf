"""Branches: separate drills that share another drill's inputs, up to a moment or except for one command."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.drill.facilitation.inputs import AtTable, Input, command_in
from sim.drill.services.real_mail import Letter
from sim.drill.session.journal_reading import Link, chained
from sim.drill.session.session import DiskFull, Session
from sim.kernel.conductor import FOREVER_MS
from sim.kernel.frozen import frozen
from sim.kernel.user_mistake import Mistake


class NoBranch(Mistake):
    """A change that the drill does not allow: the mistake, and the right form."""


@frozen
class Difference:
    """The difference between a branch and its parent."""

    at_ms: int | None = None
    """Time after which the parent's inputs are left out (with `instead`, also those at this time); None:
    all are kept.
    """
    without: int | None = None
    """Number, from 1, of the parent's command to leave out."""
    instead: str = ""
    """A command to be given in place of that command, or at `at_ms`; empty if there is none."""


@frozen
class NumberedCommand:
    """A command of a drill by its number, from 1."""

    number: int
    t_ms: int
    text: str


def given(session: Session) -> tuple[NumberedCommand, ...]:
    """Every command in `session`, including refused commands, in order."""
    return tuple(NumberedCommand(number, *each) for number, each in enumerate(session.commands, 1))


def changed(inputs: Sequence[Input], change: Difference) -> tuple[Input, ...]:
    """`inputs` with `change`. Raises NoBranch if the change names a command that does not exist."""
    kept: list[Input] = []
    number = 0
    last_ms = FOREVER_MS if change.at_ms is None else change.at_ms - bool(change.instead)
    for moment_ms, what in inputs:
        command = command_in(what) is not None
        number += command
        left_out = command and number == change.without
        if left_out and change.instead and change.at_ms is None:
            kept.append((moment_ms, change.instead))
        elif not left_out and moment_ms <= last_ms:
            kept.append((moment_ms, what))
    if change.without is not None and not 1 <= change.without <= number:
        raise NoBranch(f"no command has the number {change.without}; the drill has {number}")
    if change.instead and change.at_ms is not None:
        kept.append((change.at_ms, change.instead))
    return tuple(kept)


def give_again(session: Session, inputs: Sequence[Input], to_ms: int) -> Session:
    """`session` after `inputs`, each given at its time, run to `to_ms` or to its end."""
    for moment_ms, what in inputs:
        session.advance(moment_ms)
        if session.ended:
            break
        if isinstance(what, str):
            session.dispatch(what)
        elif isinstance(what, Letter):
            session.receive(what)
        elif isinstance(what, AtTable):
            if what.word:
                session.speak(what.text, what.by)
            else:
                session.dispatch(what.text, what.by)
        else:
            session.assign(what.text, what.to)
    session.advance(to_ms)
    return session


def last_moment_ms(session: Session) -> int:
    """The time up to which another drill has to be run for a comparison with `session`: the end of the
    session, or its current time.
    """
    return FOREVER_MS if session.complete else session.now_ms


def branch(parent: Session, journal: Path, change: Difference, path: Path | None) -> Session:
    """A drill with `change`, saved at `path`; `parent` is the session of the journal at `journal`.

    The branch is run to its parent's current time, or only to `at_ms` if that is the whole change. If it
    differs in a command, all other commands have the same luck as in its parent. The branch includes its
    parent's real mail, but does not open ports. Raises NoBranch, BadJournal, DiskFull.
    """
    if change.at_ms is not None and change.at_ms > parent.now_ms:
        raise NoBranch("the drill has not reached that moment; choose an earlier one")
    inputs = changed(parent.inputs, change)
    launch = {key: value for key, value in parent.launch.items() if key in _OWN}
    origin = _origin(journal, _from_ms(parent, change), change)
    only_a_moment = change.without is None and not change.instead
    drawn = None if only_a_moment and parent.drawn is None else parent.drill.draw_keys.drawn
    session = Session.start(parent.original, parent.seed, path, launch, origin, parent.people, drawn)
    to_ms = change.at_ms if only_a_moment and change.at_ms is not None else last_moment_ms(parent)
    try:
        return give_again(session, inputs, to_ms)
    except DiskFull:
        session.discard()  # an incomplete branch would look like a complete one
        raise


_OWN = ("mode", "speed", "runbook", "plan", "table", "stop_word")
"""Keys of a launch that a branch takes over from its parent."""


def _from_ms(parent: Session, change: Difference) -> int:
    """The time at which the branch leaves its parent."""
    moments = [] if change.at_ms is None else [change.at_ms]
    moments += [one.t_ms for one in given(parent) if one.number == change.without]
    return min(moments, default=parent.now_ms)


def _origin(journal: Path, from_ms: int, change: Difference) -> dict[str, Any]:
    """The header key `parent`, which names the last entry that the branch shares; it stays valid if the
    file is renamed.
    """
    header: Link | None = None
    last: Link | None = None
    commands = 0
    for link in chained(journal):
        header = header or link
        commands += link.entry["is"] == "command"
        if link.entry.get("t", 0) > from_ms or (commands == change.without and link.entry["is"] == "command"):
            break
        last = link
    assert header is not None  # every journal has a header
    assert last is not None  # at least the header, which has no time
    return {"drill": journal.stem, "header": header.chain, "entry": last.chain, "t": from_ms}
